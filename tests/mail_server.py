"""A mail server on loopback, real SMTP over a socket, that takes letters or misbehaves as a test says."""

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Taken:
    """One message as it was handed over."""

    sender: str
    recipients: list[str]
    raw: bytes
    encrypted: bool

    @property
    def message(self) -> Message:
        return message_from_bytes(self.raw)

    @property
    def text(self) -> str:
        payload = self.message.get_payload(decode=True)
        return payload.decode() if isinstance(payload, bytes) else ""


@dataclass
class MailServer:
    """`answers`: what it says to a verb instead of 250 ("RCPT": "550 no such user"). `silent`: it never greets."""

    answers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    refuses_null_sender: bool = False
    hangs_up_after_data: bool = False
    certificate: Path | None = None
    taken: list[Taken] = field(default_factory=list)
    tries: int = 0

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._closing = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._socket.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        self.tries += 1
        with connection:
            if self.silent:
                self._closing.wait(30)
                return
            try:
                _Conversation(self, connection).run()
            except OSError:
                return


class _Conversation:
    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self.server, self.connection, self.encrypted = server, connection, False
        self.file = connection.makefile("rb")
        self.sender, self.recipients = "", []

    def say(self, line: str) -> None:
        self.connection.sendall(f"{line}\r\n".encode())

    def run(self) -> None:
        self.say("220 mail.test ready")
        while line := self.file.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if not self.answer(verb.upper(), rest):
                return

    def answer(self, verb: str, rest: str) -> bool:
        said = self.server.answers.get(verb)
        if said is not None:
            self.say(said)
            return not said.startswith("421")
        if verb in ("EHLO", "HELO"):
            self.say("250-mail.test\r\n250-STARTTLS\r\n250 8BITMIME" if self.server.certificate and not self.encrypted else "250 mail.test")
        elif verb == "STARTTLS" and self.server.certificate:
            self.say("220 go on")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.server.certificate)
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.file, self.encrypted = self.connection.makefile("rb"), True
        elif verb == "MAIL" and self.server.refuses_null_sender and "<>" in rest:
            self.say("550 5.7.60 not allowed to send as this sender")
        elif verb == "MAIL":
            self.sender, self.recipients = rest.partition("<")[2].partition(">")[0], []
            self.say("250 ok")
        elif verb == "RCPT":
            self.recipients.append(rest.partition("<")[2].partition(">")[0])
            self.say("250 ok")
        elif verb == "DATA":
            return self.take()
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("250 ok")
        return True

    def take(self) -> bool:
        self.say("354 go on")
        lines: list[bytes] = []
        while (line := self.file.readline()) not in (b".\r\n", b""):
            assert line.endswith(b"\r\n"), "a line end that SMTP does not know"
            lines.append(line[1:] if line.startswith(b"..") else line)
        end = self.server.answers.get("END", "250 taken")
        if end.startswith("250"):
            self.server.taken.append(Taken(self.sender, self.recipients, b"".join(lines), self.encrypted))
        self.say(end)
        return not self.server.hangs_up_after_data


def a_certificate(folder: Path) -> Path:
    """Key and self-signed certificate for 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail-server.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def mail_server(settings: object) -> Iterator[MailServer]:
    """The school's outgoing server; without encryption unless a test asks for it."""
    server = MailServer()
    settings.EMAIL_BACKEND = "vetting.correspondence.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", server.port
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_TIMEOUT = False, "", 5
    yield server
    server.close()
