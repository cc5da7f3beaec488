"""manage.py on machines that are not ready: too old a Python, no packages, no network, a proxy that inspects."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.given_processes import clean_environment
from vetting import bootstrap
from vetting.env import BASE_DIR


def test_manage_py_can_be_read_by_a_python_that_is_too_old_to_run_it() -> None:
    for path in ("manage.py", "vetting/bootstrap.py", "vetting/__init__.py"):
        ast.parse((BASE_DIR / path).read_text("utf-8"), feature_version=(3, 8))


def test_an_old_python_gets_one_sentence() -> None:
    script = "import sys; sys.version_info = (3, 10, 4); sys.argv = ['manage.py', 'up']; exec(open('manage.py').read())"
    done = subprocess.run([sys.executable, "-c", script], cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.strip() == (
        "Known Followers needs Python 3.11 or newer; this is Python 3.10. Install a newer Python and run the same command with it."
    )


def test_the_bootstrap_imports_nothing_but_the_standard_library() -> None:
    script = (
        "import sys; from vetting import bootstrap; print(sorted({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=BASE_DIR, env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert set(ast.literal_eval(done.stdout)) <= {"__main__", "vetting"}


def test_nothing_is_fetched_again_until_a_lock_or_the_python_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    lock = tmp_path / "requirements.txt"
    lock.write_text("django==5.2\n")
    assert not bootstrap._is_installed(lock)
    bootstrap._stamp(lock).write_text(bootstrap._fingerprint(lock))
    assert bootstrap._is_installed(lock)
    lock.write_text("django==5.2.1\n")
    assert not bootstrap._is_installed(lock)
    lock.write_text("django==5.2\n")
    monkeypatch.setattr(sys, "version", "3.14.0 (another)")
    assert not bootstrap._is_installed(lock)


def test_a_certificate_nobody_trusts_is_explained_with_the_file_that_was_asked() -> None:
    words = "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate'))"
    sentence = bootstrap._explain(words, wheels="", certificates="/etc/ssl/school.pem")
    assert "not trusted by the certificates in /etc/ssl/school.pem" in sentence
    assert "CA_BUNDLE" in sentence


def test_ca_bundle_wins_over_the_systems_certificates() -> None:
    assert bootstrap._certificates([sys.executable, "-m", "pip"], "/etc/school.pem") == "/etc/school.pem"


def _bare_copy(folder: Path) -> Path:
    """The files the bootstrap needs, somewhere without .venv, run by the Python this virtual environment was made from."""
    (folder / "vetting").mkdir(parents=True)
    for name in ("manage.py", "requirements.txt", "vetting/__init__.py", "vetting/bootstrap.py", "vetting/env.py"):
        (folder / name).write_text((BASE_DIR / name).read_text("utf-8"))
    return folder


def test_a_python_without_pip_is_told_which_one_package_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "_works", lambda command: False)
    with pytest.raises(SystemExit, match="One package is missing: python3-pip") as refused:
        bootstrap._make_environment()
    assert "\n" not in str(refused.value)


def _outer_python() -> str:
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")


@pytest.mark.skipif(not Path(_outer_python()).exists(), reason="the outer Python is not where it usually is")
@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"PIP_INDEX_URL": "https://index.invalid/simple"}, "the package index cannot be reached from here"),
        ({"WHEELS": "wheels-that-are-not-there"}, "Setting WHEELS: there is no folder wheels-that-are-not-there."),
        ({"WHEELS": "."}, "The folder . (setting WHEELS) lacks a package"),
        ({"CA_BUNDLE": "no-such.pem"}, "Setting CA_BUNDLE: there is no file no-such.pem."),
    ],
)
def test_what_cannot_be_fetched_is_said_in_one_sentence(tmp_path: Path, told: dict[str, str], sentence: str) -> None:
    folder = _bare_copy(tmp_path / "clone")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null", "PIP_DEFAULT_TIMEOUT": "2", **told}
    done = subprocess.run([_outer_python(), "manage.py", "check"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / ".venv" / "installed-requirements").exists()
