"""Messages a colleague forwards as attachments: each becomes a message of its own, as if it had come to the school directly.

An attached message keeps what its sender's server signed, which a forward in the text loses; and it is the family's word, not the
colleague's. Only a colleague's forward is opened, and one level deep: otherwise anybody could send the register a parcel.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime

from vetting.intake.models import VerificationEmail
from vetting.intake.storing import Position, keep

MOST_INSIDE = 50
_FIELD = re.compile(rb"\s*(?:>?From |[!-9;-~]{1,100}[ \t]*:)")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]+")


def take_out(*, carrier: VerificationEmail, spans: Sequence[tuple[int, int]], at: datetime) -> int:
    """Store the messages that stand at these places among the carrier's bytes. Returns at how many places one stood.

    Runs in the caller's transaction. A message that is itself only known from inside another is not opened.
    """
    if not spans or _came_inside_another(carrier):
        return 0
    raw = bytes(carrier.raw or b"")
    taken = 0
    for start, end in spans[:MOST_INSIDE]:
        inner = _opened(raw[max(start, 0) : max(end, 0)])
        if not inner:
            continue
        position = Position(inside=carrier)
        keep(school=carrier.school, raw=inner, received_at=carrier.received_at, at=at, position=position, size=None)
        taken += 1
    return taken


def sentence(count: int, *, left: int) -> str:
    """What stands beside the e-mail that carried them."""
    said = "A forwarded e-mail was taken out of it." if count == 1 else f"{count} forwarded e-mails were taken out of it."
    return f"{said} {left} more are still in it: forward those again, in smaller portions." if left else said


def _came_inside_another(carrier: VerificationEmail) -> bool:
    positions = list(carrier.positions.values_list("inside", flat=True))
    return bool(positions) and None not in positions


def _opened(part: bytes) -> bytes:
    """The message in an attachment; some programs pack it as base64 although they may not (RFC 2046, 5.2.1). b"" where none is."""
    if _FIELD.match(part):
        return part.lstrip(b"\r\n")
    packed = b"".join(part.split())
    if not _BASE64.fullmatch(packed):
        return b""
    try:
        opened = base64.b64decode(packed, validate=True)
    except binascii.Error:
        return b""
    return opened if _FIELD.match(opened) else b""
