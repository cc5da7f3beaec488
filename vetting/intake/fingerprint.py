"""What makes two copies of a message the same message. Pure.

Copies of one message differ in their line ends and in the lines servers add on the way (Received, verdicts, spam marks), so the bytes
alone do not tell; and Message-ID is no key: some mails have none and different mails share one. So what the sender wrote is hashed:
the headers a sender's own program writes, and the body.
"""

import hashlib
import re

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
    }
)
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.S)
_FOLD = re.compile(rb"\n(?=[ \t])")


def fingerprint(raw: bytes, *, size: int) -> str:
    """SHA-256, as hexadecimal digits, of what the sender wrote.

    Args:
        raw: the message, or its beginning where it was too large to keep.
        size: the size of the whole message in bytes.
    """
    text = raw.replace(b"\r\n", b"\n")
    head, _, body = text.partition(b"\n\n")
    digest = hashlib.sha256()
    for field in _FOLD.sub(b"", head).split(b"\n"):
        match = _FIELD.match(field)
        if match and match.group(1).lower() in _SENDERS_OWN:
            digest.update(match.group(1).lower() + b":" + b" ".join(match.group(2).split()) + b"\n")
    digest.update(b"\n" + body.rstrip(b"\n"))
    if size > len(raw):
        digest.update(b"\n%d" % size)
    return digest.hexdigest()
