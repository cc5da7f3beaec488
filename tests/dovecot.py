"""A real IMAP server for tests: Dovecot 2.3, started once, stopped at the end. Works as root and as an ordinary user.

Every user name is let in with the same password, or with a token of the modern sign-in (XOAUTH2), and has a mailbox of its own, so
tests never meet each other's mail.
"""

import base64
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import jwt
import pytest

CONFIGURATION = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {root}/oauth2.conf
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={root}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps_port}
    ssl = yes
  }}
}}
"""

# All six lines are needed: without one of the last three the server's sign-in process stops.
TOKENS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={root}/keys/
username_attribute = email
active_attribute =
active_value =
tokeninfo_url =
"""
TOKEN_SECRET = "not-a-real-secret-for-tests-only"


@dataclass
class Dovecot:
    """A running server. `user` and `password` open one mailbox; any other user name opens another."""

    root: Path
    imap_port: int
    imaps_port: int
    owner: tuple[int, int]
    host: str = "127.0.0.1"
    user: str = "office@school.test"
    password: str = "office-pass"
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def certificate(self) -> Path:
        """What a client must trust to accept this server's certificate, which names 127.0.0.1 and localhost."""
        return self.root / "cert.pem"

    def new_user(self) -> str:
        return f"office{next(self._numbers)}-{time.time_ns()}@school.test"

    def token(self, user: str = "", *, good_for: int = 3600, **claims: object) -> str:
        """A token that opens a user's mailbox for so many seconds; in the past when negative. By the real clock: the server judges it."""
        at = int(time.time())
        said = {"email": user or self.user, "sub": user or self.user, "iat": at - 9999, "nbf": at - 9999, "exp": at + good_for, **claims}
        return jwt.encode(said, TOKEN_SECRET, algorithm="HS256")

    def deliver(self, raw: bytes, user: str = "", *, folder: str = "", read_by_staff: bool = False) -> None:
        """Put a message into a mailbox, byte for byte; `read_by_staff` as if a colleague had opened it first."""
        mailbox = self._folder(user, folder)
        name = f"{time.time_ns()}.{next(self._numbers)}.test"
        part = mailbox / "tmp" / name
        part.write_bytes(raw)
        os.chown(part, *self.owner)
        part.rename(mailbox / "cur" / f"{name}:2,S" if read_by_staff else mailbox / "new" / name)

    def flags(self, user: str = "") -> list[str]:
        """The flags of every message, as the server keeps them in the names of its files; "" for one never opened."""
        mailbox = self._folder(user)
        return sorted(path.name.partition(":2,")[2] for place in ("new", "cur") for path in (mailbox / place).iterdir())

    def renumber(self, user: str = "") -> None:
        """Make the server forget its numbering: a new UIDVALIDITY, and numbers from 1."""
        for path in self._folder(user).iterdir():
            if path.name.startswith(("dovecot-uidlist", "dovecot-uidvalidity", "dovecot.index", "dovecot.list")):
                path.unlink()
        # UIDVALIDITY is a second; two numberings within one would look alike.
        time.sleep(1.1)

    def _folder(self, user: str, folder: str = "") -> Path:
        home = self.root / "home" / (user or self.user)
        mailbox = home / "Maildir" / (f".{folder.replace('/', '.')}" if folder else "")
        for path in (home, home / "Maildir", mailbox, *(mailbox / place for place in ("new", "cur", "tmp"))):
            if not path.exists():
                path.mkdir()
                os.chown(path, *self.owner)
        return mailbox


class NoDovecot(RuntimeError):
    """The server cannot be run here; the text says why."""


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with ExitStack() as opened:
        try:
            server = opened.enter_context(a_server())
        except NoDovecot as absent:
            pytest.skip(str(absent))
        yield server


@contextmanager
def a_server() -> Iterator[Dovecot]:
    """A running server for as long as the block lasts. Raises NoDovecot."""
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if program is None:
        raise NoDovecot("Dovecot is not installed on this machine (Debian: dovecot-imapd).")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if not version.startswith("2.3"):
        raise NoDovecot(f"The test server's configuration is for Dovecot 2.3; here is {version.strip()}.")
    # Sockets live below this folder and their paths must be short.
    root = Path(tempfile.mkdtemp(prefix="dc-", dir="/tmp"))
    server = _configured(root)
    running = subprocess.Popen([program, "-F", "-c", str(root / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(server, running)
        yield server
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=20)
        shutil.rmtree(root, ignore_errors=True)


def _configured(root: Path) -> Dovecot:
    root.chmod(0o755)
    for name in ("run", "state", "home"):
        (root / name).mkdir()
    if os.getuid() == 0:
        # Dovecot does not serve mail as root.
        owner = (pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid)
        internal_user, internal_group, login_user = "dovecot", "dovecot", "dovenull"
    else:
        owner = (os.getuid(), os.getgid())
        internal_user = login_user = pwd.getpwuid(os.getuid()).pw_name
        internal_group = grp.getgrgid(os.getgid()).gr_name
    os.chown(root / "home", *owner)
    server = Dovecot(root, _free_port(), _free_port(), owner)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", root / "key.pem", "-out", root / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    key = root / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_text(base64.b64encode(TOKEN_SECRET.encode()).decode())
    (root / "oauth2.conf").write_text(TOKENS.format(root=root))
    (root / "dovecot.conf").write_text(
        CONFIGURATION.format(
            root=root,
            internal_user=internal_user,
            internal_group=internal_group,
            login_user=login_user,
            mail_user=owner[0],
            mail_group=owner[1],
            password=server.password,
            imap_port=server.imap_port,
            imaps_port=server.imaps_port,
        )
    )
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: Dovecot, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if running.poll() is not None:
            break
        try:
            with socket.create_connection((server.host, server.imap_port), timeout=2) as connection:
                if connection.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    log = server.root / "dovecot.log"
    pytest.fail(f"Dovecot did not start: {log.read_text() if log.exists() else 'no log'}")
