"""Whose time has come: messages behind a decision or come to nothing, letters about neither, old lists. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from vetting.concerns.models import Concern
from vetting.correspondence.models import OutgoingMail
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.states import OPEN
from vetting.intake.models import Claim, IntakeAttempt, MailPosition, VerificationEmail
from vetting.matching.forgetting import links_of, opinions_of
from vetting.roster.importing.forgetting import lists_beyond_roll_back, lists_never_loaded
from vetting.roster.models import RosterImport
from vetting.school.models import School
from vetting.school.queries import policy

_M = TypeVar("_M", bound=Model)
# From a question's match to the e-mail behind it, or to what was written down of a call, a letter or a visit.
_EMAIL, _CLAIM = "claim__email", "claim"


@dataclass(frozen=True)
class Due:
    """What goes: e-mails behind a decision and those that came to nothing, what colleagues wrote down likewise, letters by themselves,
    lists of families that were never loaded, and what the register was before old ones."""

    decided: list[VerificationEmail] = field(default_factory=list)
    unmatched: list[VerificationEmail] = field(default_factory=list)
    told_decided: list[Claim] = field(default_factory=list)
    told_unmatched: list[Claim] = field(default_factory=list)
    letters: list[int] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)
    before_lists: list[int] = field(default_factory=list)

    @property
    def emails(self) -> list[VerificationEmail]:
        return [*self.decided, *self.unmatched]

    @property
    def told(self) -> list[Claim]:
        return [*self.told_decided, *self.told_unmatched]

    @property
    def claims(self) -> list[Claim]:
        return [*Claim.objects.filter(email__in=self.emails).order_by("pk"), *self.told]

    @property
    def anything(self) -> bool:
        return bool(self.emails or self.told or self.letters or self.lists or self.before_lists)


@dataclass(frozen=True)
class _Days:
    """Decided, or come, by then: it goes (Policy `raw_mail_days`, `unmatched_mail_days`)."""

    decided_by: datetime
    came_by: datetime


def emails_due(*, school: School, at: datetime) -> Due:
    """What a run at this moment erases (Policy `raw_mail_days` after the decision, `unmatched_mail_days` after arrival).

    A message in which only others were handed on goes with the last of them: it holds the same words.
    """
    days = _Days(
        decided_by=at - timedelta(days=policy(school, "raw_mail_days")), came_by=at - timedelta(days=policy(school, "unmatched_mail_days"))
    )
    kept = VerificationEmail.objects.filter(school=school, erased_at=None).exclude(parsed_at=None).defer("raw", "text").order_by("pk")
    decided, came_to_nothing = _of_closed_questions(kept.exclude(Exists(_concerns_about_it())), _EMAIL, days)
    unmatched = list(came_to_nothing.filter(received_at__lte=days.came_by))
    unmatched += _carriers(came_to_nothing.filter(received_at__gt=days.came_by), [*decided, *unmatched])
    written_down = Claim.objects.filter(school=school, email=None).order_by("pk")
    told, told_for_nothing = _of_closed_questions(written_down, _CLAIM, days)
    words = ~Q(child_text="", class_text="", note="")
    return Due(
        decided=list(decided),
        unmatched=unmatched,
        told_decided=list(told.filter(words)),
        told_unmatched=list(told_for_nothing.filter(words | ~Q(sender_name=""), made_at__lte=days.came_by)),
        letters=_letters_by_themselves(school, days),
        lists=_keys(lists_never_loaded(school, came_in_by=at - timedelta(days=policy(school, "unloaded_list_days")))),
        before_lists=_keys(lists_beyond_roll_back(school, loaded_by=at - timedelta(days=policy(school, "roll_back_days")))),
    )


def _keys(rows: QuerySet[RosterImport]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _of_closed_questions(kept: QuerySet[_M], message: str, days: _Days) -> tuple[QuerySet[_M], QuerySet[_M]]:
    """Messages whose questions were all closed long enough ago, and those that had a part in none."""
    kept = kept.exclude(Exists(_open_concerns(message))).exclude(Exists(_open_items(message)))
    answered_lately = _items(message).filter(decisions__undone_at=None, decisions__at__gt=days.decided_by)
    standing = Decision.objects.filter(item=OuterRef("pk"), undone_at=None)
    lapsed_lately = _items(message).filter(~Exists(standing), closed_at__gt=days.decided_by)
    decided = kept.filter(Exists(_items(message))).exclude(Exists(answered_lately)).exclude(Exists(lapsed_lately))
    return decided, kept.exclude(Exists(_items(message)))


def _carriers(younger: QuerySet[VerificationEmail], going: Sequence[VerificationEmail]) -> list[VerificationEmail]:
    """Messages with nothing of their own whose every attached message goes now or is gone."""
    inside = MailPosition.objects.filter(inside=OuterRef("pk"))
    staying = inside.filter(email__erased_at=None).exclude(email__in=going)
    going_now = inside.filter(email__in=going)
    return list(younger.filter(Exists(going_now)).exclude(Exists(staying)).exclude(claims__withdrawn_at=None, claims__isnull=False))


def _letters_by_themselves(school: School, days: _Days) -> list[int]:
    """Letters to somebody on the list about no message, or about one that is erased already; as old as a message that came to nothing."""
    old = OutgoingMail.objects.filter(school=school, erased_at=None, made_at__lte=days.came_by).exclude(sent_at=None, given_up_at=None)
    alone = old.filter(Q(email=None) | Q(email__erased_at__isnull=False))
    alone = alone.filter(Q(claim=None) | Q(claim__email=None) | Q(claim__email__erased_at__isnull=False))
    alone = alone.exclude(Exists(_open_items(_CLAIM, "claim"))).exclude(Exists(_open_concerns(_CLAIM, "claim")))
    return list(alone.order_by("pk").values_list("pk", flat=True))


def counted(due: Due) -> dict[str, int]:
    """How much of each kind goes with these messages."""
    emails, claims = due.emails, due.claims
    return {
        "decided": len(due.decided),
        "unmatched": len(due.unmatched),
        "told": len(due.told),
        "letters": letters_of(claims, emails).exclude(pk__in=due.letters).count() + len(due.letters),
        "opinions": opinions_of(claims).exclude(sentence="").count(),
        "links": links_of(claims).count(),
        "attempts": IntakeAttempt.objects.filter(email__in=emails).count(),
        "lists": len(due.lists),
        "before_lists": len(due.before_lists),
    }


def letters_of(claims: Sequence[Claim], emails: Sequence[VerificationEmail]) -> QuerySet[OutgoingMail]:
    """The letters written about these messages whose words are still kept."""
    return OutgoingMail.objects.filter(Q(claim__in=claims) | Q(email__in=emails), erased_at=None)


def _items(message: str, row: str = "pk") -> QuerySet[QueueItem]:
    """The questions a message had a part in, by the match shown now or by the one a check or an answer was pinned to.

    Args:
        message: _EMAIL or _CLAIM.
        row: the column of the outer row that says which one.
    """
    part = Q()
    for match in ("match", "decisions__match", "verifications__match"):
        part |= Q(**{f"{match}__{message}": OuterRef(row)})
    return QueueItem.objects.filter(part)


def _open_items(message: str, row: str = "pk") -> QuerySet[QueueItem]:
    return _items(message, row).filter(state__in=sorted(state.value for state in OPEN))


def _concerns_about_it() -> QuerySet[Concern]:
    """Open worries about an e-mail itself."""
    return Concern.objects.filter(email=OuterRef("pk"), closed_at=None)


def _open_concerns(message: str, row: str = "pk") -> QuerySet[Concern]:
    """Open worries about the profile or person of a question a message had a part in."""
    about = Q()
    for item in ("profile__queue_items", "person__queue_items"):
        for match in ("match", "decisions__match", "verifications__match"):
            about |= Q(**{f"{item}__{match}__{message}": OuterRef(row)})
    return Concern.objects.filter(about, closed_at=None)
