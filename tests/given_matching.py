"""A family, its e-mail and its account, as the engine sees them: values only, no database.

Dana Hill is the mother of Ada; her husband is Tom. Their account is @danahill7, made in 2019 (number DANAS).
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vetting.matching.facts import (
    ApprovedFacts,
    ChildFacts,
    ClaimFacts,
    Facts,
    LookupFacts,
    PersonFacts,
    ReadingFacts,
    RequestFacts,
)
from vetting.matching.rules import Opinion, decide
from vetting.values import MailAddress

MAIL_CAME = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
DANAS = "1100000000000000001"
OTHERS = "1150000000000000002"

ADA = ChildFacts(1, "Ada", "Hill", "Oak")
KIERAN = ChildFacts(2, "Kieran", "Marsh", "Elm")

DANA = PersonFacts(
    1, "Dana", "Hill", addresses=frozenset({MailAddress("dana.hill@brightwork.example")}), children=(ADA,), tie="Mother of Ada (Oak)"
)
TOM = PersonFacts(
    2, "Tom", "Hill", addresses=frozenset({MailAddress("tom@brightwork.example")}), children=(ADA,), tie="Father of Ada (Oak)"
)
RAVI = PersonFacts(
    3, "Ravi", "Marsh", addresses=frozenset({MailAddress("ravi.marsh@gmail.com")}), children=(KIERAN,), tie="Father of Kieran (Elm)"
)


def number_made(moment: datetime) -> str:
    """A Twitter number that carries its time."""
    return str((int(moment.timestamp() * 1000) - 1_288_834_974_657) << 22)


def named(*texts: str, **changes: Any) -> tuple[ReadingFacts, ...]:
    return tuple(ReadingFacts(f"@{text}", text, **changes) for text in texts)


def mail(pk: int = 1, handle: str = "danahill7", sender: str = "dana.hill@brightwork.example", **changes: Any) -> ClaimFacts:
    """Dana's checked e-mail, unless said otherwise."""
    base = ClaimFacts(
        pk=pk,
        made_at=MAIL_CAME,
        readings=named(handle),
        sender=MailAddress.parse(sender),
        sender_name="Dana Hill",
        child_text="Ada Hill",
        authenticity="CHECKED",
    )
    return replace(base, **changes)


def asks(handle: str = "danahill7", number: str | None = DANAS, pk: int = 1, **changes: Any) -> RequestFacts:
    """A request seen two days after the e-mail."""
    base = RequestFacts(pk=pk, profile=pk, handle=handle, user_id=number, first_seen_at=MAIL_CAME + timedelta(days=2), display_name="Dana")
    return replace(base, **changes)


def looked_up(handle: str = "danahill7", number: str | None = DANAS, *, after: timedelta = timedelta(minutes=1)) -> LookupFacts:
    return LookupFacts(handle, MAIL_CAME + after, number)


def approved(
    person: PersonFacts = DANA, handle: str = "danahill7", number: str = DANAS, *, profile: int = 90, standing: bool = True
) -> ApprovedFacts:
    return ApprovedFacts(profile, number, (handle,), person.pk, MAIL_CAME - timedelta(days=200), standing)


def a_school(**changes: Any) -> Facts:
    """Three people, Dana's e-mail, its look-up and her request: as good as it gets."""
    base = Facts(people=(DANA, TOM, RAVI), pupils=(ADA, KIERAN), claims=(mail(),), lookups=(looked_up(),), requests=(asks(),))
    return replace(base, **changes)


def opinion_of(facts: Facts, pk: int = 1) -> Opinion:
    return decide(next(request for request in facts.requests if request.pk == pk), facts)
