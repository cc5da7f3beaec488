"""Scenes about who really sent a message: a signer of our own, a name server on loopback, and a mail server between us and the mailbox.

The signer is written apart from the product's check, step by step after RFC 6376, so that one mistake is not made twice.
"""

import base64
import hashlib
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from tests import given
from tests.given_intake import RECEIVER, mail_arrives
from vetting.correspondence.operations import send_probe, send_probes
from vetting.intake.models import IntakeSource, Probe, VerificationEmail
from vetting.intake.signing_keys import Resolve, asking
from vetting.values import MailAddress

MAIL = (
    b"From: Dana Hill <dana@example.org>\r\nTo: office@st-example.test\r\nSubject: Twitter\r\nDate: Mon, 9 Nov 2026 09:00:00 +0000\r\n"
    b"Message-ID: <1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nMy Twitter name is @dana_h84.\r\n"
    b"I am the parent of  Ada Hill (6B). \r\n\r\n\r\n"
)
CAME_IN = f"Received: from mail.example.org (mail.example.org [203.0.113.7]) by {RECEIVER}; Mon, 9 Nov 2026 09:00:00 +0000\r\n".encode()


@dataclass
class Signer:
    """Somebody who signs mail. `record` is what the domain's DNS says of the key."""

    domain: str = "example.org"
    selector: str = "s1"
    kind: str = "rsa"
    bits: int = 1024
    record: str = field(init=False)

    def __post_init__(self) -> None:
        if self.kind == "rsa":
            self._key = rsa.generate_private_key(65537, self.bits)
            public = self._key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        else:
            self._key = ed25519.Ed25519PrivateKey.generate()
            public = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.record = f"v=DKIM1; k={self.kind}; p={base64.b64encode(public).decode()}"

    @property
    def name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}."

    @property
    def keys(self) -> dict[tuple[str, str], str]:
        return {(self.selector, self.domain): self.record}

    def sign(
        self, mail: bytes, *, way: str = "relaxed/relaxed", names: str = "From:To:Subject:Date", extra: str = "", **tags: str
    ) -> bytes:
        """The message with a signature on top. `extra` are further tags; `tags` replace those written otherwise."""
        head, _, body = mail.partition(b"\r\n\r\n")
        headers_way, _, body_way = way.partition("/")
        digest = hashlib.sha256(self._body(body, body_way, extra)).digest()
        values = {
            "v": "1",
            "a": f"{self.kind}-sha256",
            "c": way,
            "d": self.domain,
            "s": self.selector,
            "h": names,
            "bh": base64.b64encode(digest).decode(),
        } | tags
        written = "; ".join(f"{name}={value}" for name, value in values.items()) + (f"; {extra}" if extra else "") + "; b="
        fields = re.split(rb"\r\n(?![ \t])", head)
        signed = b""
        for name in names.split(":"):
            matching = [one for one in fields if one.lower().startswith(name.strip().lower().encode() + b":")]
            if matching:
                fields.remove(last := matching[-1])
                signed += self._field(last, headers_way) + b"\r\n"
        signed += self._field(f"DKIM-Signature: {written}".encode(), headers_way)
        value = (
            self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
            if self.kind == "rsa"
            else self._key.sign(hashlib.sha256(signed).digest())
        )
        return f"DKIM-Signature: {written}{base64.b64encode(value).decode()}\r\n".encode() + mail

    @staticmethod
    def _field(one: bytes, way: str) -> bytes:
        if way == "simple":
            return one
        name, _, value = one.partition(b":")
        return name.lower().rstrip() + b":" + b" ".join(re.sub(rb"[ \t\r\n]+", b" ", value).split())

    @staticmethod
    def _body(body: bytes, way: str, extra: str) -> bytes:
        lines = body.split(b"\r\n")
        if way == "relaxed":
            lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
        while lines and not lines[-1]:
            lines.pop()
        whole = b"".join(line + b"\r\n" for line in lines) or (b"\r\n" if way == "simple" else b"")
        length = re.search(r"\bl=(\d+)", extra)
        return whole[: int(length.group(1))] if length else whole


class NameServer:
    """A real name server on loopback: UDP, TXT records only. `asked` counts the questions; `silent` ones get "server failure"."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self.silent: set[str] = set()
        self.asked: list[str] = []

    def answer(self, question: bytes) -> bytes:
        query = dns.message.from_wire(question)
        name = query.question[0].name.to_text()
        self.asked.append(name)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if name in self.silent:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif name in self.records:
            text = self.records[name]
            pieces = " ".join(f'"{text[place : place + 200]}"' for place in range(0, len(text), 200)) or '""'
            reply.answer.append(dns.rrset.from_text(name, 300, "IN", "TXT", pieces))
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()


@contextmanager
def a_name_server() -> Iterator[tuple[NameServer, Resolve]]:
    """The server, and a way to ask it."""
    names = NameServer()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            socket.sendto(names.answer(data), self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        yield names, asking(resolver)
        server.shutdown()
        thread.join()


def delivered(sent: bytes, *, by: str = RECEIVER, verdict: str = "", forged: str = "removed", below: bool = False) -> bytes:
    """What a mail server does with a message that comes to it: its own verdict and line on top, and one of three things with results
    that somebody else wrote: "removed", "renamed" or "left"."""
    head, separator, body = sent.replace(b"\r\n", b"\n").partition(b"\n\n")
    if forged == "removed":
        head = re.sub(rb"(?im)^authentication-results:.*\n(?:[ \t].*\n)*", b"", head + b"\n").rstrip(b"\n")
    elif forged == "renamed":
        head = re.sub(rb"(?im)^authentication-results:", b"X-Original-Authentication-Results:", head)
    line = f"Received: from out.known-followers.test (out.known-followers.test [203.0.113.9]) by {by}; Mon, 9 Nov 2026 09:00:00 +0000\n"
    own = f"Authentication-Results: {verdict}\n" if verdict else ""
    return (line + own if below else own + line).encode() + head + separator + body


def a_test_message(source: IntakeSource, by: object, mailbox: list, *, at: datetime = given.MONDAY) -> tuple[Probe, bytes]:
    """A test message asked for and sent; and its bytes as they left."""
    probe = send_probe(source=source, to_address=MailAddress.parse("office@st-example.test"), by=by, at=at)
    assert send_probes(at=at) == 1
    probe.refresh_from_db()
    return probe, mailbox[-1].message().as_bytes()


def it_arrives(source: IntakeSource, probe: Probe, raw: bytes, *, at: datetime = given.MONDAY) -> VerificationEmail:
    """The message comes into the mailbox, is read, and the probe and the source know it."""
    email = mail_arrives(source, raw, at=at)
    probe.refresh_from_db()
    source.refresh_from_db()
    return email
