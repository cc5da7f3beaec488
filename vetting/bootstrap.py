"""From a bare Python to the packages in the lock files: standard library only, and readable by Pythons too old to run the rest.

`manage.py` calls `enter_environment` first. The first time it makes `.venv` beside `manage.py` and fills it; afterwards a stamp
tells that nothing changed, and it costs a few milliseconds.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import ssl
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VENV = BASE_DIR / ".venv"
OLDEST_PYTHON = (3, 11)
# Where systems keep the certificates they trust, for a Python that was built to look elsewhere.
CERTIFICATE_FILES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
UNREACHABLE = re.compile(r"connection|timed? ?out|resol|unreachable|proxy|from versions: none", re.IGNORECASE)
UNTRUSTED = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLError|invalid CA|TLS CA certificate", re.IGNORECASE)


def enter_environment(arguments: list[str]) -> None:
    """Go on in an interpreter that has the packages: this one, or `.venv`'s, where the same command is run again.

    Raises:
        SystemExit: with one sentence when that cannot be done, or with the command's own exit code.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise SystemExit(_too_old())
    if os.environ.get("KNOWN_FOLLOWERS_NO_BOOTSTRAP"):
        return
    if sys.prefix != sys.base_prefix:
        _expect_packages()
        return
    from vetting import env  # needs a Python that is new enough

    env.read_dotenv()
    locks = [BASE_DIR / "requirements.txt"]
    if arguments[1:2] == ["test"]:
        locks.append(BASE_DIR / "requirements-dev.txt")
    missing = [lock for lock in locks if not _is_installed(lock)]
    if missing:
        wheels, bundle = env.text("WHEELS"), env.text("CA_BUNDLE")
        if wheels and not Path(wheels).is_dir():
            raise SystemExit(f"Setting WHEELS: there is no folder {wheels}.")
        if bundle and not Path(bundle).is_file():
            raise SystemExit(f"Setting CA_BUNDLE: there is no file {bundle}.")
        _say("Setting up, once: fetching the packages into .venv. This takes about half a minute.")
        try:
            _install(_make_environment(), missing, wheels=wheels, bundle=bundle)
        except KeyboardInterrupt:
            raise SystemExit("Stopped. Run the same command again to go on.") from None
    _run_again(arguments)


def _too_old() -> str:
    return (
        "Known Followers needs Python {}.{} or newer; this is Python {}.{}. "
        "Install a newer Python and run the same command with it.".format(*OLDEST_PYTHON, *sys.version_info[:2])
    )


def _expect_packages() -> None:
    if importlib.util.find_spec("django") is None:
        raise SystemExit(
            "This virtual environment lacks the packages. Leave it (deactivate) and run the command again, "
            "or fill it: python -m pip install --require-hashes -r requirements.txt -r requirements-dev.txt"
        )


def _python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _stamp(lock: Path) -> Path:
    return VENV / f"installed-{lock.stem}"


def _fingerprint(lock: Path) -> str:
    """Changes with the lock and with the Python that `.venv` was made from."""
    return hashlib.sha256(f"{sys.version} {sys.base_prefix}".encode() + lock.read_bytes()).hexdigest()


def _is_installed(lock: Path) -> bool:
    stamp = _stamp(lock)
    return stamp.is_file() and stamp.read_text("utf-8") == _fingerprint(lock)


def _make_environment() -> list[str]:
    """Make `.venv`, or make it anew when another Python made it. Returns the command of a pip that installs into it.

    Where this Python has pip (22.3 or newer), that one works on `.venv` from outside, which saves seconds and needs no
    ensurepip: Debian's bare Python has none. Otherwise `.venv` gets a pip of its own.
    """
    import venv

    outer, inner = [sys.executable, "-m", "pip", "--python", str(_python())], [str(_python()), "-m", "pip"]
    made_by, this = VENV / "made-by", f"{sys.version} {sys.base_prefix}"
    if not made_by.is_file() or made_by.read_text("utf-8") != this:
        try:
            venv.EnvBuilder(clear=True, symlinks=os.name != "nt").create(VENV)
        except OSError as error:
            raise SystemExit(f"The folder {VENV} cannot be made ({error.strerror}). Unpack Known Followers where you may write.") from error
        made_by.write_text(this, "utf-8")
    for pip in (outer, inner):
        if _works([*pip, "--version"]):
            return pip
    if importlib.util.find_spec("ensurepip") and _works([str(_python()), "-m", "ensurepip", "--default-pip"]):
        return inner
    package = "python3-pip" if sys.platform == "linux" else "pip"
    how = f"sudo apt install {package}" if Path("/etc/debian_version").exists() else "python -m ensurepip"
    raise SystemExit(f"One package is missing: {package} (22.3 or newer). Install it, then run the same command again. For example: {how}")


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _install(pip: list[str], locks: list[Path], *, wheels: str, bundle: str) -> None:
    """Install lock files by hash, from the index pip is set to use or from a folder of wheels; stamp them last."""
    certificates = _certificates(pip, bundle)
    command = [*pip, "install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "2", "--no-compile"]
    command += ["--require-hashes", "--only-binary", ":all:"]
    if wheels:
        command += ["--no-index", "--find-links", wheels]
    if certificates:
        command += ["--cert", certificates]
    for lock in locks:
        command += ["--requirement", str(lock)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if done.returncode:
        raise SystemExit(_explain(done.stdout, wheels=wheels, certificates=certificates or os.environ.get("PIP_CERT", "")))
    for lock in locks:
        _stamp(lock).write_text(_fingerprint(lock), "utf-8")


def _certificates(pip: list[str], bundle: str) -> str:
    """The file of trusted certificates to hand to pip: CA_BUNDLE, else the system's, unless pip was told of one already."""
    if bundle:
        return bundle
    if _works([*pip, "config", "get", "global.cert"]) or os.environ.get("PIP_CERT"):
        return ""
    if os.name == "nt":
        return _export_windows_store()
    candidates = [ssl.get_default_verify_paths().cafile or "", *CERTIFICATE_FILES]
    return next((path for path in candidates if path and Path(path).is_file()), "")


def _export_windows_store() -> str:
    """Windows keeps its certificates in a store, not in a file; older pips can only read a file."""
    trusted = ssl.create_default_context().get_ca_certs(binary_form=True)
    if not trusted:
        return ""
    path = VENV / "system-certificates.pem"
    path.write_text("".join(ssl.DER_cert_to_PEM_cert(certificate) for certificate in trusted), "ascii")
    return str(path)


def _explain(output: str, *, wheels: str, certificates: str) -> str:
    """One sentence for the person at the keyboard, below pip's last lines."""
    last = "\n".join(output.strip().splitlines()[-4:])
    if UNTRUSTED.search(output):
        source = f"the certificates in {certificates}" if certificates else "pip's own list of certificates"
        sentence = (
            f"The packages could not be fetched: the certificate shown by the network is not trusted by {source}. "
            "If your school's network inspects encrypted traffic, put the network's own certificate into a file and name that file "
            "as CA_BUNDLE=… in the file .env beside manage.py."
        )
    elif wheels:
        sentence = f"The folder {wheels} (setting WHEELS) lacks a package or holds another version than requirements.txt asks for."
    elif UNREACHABLE.search(output):
        sentence = (
            "The packages could not be fetched: the package index cannot be reached from here. Without a network, bring the wheels in a "
            "folder (elsewhere: python3 -m pip download -r requirements.txt -d wheels) and name it: WHEELS=wheels python3 manage.py up"
        )
    else:
        sentence = "The packages could not be installed; pip's last words are above. Nothing else was changed."
    return f"{last}\n\n{sentence}"


def _run_again(arguments: list[str]) -> None:
    """The same command in `.venv`. Windows has no exec, so there we wait and pass the exit code on."""
    python = str(_python())
    if os.name != "nt":
        os.execv(python, [python, *arguments])
    child = subprocess.Popen([python, *arguments])
    while True:
        try:
            raise SystemExit(child.wait())
        except KeyboardInterrupt:
            continue  # the console told the child as well; it ends in its own time


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
