"""When a letter may go, and to whom never. Pure.

RFC 3834, sections 2 to 4: nothing automatic answers what is automatic, a bounce, a list or a message without a return path; one
answer to an address in a while; every letter says that a program wrote it down, so that the other side's program keeps quiet too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from vetting.values import BadValue, MailAddress

ONE_LETTER_EVERY = timedelta(hours=24)
_NOBODY_READS = frozenset(
    ("noreply", "donotreply", "dontreply", "mailerdaemon", "postmaster", "bounce", "bounces", "listserv", "majordomo", "unsubscribe")
)


@dataclass(frozen=True)
class Answered:
    """The message a letter answers, as far as manners ask. `no_answer_because` is what the reading of it found."""

    sender: str
    human: bool = True
    ambiguous: bool = False
    suspicious: bool = False
    no_answer_because: str = ""


def why_never(*, to: MailAddress, own: Collection[str], answered: Answered | None, automatic: bool) -> str:
    """The sentence why no letter goes to this address; "" when one may.

    Args:
        own: mailboxes (`MailAddress.mailbox`) that are the school's own.
        answered: None where the letter answers nothing. What speaks against answering a message speaks against its sender's
            address; a person may still write to the address the school holds for a family.
        automatic: nobody pressed a button for it.
    """
    if to.mailbox in own:
        return "That is one of the school's own mailboxes."
    if _nobody_reads(to):
        return "Nobody reads the mail sent to this address."
    if answered is None or not (automatic or _is_sender(to, answered)):
        return ""
    if answered.no_answer_because:
        return answered.no_answer_because
    if not answered.human:
        return "A program wrote this message; programs are not answered."
    if answered.ambiguous:
        return "The message does not say clearly who sent it."
    if automatic and answered.suspicious:
        return "The sender may be forged; only a person may decide to write there."
    return ""


def _is_sender(to: MailAddress, answered: Answered) -> bool:
    try:
        return to.mailbox == MailAddress.parse(answered.sender).mailbox
    except BadValue:
        return False


def _nobody_reads(to: MailAddress) -> bool:
    """The usual addresses of programs: no-reply@, mailer-daemon@, bounces+123@, owner-list@, list-request@."""
    local = to.value.rpartition("@")[0].partition("+")[0]
    plain = "".join(c for c in local if c.isalnum())
    return plain in _NOBODY_READS or plain.startswith(("noreply", "donotreply")) or local.startswith("owner-") or local.endswith("-request")


def may_go_at(*, at: datetime, last: datetime | None) -> datetime:
    """When the next letter to an address may go: now, or a day after the last one."""
    return at if last is None else max(at, last + ONE_LETTER_EVERY)


def headers(*, automatic: bool, message_id: str) -> dict[str, str]:
    """What every letter says of itself (RFC 3834, 3.1.5 and 5). No Precedence: it is not standard and some filters hold it against one.

    Args:
        message_id: of the message it answers, or "".
    """
    said = {"Auto-Submitted": "auto-replied" if automatic else "auto-generated", "X-Auto-Response-Suppress": "All"}
    plain = message_id.strip()
    if plain and plain.isascii() and plain.isprintable() and " " not in plain:
        quoted = plain if plain.startswith("<") and plain.endswith(">") else f"<{plain.strip('<>')}>"
        said |= {"In-Reply-To": quoted, "References": quoted}
    return said
