"""A file that somebody gives, as a mailbox: one message (.eml), or many in a row (.mbox).

What a file is, its content says; its name only helps where the content allows both. An .mbox file is cut here and not by the standard
library, which cuts at every line that begins with "From " (so at "From next week on we …" too), keeps no limit on the length of a
line and needs the file on disk. Content-Length is not believed: whoever wrote a message also wrote that number, and could swallow the
messages behind it. At no time is more than one message in memory.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum
from types import TracebackType
from typing import BinaryIO, Self

from vetting.intake.fingerprint import ENVELOPE
from vetting.intake.mailbox.port import BEGINNING_BYTES, LARGEST_BYTES, FetchedMail, FolderState
from vetting.values import BadValue

_LOOKED_AT = 4096
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLOCK_BYTES = 256 * 1024
_AHEAD_BYTES = 2048
_NO_DATE = datetime.min.replace(tzinfo=UTC)
# "From ", whoever, a time of day and a year: what programs write between two messages. A family's sentence rarely has all of it.
_SEPARATOR = re.compile(rb"From \S.{0,300}?\b\d{1,2}:\d\d\b.{0,60}\b(?:19|20)\d\d\b.{0,40}\r?\n?$", re.S)
_FIELD = re.compile(rb">?From |[!-9;-~]{1,100}[ \t]*:")
_KNOWN_FIELD = re.compile(
    rb"(?im)^(?:from|to|cc|bcc|subject|date|message-id|received|return-path|delivered-to|reply-to|sender|mime-version|content-type"
    rb"|authentication-results|dkim-signature|x-[a-z-]+)[ \t]*:"
)
_ESCAPED = re.compile(rb"(?m)^>(?=>*From )")
_OTHERS = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "is an Outlook message (.msg). Open it in Outlook and save it as .eml, or forward it as an attachment.",
    ),
    (b"!BDN", "is an Outlook data file (.pst). Open it in Outlook and save the e-mails as .eml files."),
    (b"PK\x03\x04", "is a .zip archive or an Office document. Unpack it and give the .eml files inside."),
    (b"Rar!", "is an archive. Unpack it and give the .eml files inside."),
    (b"7z\xbc\xaf", "is an archive. Unpack it and give the .eml files inside."),
    (b"\x1f\x8b", "is a compressed file. Unpack it and give the .eml or .mbox files inside."),
    (b"%PDF", "is a PDF. A printed copy does not tell who sent it: save the e-mail itself, as an .eml file."),
    (b"\x89PNG", "is a picture. Save the e-mail itself, as an .eml file."),
    (b"\xff\xd8\xff", "is a picture. Save the e-mail itself, as an .eml file."),
    (b"{\\rtf", "is a text document. Save the e-mail itself, as an .eml file."),
)
_PAGE = re.compile(rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body|\?xml)\b", re.I | re.S)


class Form(Enum):
    """What a file holds."""

    EML = ".eml"
    MBOX = ".mbox"


def recognise(name: str, beginning: bytes) -> Form:
    """What the file is, by its first bytes. Raises BadValue with a sentence about what to do instead where it is no e-mail."""
    shown = f"“{name[:80]}”"
    if not beginning:
        raise BadValue(f"{shown} is empty.")
    for magic, sentence in _OTHERS:
        if beginning.startswith(magic):
            raise BadValue(f"{shown} {sentence}")
    text = beginning.removeprefix(_BYTE_ORDER_MARK)
    if _PAGE.match(text):
        raise BadValue(f"{shown} is a web page. Save the e-mail itself, as an .eml file.")
    lines = text.split(b"\n")
    if name.lower().endswith(".eml") and (_FIELD.match(text) or _KNOWN_FIELD.search(text)):
        return Form.EML
    if _SEPARATOR.fullmatch(lines[0]) and len(lines) > 1 and _FIELD.match(lines[1]):
        return Form.MBOX
    if _FIELD.match(text.lstrip(b"\r\n")) and _KNOWN_FIELD.search(text):
        return Form.EML
    raise BadValue(f"{shown} is no e-mail. Give .eml or .mbox files.")


class GivenFile:
    """The messages of one file. Their numbers are their places in it; the numbering is the file's own content."""

    def __init__(self, name: str, file: BinaryIO, *, form: Form | None = None) -> None:
        """`form` where it is known already; otherwise entering recognises it and raises BadValue."""
        self._name = name
        self._file = file
        self._form = form
        self._count: int | None = None

    def __enter__(self) -> Self:
        if self._form is None:
            self._file.seek(0)
            self._form = recognise(self._name, self._file.read(_LOOKED_AT))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Whoever opened the file closes it."""

    @property
    def form(self) -> Form:
        if self._form is None:
            raise RuntimeError("A mailbox is used inside its with block.")
        return self._form

    def state(self) -> FolderState:
        """Reads the whole file once. The same file has the same numbering, whatever its name."""
        self._file.seek(0)
        digest = hashlib.sha256()
        while block := self._file.read(_BLOCK_BYTES):
            digest.update(block)
        return FolderState(uidvalidity=int.from_bytes(digest.digest()[:8]) >> 1, messages=self._messages_in_it())

    def uids(self, *, above: int) -> list[int]:
        return list(range(above + 1, self._messages_in_it() + 1))

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        wanted = set(uids)
        for uid, (raw, size) in enumerate(self._messages(), 1):
            if uid in wanted:
                yield FetchedMail(uid, raw, _NO_DATE, size)

    def folders(self) -> list[str]:
        return [self.form.value]

    def _messages_in_it(self) -> int:
        if self._count is None:
            self._count = sum(1 for _ in self._messages())
        return self._count

    def _messages(self) -> Iterator[tuple[bytes, int]]:
        self._file.seek(0)
        return _many(self._file) if self.form is Form.MBOX else iter([_one(self._file)])


def _one(file: BinaryIO) -> tuple[bytes, int]:
    """A file with one message, and its size. The line some programs put above it is theirs and not the message's."""
    raw = file.read(LARGEST_BYTES + 1)
    size = len(raw)
    if size > LARGEST_BYTES:
        while block := file.read(_BLOCK_BYTES):
            size += len(block)
    envelope = ENVELOPE.match(raw, 0, 1000)
    start = envelope.end() if envelope and raw[envelope.end() - 1 : envelope.end()] == b"\n" else 0
    return raw[start : BEGINNING_BYTES if size > LARGEST_BYTES else None], size - start


class _Gathering:
    """One message of an .mbox file as it comes in, piece by piece; of one that is too large only the beginning stays."""

    def __init__(self) -> None:
        self._raw = bytearray()
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= LARGEST_BYTES:
            self._raw += piece
        else:
            del self._raw[BEGINNING_BYTES:]

    def message(self) -> tuple[bytes, int]:
        """The bytes and the size, without the blank line that separates it from the next."""
        raw = bytes(self._raw)
        if self._size <= LARGEST_BYTES:
            for end in (b"\r\n\r\n", b"\n\n"):
                if raw.endswith(end):
                    raw = raw[: -len(end) // 2]
                    break
        # "mboxrd" and its relatives put a ">" before such lines; taking one away gives the message as it was sent.
        raw = _ESCAPED.sub(b"", raw)
        return raw, len(raw) if self._size <= LARGEST_BYTES else self._size


def _many(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """The messages between the separating lines, each with its size. Holds one message and a block of the file."""
    gathering: _Gathering | None = None
    # Two line ends stand for "nothing before it"; no message begins with them.
    buffer, handed_on, block = b"\n\n", 2, b"\n"
    is_first = True
    while block:
        block = file.read(_BLOCK_BYTES)
        buffer += block.removeprefix(_BYTE_ORDER_MARK) if is_first else block
        is_first = False
        # A separator is judged only where all of it, and what follows, can be seen.
        end = max(len(buffer) - _AHEAD_BYTES, handed_on) if block else len(buffer)
        at = buffer.find(b"\nFrom ", handed_on - 1)
        while -1 < at < end:
            behind = _end_of_separator(buffer, at)
            if behind:
                if gathering is not None:
                    gathering.add(buffer[handed_on : at + 1])
                    yield gathering.message()
                gathering, handed_on = _Gathering(), behind
            at = buffer.find(b"\nFrom ", at + 1)
        end = max(end, handed_on)
        if gathering is not None:
            gathering.add(buffer[handed_on:end])
        # What stands before a line decides about it too, so a little of what was handed on stays.
        buffer, handed_on = buffer[end - 2 :], 2
    if gathering is not None:
        yield gathering.message()


def _end_of_separator(buffer: bytes, at: int) -> int:
    """Where the line behind the line end at `at` ends, if it separates two messages; otherwise 0."""
    if not buffer.endswith((b"\n", b"\n\r"), max(at - 2, 0), at):
        return 0
    end = buffer.find(b"\n", at + 1, at + 1 + _LOOKED_AT // 4) + 1
    return end if end and _SEPARATOR.fullmatch(buffer, at + 1, end) and _FIELD.match(buffer, end) else 0
