"""What makes two copies of a message the same message. Pure.

Copies of one message differ in their line ends and in the lines that servers and programs add on the way (Received, verdicts, spam
marks, Status, the line and the ">" of an .mbox file), so the bytes alone do not tell; and Message-ID is no key: some mails have none
and different mails share one. So what the sender wrote is hashed: the headers a sender's own program writes, and the body.

Where the header block ends is decided as every reader of mail decides it: at the first line that is no field (RFC 5322, 2.2), so that
nothing a reader shows is left out of the hash. Where readers may disagree about that, all of the block counts: otherwise a message
could be made that has the fingerprint of a family's own and other words in it, and gains the checks of that one.
"""

import hashlib
import re

# What stands further down counts as body: nothing here may take long, whatever somebody sends.
_HEAD_BYTES = 256 * 1024
_HEAD_LINES = 500  # readers look at no more (parsing.heading)
_SENDERS_OWN = frozenset(
    {
        b"from",
        b"sender",
        b"reply-to",
        b"to",
        b"cc",
        b"subject",
        b"date",
        b"message-id",
        b"in-reply-to",
        b"references",
        b"auto-submitted",
        b"precedence",
        b"list-id",
        b"content-type",
        b"content-transfer-encoding",
    }
)
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.S)
# "From dana@example.org Mon Nov  9 09:00:00 2026": written by programs that keep mails in files, shown by none.
ENVELOPE = re.compile(rb"(?:>?From [^\n]*\d\d:\d\d[^\n]*(?:\n|$))+")
# A line that begins with "From " gets a ">" in most .mbox files, and one more each time it passes through one.
_ESCAPED = re.compile(rb"(?m)^>+(?=From )")


def fingerprint(raw: bytes, *, size: int) -> str:
    """SHA-256, as hexadecimal digits, of what the sender wrote.

    Args:
        raw: the message, or its beginning where it was too large to keep.
        size: the size of the whole message in bytes.

    White space inside a header, blank lines at the end and the number of ">" before a line that begins with "From " do not count.
    """
    head, body = split(raw)
    own = []
    fields = unfolded(head)
    for field in fields:
        match = _FIELD.match(field)
        if match and match.group(1).lower() in _SENDERS_OWN:
            own.append((match.group(1).lower(), b" ".join(match.group(2).split())))
    # Some servers sort the header; two fields of one name keep their order, for readers disagree which of them counts.
    own.sort(key=lambda pair: pair[0])
    digest = hashlib.sha256(b"whole\n" if size <= len(raw) else b"beginning of %d\n" % size)
    for name, value in own:
        digest.update(name + b":" + value + b"\n")
    if b"\r" in head or len(fields) > _HEAD_LINES:
        digest.update(b"\n" + head)
    digest.update(b"\n" + _ESCAPED.sub(b"", body).rstrip(b"\n"))
    return digest.hexdigest()


def header_block(raw: bytes) -> bytes:
    """The header block as it stands in this copy, with plain line ends and without the line an .mbox file puts above it."""
    return split(raw)[0]


def split(raw: bytes) -> tuple[bytes, bytes]:
    """Header block and body, with plain line ends. A missing blank line between them costs no line of either."""
    text = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    envelope = ENVELOPE.match(text)
    place = begin = envelope.end() if envelope else 0
    while place < min(len(text), begin + _HEAD_BYTES):
        if text[place : place + 1] == b"\n":
            return text[begin:place], text[place + 1 :]
        end = text.find(b"\n", place)
        end = len(text) if end == -1 else end + 1
        folded = place > begin and text[place : place + 1] in (b" ", b"\t")
        if not folded and not _FIELD.match(text[place : min(end, place + 110)]):
            break
        place = end
    return text[begin:place], text[place:]


def unfolded(head: bytes) -> list[bytes]:
    """The fields of a header block, each in one line."""
    return re.sub(rb"\n(?=[ \t])", b"", head).split(b"\n")
