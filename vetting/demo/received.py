"""Letters to invented families, as the practice phone shows them: they lie in a folder, since nothing is ever sent there."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

MOST = 3
_BETWEEN = b"\n" + b"-" * 79 + b"\n"
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Received:
    """One letter. `before` and `after` are its text around the link; without a link all of it is `before`."""

    at: datetime
    to: str
    subject: str
    before: str
    link: str = ""
    after: str = ""


def letters_in(folder: Path) -> list[Received]:
    """The newest few. Django's file backend writes one file for each sending, messages followed by a line of dashes."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda path: (path.stat().st_mtime, path.name), reverse=True)[:MOST]
    found = [_read(raw, path) for path in files for raw in path.read_bytes().split(_BETWEEN) if raw.strip()]
    return found[:MOST]


def _read(raw: bytes, path: Path) -> Received:
    message = message_from_bytes(raw)
    payload = message.get_payload(decode=True)
    text = payload.decode("utf-8", "replace").strip() if isinstance(payload, bytes) else ""
    at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    subject, to = str(make_header(decode_header(message.get("Subject", "")))), message.get("To", "")
    link = _LINK.search(text)
    if link is None:
        return Received(at, to, subject, text)
    return Received(at, to, subject, text[: link.start()].strip(), link[0], text[link.end() :].strip())
