"""The parts of a message as stretches of its bytes: bounded in depth and number, linear in time, and nothing is copied.

The standard library's reader is not used for this: it recurses into nested parts until Python stops it, takes seconds over 100,000
parts, its parameter parsing takes quadratic time, and it cannot say where an attached message stands among the bytes.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from vetting.intake.parsing.decoding import clean, decode, decode_words
from vetting.intake.parsing.heading import Headers, read_headers

PARTS = 500
DEPTH = 50
_DELIMITERS = 2_000
ATTACHED_MESSAGES = 60
_PARAMETER = re.compile(r';\s*([\w!#$%&+.^`|~\-]{1,60}(?:\*\d{1,3})?\*?)\s*=\s*(?:"((?:[^"\\]|\\.){0,2000})"|([^;"]{0,1000}))', re.S)
_CONTINUED = re.compile(r"(.+?)\*(\d{1,3})(\*?)$")
_KIND = re.compile(r"\s*([\w!#$&^+.\-]{1,60}/[\w!#$&^+.\-]{1,80})")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} .*$", re.M)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it says it is, and where its body stands in the message (before transfer decoding)."""

    kind: str
    charset: str
    encoding: str
    attached: bool
    file_name: str
    start: int
    end: int

    @property
    def is_message(self) -> bool:
        return self.kind in ("message/rfc822", "message/global")


@dataclass(frozen=True, slots=True)
class _Open:
    """A stretch still to be taken apart."""

    start: int
    end: int
    depth: int
    default: str
    headers: Headers | None = None


def parts(raw: bytes, headers: Headers, defects: list[str]) -> Iterator[Part]:
    """The leaf parts in order. What is inside an attached message is not the sender's own words and is not taken apart."""
    stack = [_Open(headers.end, len(raw), 0, "text/plain", headers)]
    count = 0
    while stack:
        here = stack.pop()
        count += 1
        if count > PARTS:
            defects.append("more parts than are read")
            return
        own = here.headers or read_headers(raw, here.start, here.end)
        kind, parameters = content_type(own, here.default)
        start = min(own.end, here.end)
        if kind.startswith("multipart/"):
            inner = _inside(raw, start, here.end, parameters.get("boundary", ""), defects)
            if inner and here.depth < DEPTH:
                default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
                stack += [_Open(begin, end, here.depth + 1, default) for begin, end in reversed(inner)]
                continue
            defects.append("parts nested too deeply" if inner else "a multipart message without its parts")
            kind = "text/plain"
        yield _part(own, kind, parameters, start, here.end)


def content_type(headers: Headers, default: str = "text/plain") -> tuple[str, dict[str, str]]:
    """The media type in lower case, and its parameters."""
    value = headers.first("content-type")
    match = _KIND.match(value)
    return (match.group(1).lower() if match else default), (_parameters(value) if value else {})


def attached_messages(found: list[Part], defects: list[str]) -> tuple[tuple[int, int], ...]:
    """Where messages attached to this one stand. Some programs pack them as base64, though RFC 2046, 5.2.1 forbids it: whoever takes
    them out unpacks them. Packed otherwise they do not stand there as they are, so they are left out and noted."""
    messages = [part for part in found if part.is_message]
    plain = [part for part in messages if part.encoding in ("", "7bit", "8bit", "binary", "base64")]
    if len(plain) < len(messages):
        defects.append("an attached message is encoded")
    if len(plain) > ATTACHED_MESSAGES:
        defects.append("more attached messages than are read")
    return tuple((part.start, part.end) for part in plain[:ATTACHED_MESSAGES])


def body(raw: bytes, part: Part, most: int) -> tuple[bytes, bool]:
    """The part's bytes with their transfer encoding undone, at most `most` of them, and whether that was not all."""
    if part.encoding == "base64":
        data = _base64(raw[part.start : min(part.end, part.start + most * 3 // 2)])
    elif part.encoding == "quoted-printable":
        data = binascii.a2b_qp(raw[part.start : min(part.end, part.start + most * 3)])
    elif part.encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        data = _uuencoded(raw[part.start : min(part.end, part.start + most * 3 // 2)])
    else:
        data = raw[part.start : min(part.end, part.start + most + 1)]
    return data[:most], len(data) > most or (part.end - part.start > most * 3 // 2 and len(data) >= most)


def _part(headers: Headers, kind: str, parameters: dict[str, str], start: int, end: int) -> Part:
    disposition = headers.first("content-disposition")
    name = _parameters(disposition).get("filename", "") if disposition else ""
    return Part(
        kind=kind,
        charset=parameters.get("charset", ""),
        encoding=headers.first("content-transfer-encoding").strip().strip("\"'").lower().partition(";")[0].strip(),
        attached=disposition.lstrip().lower().startswith("attachment"),
        file_name=decode_words(clean(name or parameters.get("name", "")))[:200],
        start=start,
        end=end,
    )


def _inside(raw: bytes, start: int, end: int, boundary: str, defects: list[str]) -> list[tuple[int, int]]:
    """The stretches between the delimiter lines (RFC 2046, 5.1.1). The line end before a delimiter belongs to the delimiter."""
    boundary = boundary.rstrip()
    if not boundary:
        return []
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    found: list[tuple[int, int]] = []
    opened = -1
    place, delimiters = start, 0
    while (at := raw.find(mark, place, end)) != -1:
        place = at + len(mark)
        if at > start and raw[at - 1] not in b"\r\n":
            continue
        rest = raw[place : place + 200].split(b"\n", 1)[0].split(b"\r", 1)[0]
        last = rest.startswith(b"--")
        if rest.strip(b" \t") and not last:
            continue
        if opened != -1:
            found.append((opened, max(opened, at - (2 if raw[at - 2 : at] == b"\r\n" else 1))))
            opened = -1
        delimiters += 1
        if last or delimiters > _DELIMITERS:
            break
        line_end = raw.find(b"\n", place, end)
        opened = line_end + 1 if line_end != -1 else end
    if opened != -1:
        found.append((opened, end))
    if delimiters > _DELIMITERS:
        defects.append("more parts than are read")
    return found


def _parameters(value: str) -> dict[str, str]:
    """The parameters of a structured header, long and encoded ones put together (RFC 2231)."""
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(value[:8_000]):
        name = match.group(1).lower()
        text = re.sub(r"\\(.)", r"\1", match.group(2)) if match.group(2) is not None else match.group(3).strip()
        if continued := _CONTINUED.match(name):
            pieces.setdefault(continued.group(1), {}).setdefault(int(continued.group(2)), (text, bool(continued.group(3))))
        elif name.endswith("*"):
            found[name[:-1]] = _extended(text)
        else:
            found.setdefault(name, text)
    for name, numbered in pieces.items():
        ordered = [numbered[number] for number in sorted(numbered)]
        encoded = any(percent for _, percent in ordered)
        joined = "".join(text for text, _ in ordered)
        found[name] = _extended(joined) if encoded else joined
    return found


def _extended(text: str) -> str:
    charset, quote, rest = text.partition("'")
    _, second, value = rest.partition("'")
    if not quote or not second:
        charset, value = "", text
    return decode(unquote_to_bytes(value.encode("utf-8", "surrogatepass")), charset)


def _base64(data: bytes) -> bytes:
    pieces = []
    # Some programs end each stretch with its own padding.
    for stretch in re.split(rb"=+", data):
        letters = _NO_BASE64.sub(b"", stretch)
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        pieces.append(binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)))
        if len(pieces) > 1_000:
            break
    return b"".join(pieces)


def _uuencoded(data: bytes) -> bytes:
    begin = _UU_BEGIN.search(data)
    pieces = []
    for line in data[begin.end() if begin else 0 :].split(b"\n"):
        if line.rstrip(b"\r") in (b"end", b"`"):
            break
        try:
            pieces.append(binascii.a2b_uu(line.rstrip(b"\r")))
        except binascii.Error:
            continue
    return b"".join(pieces)
