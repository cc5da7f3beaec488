"""Keeping a message: its exact bytes once, and every place it was seen at. Nothing here looks at what it says."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from vetting.intake.fingerprint import fingerprint, header_block
from vetting.intake.mailbox.port import BEGINNING_BYTES, LARGEST_BYTES
from vetting.intake.models import IntakeSource, MailPosition, VerificationEmail
from vetting.school.models import School

# What a server says of a size and what a database column holds are not the same.
_LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Position:
    """Where a message was seen: in a folder of a source, or attached to another message. `by` is who gave the file, if somebody did."""

    source: IntakeSource | None = None
    folder: str = ""
    uidvalidity: int = 0
    uid: int = 0
    inside: VerificationEmail | None = None
    by: User | None = None


@transaction.atomic
def receive_email(
    *, school: School, raw: bytes, received_at: datetime, at: datetime, position: Position | None = None, size: int | None = None
) -> VerificationEmail:
    """Store a message exactly as it came, once however often and wherever it is seen.

    Args:
        position: where it was seen; noted beside it. None for a message given by hand.
        size: its full size in bytes when `raw` is only its beginning.

    A message over 25 MB is kept with its first 64 KB, so that somebody can see that it came.
    """
    return keep(school=school, raw=raw, received_at=received_at, at=at, position=position, size=size)[0]


def keep(
    *, school: School, raw: bytes, received_at: datetime, at: datetime, position: Position | None, size: int | None
) -> tuple[VerificationEmail, bool]:
    """The stored message, its columns loaded as they are asked for, and whether it is new. Runs in the caller's transaction.

    Two who store the same message, or the same place, at the same moment find one row: the database's own constraints decide.
    """
    size = len(raw) if size is None else max(size, len(raw))
    kept = raw[:BEGINNING_BYTES] if size > LARGEST_BYTES else raw
    sha256 = hashlib.sha256(kept).hexdigest()
    # Of one that is there already only what is needed: its bytes may be large, and Django takes its time over forty columns.
    known = VerificationEmail.objects.only("school", "reference", "sha256", "erased_at")
    email, is_new = known.get_or_create(
        school=school,
        fingerprint=fingerprint(kept, size=size),
        defaults={
            "sha256": sha256,
            "raw": kept,
            "size": min(size, _LARGEST_NUMBER),
            "received_at": min(received_at, at),
            "stored_at": at,
        },
    )
    if position is not None:
        headers = None if is_new else _headers_that_differ(email, kept, sha256)
        if not is_new and (headers is not None or _is_another_source(email, position)):
            # What the servers at this place wrote about the sender may say more than what was known.
            VerificationEmail.objects.filter(pk=email.pk, erased_at=None).update(judge_at=at)
        seen = MailPosition(
            email=email,
            source=position.source,
            inside=position.inside,
            folder=position.folder,
            uidvalidity=position.uidvalidity,
            uid=position.uid,
            seen_at=at,
            by=position.by,
            headers=headers,
        )
        MailPosition.objects.bulk_create([seen], ignore_conflicts=True)
    return email, is_new


def _headers_that_differ(email: VerificationEmail, raw: bytes, sha256: str) -> bytes | None:
    """The header block of this copy where it says other things than the stored one. None for an erased e-mail: nothing is kept of it."""
    if email.sha256 == sha256 or email.erased_at is not None:
        return None
    here = header_block(raw)
    stored = VerificationEmail.objects.values_list("raw", flat=True).get(pk=email.pk)
    return here if stored is not None and header_block(bytes(stored)) != here else None


def _is_another_source(email: VerificationEmail, position: Position) -> bool:
    return position.source is not None and not MailPosition.objects.filter(email=email, source=position.source).exists()
