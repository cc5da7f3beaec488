"""The beginning of a message as plain text, made without reading its structure: for what was too large or broke the reader. Pure."""

import base64
import binascii
import quopri
import re
from dataclasses import dataclass

from vetting.intake.parsing.decoding import clean, decode, decode_words

BYTES = 64 * 1024
_SHOWN = ("from", "to", "subject", "date")
_LONGEST_VALUE = 1_000
_HEAD_BYTES = 32 * 1024
_LONGEST_LINE = 2_000
_LABEL = re.compile(r"charset\s{0,3}=\s{0,3}\"?([\w.\-]{1,40})", re.I)


@dataclass(frozen=True)
class SafeText:
    """Four header lines as (name, value), and the words. `cut`: the message goes on."""

    headers: tuple[tuple[str, str], ...]
    body: str
    cut: bool


def safe_text(raw: bytes) -> SafeText:
    """Never raises, and takes a time that depends on the first 64 KB only."""
    start = raw[:BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head, _, body = start.partition(b"\n\n")
    lines = _lines(head[:_HEAD_BYTES])
    told = {name: value for name, value in reversed(lines) if name in (*_SHOWN, "content-type", "content-transfer-encoding")}
    headers = tuple((name.capitalize(), decode_words(told[name][:_LONGEST_VALUE])) for name in _SHOWN if name in told)
    label = _LABEL.search(told.get("content-type", "")[:_LONGEST_VALUE])
    body = _undone(body, told.get("content-transfer-encoding", "").strip().lower()[:20])
    text = decode(body, label.group(1) if label else "")
    folded = "\n".join(line[:_LONGEST_LINE] for line in text.split("\n"))
    return SafeText(headers, folded.strip("\n"), len(raw) > BYTES)


def _lines(head: bytes) -> list[tuple[str, str]]:
    """The header lines, folded ones joined; what is none is left out."""
    found: list[tuple[str, str]] = []
    for line in clean(head.decode("utf-8", "replace")).split("\n")[:500]:
        if line[:1] in (" ", "\t") and found:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}"[:_LONGEST_VALUE])
            continue
        name, colon, value = line.partition(":")
        if colon and name and " " not in name and len(name) < 80:
            found.append((name.lower(), value.strip()[:_LONGEST_VALUE]))
    return found


def _undone(body: bytes, encoding: str) -> bytes:
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    if encoding == "base64":
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        try:
            return base64.b64decode(letters[: len(letters) // 4 * 4])
        except binascii.Error:
            return body
    return body
