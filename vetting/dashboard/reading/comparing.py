"""Side by side: what a message says, what the school holds, and what asks on Twitter; and an account beside the one it resembles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vetting.dashboard.presenters import Compared, day
from vetting.decisions.models import QueueItem
from vetting.identities.models import Identification
from vetting.intake.models import Claim
from vetting.roster.models import Person
from vetting.roster.queries import current_bases
from vetting.school.queries import policy
from vetting.twitter.models import HandleLookup, TwitterProfile
from vetting.values import Evidence, Verdict

_RESEMBLES = ("LOOKS_LIKE", "NAME_COPIED")


def compared(*, item: QueueItem, person: Person | None, on: date) -> list[Compared]:
    """Empty where nobody wrote and nobody is meant: there is nothing to lay beside each other."""
    claim = item.match.claim if item.match is not None else None
    if claim is None and person is None:
        return []
    children = [basis.pupil for basis in current_bases(person, on) if basis.pupil] if person else []
    addresses = [row.address for row in person.addresses.filter(until=None)] if person else []
    known = _known_accounts(person)
    profile, wrote = item.profile, _Written.of(claim)
    numbers = [one.twitter_user_id for one in known if one.twitter_user_id]
    lines = [
        line("Name", wrote.name, [person.name] if person else [], profile.display_name),
        line("Address", wrote.address, addresses),
        line("Child", wrote.child, [child.name for child in children]),
        line("Class", wrote.class_text, [place for child in children for place in (child.year, child.class_name) if place]),
        _asked_for("Twitter name", wrote.handles, [f"@{one.handle}" for one in known], f"@{profile.handle}"),
        _asked_for("Account number, then and now", _numbers_then(item, claim), numbers, profile.twitter_user_id or ""),
    ]
    return [one for one in lines if one.written or one.shown]


@dataclass(frozen=True)
class _Written:
    """What a message says, or nothing."""

    name: str = ""
    address: str = ""
    child: str = ""
    class_text: str = ""
    handles: tuple[str, ...] = ()

    @classmethod
    def of(cls, claim: Claim | None) -> "_Written":
        if claim is None:
            return cls()
        rows = claim.readings.exclude(use="NOT_THIS").order_by("start", "pk")
        names = dict.fromkeys(f"@{row.handle}" if row.handle else row.text_as_written for row in rows)
        return cls(claim.sender_name, claim.sender_address, claim.child_text, claim.class_text, tuple(name for name in names if name))


def _known_accounts(person: Person | None) -> list[TwitterProfile]:
    """The accounts that were approved as this person and still are."""
    if person is None:
        return []
    rows = (
        Identification.objects.filter(school=person.school_id, person=person, until=None).select_related("profile").order_by("since", "pk")
    )
    return [row.profile for row in rows]


def _numbers_then(item: QueueItem, claim: Claim | None) -> tuple[str, ...]:
    """Whose the names in the message were when it came, as far as Twitter was asked in time."""
    if claim is None:
        return ()
    within = timedelta(hours=policy(item.school, "lookup_within_hours"))
    handles = [reading.handle for reading in claim.readings.all() if reading.handle and reading.use != "NOT_THIS"]
    rows = HandleLookup.objects.filter(
        school=item.school_id, handle__in=handles, asked_at__range=(claim.made_at - within, claim.made_at + within)
    )
    return tuple(dict.fromkeys(row.twitter_user_id or "no such account" for row in rows.order_by("asked_at", "pk")))


def line(what: str, written: str, held: list[str], shown: str = "") -> Compared:
    """One line: the message and Twitter, each against the list; where the list has nothing, Twitter against the message."""
    beside = held or ([written] if written else [])
    mail, twitter = agreement(written, held), agreement(shown, beside)
    return Compared(
        what,
        written,
        ", ".join(held),
        mail,
        shown,
        _in_a_word(mail) if written and held else "",
        twitter,
        _in_a_word(twitter) if shown and beside else "",
    )


def _asked_for(what: str, written: Sequence[str], held: list[str], shown: str) -> Compared:
    """One line about the account, letter by letter: the message against the account that asks, and that against what was approved."""
    mail = Verdict.UNKNOWN if not written or not shown else Verdict.AGREES if shown in written else Verdict.DISAGREES
    twitter = Verdict.AGREES if shown in held else Verdict.DISAGREES
    return Compared(
        what,
        ", ".join(written),
        ", ".join(held),
        mail,
        shown,
        _in_a_word(mail) if written and shown else "",
        twitter,
        _in_a_word(twitter) if shown and held else "",
    )


def _in_a_word(verdict: Verdict) -> str:
    return {Verdict.AGREES: "the same", Verdict.DISAGREES: "different", Verdict.UNKNOWN: "partly the same"}[verdict]


def agreement(written: str, held: list[str]) -> Verdict:
    """The same in one of the entries: agrees. Only part of it, or nothing to compare with: not known."""
    said = _plain(written)
    if not said or not held:
        return Verdict.UNKNOWN
    entries = [_plain(one) for one in held]
    if said in entries:
        return Verdict.AGREES
    words = set(said.split())
    if any(words & set(entry.split()) for entry in entries):
        return Verdict.UNKNOWN
    return Verdict.DISAGREES


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("’", "'").split())


@dataclass(frozen=True)
class Twins:
    """The account that asks beside the one it resembles, line by line: what, this one, that one."""

    handle: str
    lines: list[tuple[str, str, str]]


def twins(item: QueueItem, evidence: Sequence[Evidence]) -> Twins | None:
    """None where nothing was found that it resembles."""
    named = next((str(one.facts["named"]) for one in evidence if one.code in _RESEMBLES and "named" in one.facts), None)
    if named is None:
        return None
    other = TwitterProfile.objects.filter(school=item.school_id, handle=named).exclude(pk=item.profile_id).order_by("-last_seen_at").first()
    rows = Identification.objects.filter(school=item.school_id, until=None, profile__in=[p for p in (item.profile, other) if p])
    approved = {row.profile_id: row.person.name for row in rows.select_related("person")}
    mine, theirs = _shown(item.profile, approved), _shown(other, approved) if other is not None else {}
    lines = [("Twitter name", f"@{item.profile.handle}", f"@{named}")]
    return Twins(named, lines + [(what, value, theirs.get(what, "not known")) for what, value in mine.items()])


def _shown(profile: TwitterProfile, approved: dict[int, str]) -> dict[str, str]:
    return {
        "Name shown": profile.display_name or "none",
        "Opened": day(profile.account_created_at) or "not known",
        "Followers": "not known" if profile.followers_count is None else str(profile.followers_count),
        "Picture": {True: "none of its own", False: "its own", None: "not known"}[profile.default_picture],
        "Account number": profile.twitter_user_id or "not known",
        "Approved as": approved.get(profile.pk, "nobody"),
    }
