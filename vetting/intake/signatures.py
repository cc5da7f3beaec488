"""Does a message's own DKIM signature fit? RFC 6376, with the algorithms of RFC 8301 and RFC 8463. Pure; the keys are given.

Facts come out, not opinions: what a whole signature is worth is said in authenticity. Every step is linear in the message, and
keys, signatures and fields are counted, because whoever signs chooses all of them. docs/decisions/0007 says why this is our own.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from vetting.intake.domains import aligned, tidy, within

MOST_SIGNATURES = 5
KEY_CHARACTERS = 4_096
_HEADER_BYTES = 256 * 1024
_FIELDS = 500  # as many as readers of the message look at (parsing.heading)
# Readers show or obey one of these, mostly the first; a signature holds the last. A message may have one of each (RFC 5322, 3.6).
_ONCE = ("from", "subject", "reply-to", "date", "content-type", "content-transfer-encoding")
_SMALLEST_RSA, _LARGEST_RSA = 1024, 4096  # bits; RFC 8301, section 3.2, and a bound on our own work
# Clocks differ; a signature from the near future is not held against anybody.
_CLOCKS = timedelta(hours=1)
_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_\-]{0,62})(?:\.[a-z0-9_][a-z0-9_\-]{0,62})*")
_B_VALUE = re.compile(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
_SPACES = re.compile(rb"[ \t]+")

KeyName = tuple[str, str]
Field = tuple[str, bytes]


class Verdict(StrEnum):
    """What became of one signature. UNKNOWN: its key was not given, or it is of a kind we do not judge."""

    PASS = "PASS"  # noqa: S105  # a verdict, not a secret
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class SignatureFact:
    """One signature: whose, whether it fits, and the two things that make a fitting one worth less.

    `heading_signed` says that From and Subject are covered and that nothing could be put on top of what was signed to be read in its
    place (RFC 6376, section 8.15); `has_length` that text could be added below without breaking it (`l=`).
    """

    domain: str
    selector: str
    verdict: Verdict
    heading_signed: bool
    has_length: bool
    reason: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SignatureFact":
        """The inverse of `as_json`. Raises KeyError, TypeError or ValueError when `data` is something else."""
        return cls(**{**data, "verdict": Verdict(data["verdict"])})


class _Unfit(Exception):
    """Why a signature does not count."""

    def __init__(self, reason: str, verdict: Verdict = Verdict.FAIL) -> None:
        super().__init__(reason)
        self.reason = reason
        self.verdict = verdict


class _Body:
    """The text below the headers; each of its canonical forms is made once, however many signatures there are."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._forms: dict[bool, bytes] = {}

    def digest(self, *, relaxed: bool, length: str) -> bytes:
        """The SHA-256 that a signature should hold, over the first `length` bytes ("": all). Raises _Unfit."""
        if relaxed not in self._forms:
            self._forms[relaxed] = _canonical_body(self._text, relaxed=relaxed)
        form = self._forms[relaxed]
        return hashlib.sha256(_beginning(form, length) if length else form).digest()


def check_signatures(raw: bytes, keys: Mapping[KeyName, str], *, at: datetime, sender_domain: str = "") -> list[SignatureFact]:
    """Check up to five signatures, from the top of the message. Never raises for what is in it.

    Args:
        raw: the message with any line ends.
        keys: the key records by selector and domain; "" where there is none. A signature whose key is missing here is UNKNOWN,
            so a call without keys tells which are wanted.
        at: when the message was received; signatures expire.
        sender_domain: look only at signatures that can vouch for this domain; "" looks at all.
    """
    head, text = _split(raw)
    fields, body = _fields(head), _Body(text)
    facts: list[SignatureFact] = []
    for index, (name, field) in enumerate(fields):
        if name != "dkim-signature":
            continue
        tags = _tags(_value(field).decode("ascii", "replace"))
        domain, selector = tidy(tags.get("d", "")), tidy(tags.get("s", ""))
        if sender_domain and not aligned(domain, sender_domain):
            continue
        try:
            _check(index, fields, body, tags, keys, at)
            verdict, reason = Verdict.PASS, ""
        except _Unfit as unfit:
            verdict, reason = unfit.verdict, unfit.reason
        facts.append(SignatureFact(domain[:253], selector[:200], verdict, _heading_signed(fields, tags), "l" in tags, reason))
        if len(facts) == MOST_SIGNATURES:
            break
    return facts


def _heading_signed(fields: list[Field], tags: dict[str, str]) -> bool:
    """Whether what a reader shows above the text is what was signed: a line put on top of it leaves most signatures whole."""
    present = [name for name, _ in fields]
    covered = {"from", "subject"} & {"from", *present} <= set(_signed_names(tags))
    return covered and all(present.count(name) <= 1 for name in _ONCE)


def _check(index: int, fields: list[Field], body: "_Body", tags: dict[str, str], keys: Mapping[KeyName, str], at: datetime) -> None:
    """Raises _Unfit unless the signature in field `index` fits."""
    selector, domain = _check_tags(tags, at)
    algorithm = tags["a"].lower()
    header_way, _, body_way = tags.get("c", "simple/simple").lower().partition("/")
    body_way = body_way or "simple"
    if not {header_way, body_way} <= {"simple", "relaxed"}:
        raise _Unfit("unknown canonicalization")
    if (selector, domain) not in keys:
        raise _Unfit("key not given", Verdict.UNKNOWN)
    key = _read_key(keys[selector, domain], algorithm, tags, domain)
    if body.digest(relaxed=body_way == "relaxed", length=tags.get("l", "")) != _binary(tags["bh"]):
        raise _Unfit("the body was changed")
    signed = _signed_bytes(index, fields, _signed_names(tags), relaxed=header_way == "relaxed")
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(_binary(tags["b"]), signed, padding.PKCS1v15(), SHA256())
        else:
            key.verify(_binary(tags["b"]), hashlib.sha256(signed).digest())
    except InvalidSignature as error:
        raise _Unfit("the signature does not fit the headers") from error


def _check_tags(tags: dict[str, str], at: datetime) -> KeyName:
    """What the signature itself says must make sense (RFC 6376, section 3.5). Returns selector and domain, tidied. Raises _Unfit."""
    missing = {"v", "a", "b", "bh", "d", "h", "s"} - tags.keys()
    if missing or tags["v"] != "1":
        raise _Unfit("not a DKIM signature we know")
    if tags["a"].lower() not in ("rsa-sha256", "ed25519-sha256"):
        raise _Unfit("an algorithm that is not trusted")
    domain, selector = tidy(tags["d"]), tidy(tags["s"])
    if not _HOST.fullmatch(domain) or not _HOST.fullmatch(selector) or len(selector) > 200 or "." not in domain:
        raise _Unfit("no such domain or selector can be")
    identity = tidy(tags.get("i", f"@{domain}").rpartition("@")[2])
    if not within(identity, domain):
        raise _Unfit("it signs for somebody outside its domain")
    if "dns/txt" not in tags.get("q", "dns/txt").lower().replace(" ", "").split(":"):
        raise _Unfit("its key is kept in a way we do not know")
    made, ends = _moment(tags, "t"), _moment(tags, "x")
    if made is not None and made > at + _CLOCKS:
        raise _Unfit("made in the future")
    if ends is not None and (ends < at or (made is not None and ends <= made)):
        raise _Unfit("expired")
    return selector, domain


def _moment(tags: dict[str, str], name: str) -> datetime | None:
    if name not in tags:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", tags[name]):
        raise _Unfit("a date that is none")
    seconds = int(tags[name])
    # RFC 6376, section 3.5: values beyond what a clock holds mean "later than anything".
    return datetime.fromtimestamp(min(seconds, 253_000_000_000), UTC)


def _read_key(record: str, algorithm: str, tags: dict[str, str], domain: str) -> RSAPublicKey | Ed25519PublicKey:
    """The public key of a record (RFC 6376, section 3.6.1). Raises _Unfit."""
    if not record or len(record) > KEY_CHARACTERS:
        raise _Unfit("there is no such key")
    key = _tags(record)
    if key.get("v", "DKIM1") != "DKIM1" or "p" not in key or ("v" in key and next(iter(key)) != "v"):
        raise _Unfit("there is no such key")
    if not key["p"]:
        raise _Unfit("the key was withdrawn")
    kind = key.get("k", "rsa").lower()
    flags = _list(key.get("t", ""))
    if kind != algorithm.partition("-")[0] or "sha256" not in _list(key.get("h", "sha256")):
        raise _Unfit("the key is of another kind")
    if not {"*", "email"} & set(_list(key.get("s", "*"))):
        raise _Unfit("the key is not for e-mail")
    if "s" in flags and tidy(tags.get("i", f"@{domain}").rpartition("@")[2]) != domain:
        raise _Unfit("the key does not sign for names below its domain")
    if "y" in flags:
        # Section 3.6.1: while a domain tries it out, its mail is treated as if it were not signed.
        raise _Unfit("the domain is only trying signatures out", Verdict.UNKNOWN)
    return _public_key(_binary(key["p"]), kind)


def _public_key(data: bytes, kind: str) -> RSAPublicKey | Ed25519PublicKey:
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(data)
        loaded = load_der_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _Unfit("the key cannot be read") from error
    if not isinstance(loaded, RSAPublicKey):
        raise _Unfit("the key is of another kind")
    if not _SMALLEST_RSA <= loaded.key_size <= _LARGEST_RSA or loaded.public_numbers().e.bit_length() > 64:
        raise _Unfit("the key is too weak to trust" if loaded.key_size < _SMALLEST_RSA else "the key is too large")
    return loaded


def _signed_bytes(index: int, fields: list[Field], names: list[str], *, relaxed: bool) -> bytes:
    """The signed headers in their order, a repeated one from the bottom upwards, a missing one as nothing; then the signature's own
    field without its value (RFC 6376, sections 3.7 and 5.4.2)."""
    below: dict[str, list[bytes]] = {}
    for place, (name, field) in enumerate(fields):
        if place != index:
            below.setdefault(name, []).append(field)
    chosen = [_canonical_field(stack.pop(), relaxed=relaxed) for name in names if (stack := below.get(name))]
    title, _, value = fields[index][1].partition(b":")
    own = _canonical_field(title + b":" + _B_VALUE.sub(rb"\1", value, count=1), relaxed=relaxed)
    return b"\r\n".join([*chosen, own])


def _canonical_field(field: bytes, *, relaxed: bool) -> bytes:
    if not relaxed:
        return field
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def _canonical_body(body: bytes, *, relaxed: bool) -> bytes:
    """RFC 6376, section 3.4.3 and 3.4.4."""
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    if relaxed:
        body = _SPACES.sub(b" ", body).replace(b" \r\n", b"\r\n")
    end = len(body)
    while end >= 2 and body[end - 2 : end] == b"\r\n":
        end -= 2
    if end == 0:
        return b"" if relaxed else b"\r\n"
    return body[:end] + b"\r\n"


def _beginning(body: bytes, length: str) -> bytes:
    if not re.fullmatch(r"[0-9]{1,76}", length) or int(length) > len(body):
        raise _Unfit("it signs more text than there is")
    return body[: int(length)]


def _split(raw: bytes) -> tuple[bytes, bytes]:
    """The header block and the body, with CRLF line ends as they travelled."""
    text = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if text.startswith(b"From "):
        text = text.partition(b"\r\n")[2]
    if text.startswith(b"\r\n"):
        return b"", text[2:]
    head, _, body = text.partition(b"\r\n\r\n")
    return head, body


def _fields(head: bytes) -> list[Field]:
    """The header fields, folded as they came, by lower-case name. Lines that are no field are left out.

    None at all where a reader may see another end of the headers than we do: there are more than readers look at, or a carriage return
    stands alone in them. What is signed must be what is read.
    """
    if len(head) > _HEADER_BYTES or b"\r" in head.replace(b"\r\n", b""):
        return []
    fields: list[Field] = []
    lines: list[bytes] = []
    count = 0
    for line in [*head.split(b"\r\n"), b":"]:
        if line[:1] in (b" ", b"\t") and lines:
            lines.append(line)
            continue
        count += bool(lines)
        whole = b"\r\n".join(lines)
        match = _NAME.match(whole)
        if match:
            fields.append((match.group(1).decode("ascii").lower(), whole))
        lines = [line]
    return fields if count <= _FIELDS else []


def _value(field: bytes) -> bytes:
    return field.partition(b":")[2]


def _tags(text: str) -> dict[str, str]:
    """`name=value; …`, the spaces that folding leaves taken out. Empty when a name stands twice (RFC 6376, section 3.2)."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        name = name.strip()
        if not sign or not _TAG.fullmatch(name):
            if part.strip():
                return {}
            continue
        if name in tags:
            return {}
        tags[name] = "".join(value.split()) if name in ("b", "bh", "p", "h") else value.strip()
    return tags


def _signed_names(tags: dict[str, str]) -> list[str]:
    return [name.lower() for name in tags.get("h", "").split(":") if name]


def _list(value: str) -> list[str]:
    return [item.strip().lower() for item in value.split(":")]


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _Unfit("it is not written as it should be") from error
