"""What the engine knows, as immutable values: no database, no clock.

`Facts` is a whole school at one moment. Every opinion is a function of it alone, so the same facts give the same opinion.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from vetting.matching import names
from vetting.values import MailAddress

_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
_FIRST_LONG_ID = 10**14

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class ChildFacts:
    """A pupil. `pk` joins the people of one household."""

    pk: int
    given: str
    family: str
    class_name: str = ""

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True)
class PersonFacts:
    """Somebody on the school's list. `current`: there is a basis today; `left_on`: the last day of the last one."""

    pk: int
    given: str
    family: str
    previous_family: str = ""
    addresses: frozenset[MailAddress] = frozenset()
    children: tuple[ChildFacts, ...] = ()
    tie: str = ""
    current: bool = True
    left_on: str = ""
    restricted: bool = False
    concern: bool = False

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()

    @cached_property
    def keys(self) -> names.NameKeys:
        return names.keys(self.given, self.family, self.previous_family)

    @cached_property
    def mailboxes(self) -> frozenset[str]:
        return frozenset(address.mailbox for address in self.addresses)


@dataclass(frozen=True)
class ReadingFacts:
    """A Twitter name read in a claim. `chosen`: a colleague said "use this"; `typed`: a colleague wrote it beside the e-mail.

    `answered`: it was typed on the confirmation page, where another name was asked for. `beside`: it stands in what was quoted, forwarded
    or signed, or is spoken of as somebody else's.
    """

    text: str
    handle: str | None
    repaired: bool = False
    chosen: bool = False
    typed: bool = False
    answered: bool = False
    beside: bool = False

    @property
    def claimed(self) -> bool:
        """Whether the sender says of it "this is mine", or a colleague says so."""
        return not self.beside or self.chosen

    @property
    def verbatim(self) -> bool:
        """Whether the handle stands in the text letter for letter; then nothing was guessed."""
        return self.handle is not None and (not self.repaired or self.handle in self.text.lower())


@dataclass(frozen=True)
class ClaimFacts:
    """Somebody says: these Twitter names are mine. `authenticity` is the e-mail's label; `told` how it came where it was not by e-mail.

    Whoever reads a mailbox may have confirmed it through a link sent there. Where that mailbox is on the school's list (`confirmed_at`),
    it counts as a checked e-mail of that `sender`, and `came_from` is the address it came from at first; `confirmed_elsewhere` is such
    an answer from a mailbox that is not on the list. `disowned`: the answer was "this was not me"; `aside`: and a colleague set the
    message aside since, so that it stands against nothing but what is not proven.

    `linked` is the person whose message it is according to a colleague, `linked_by`. It helps to look; it proves nothing.
    """

    pk: int
    made_at: datetime
    readings: tuple[ReadingFacts, ...]
    sender: MailAddress | None = None
    sender_name: str = ""
    child_text: str = ""
    class_text: str = ""
    authenticity: str = "NOT_CHECKED"
    told: str = ""
    written_by: str = ""
    concern: bool = False
    confirmed_at: datetime | None = None
    came_from: MailAddress | None = None
    confirmed_elsewhere: datetime | None = None
    disowned: bool = False
    aside: bool = False
    linked: int | None = None
    linked_by: str = ""

    @property
    def another_name(self) -> bool:
        """On the confirmation page another name was typed, and nobody has said yet which one is meant."""
        return any(reading.answered and not reading.chosen for reading in self.readings)

    @property
    def by_mail(self) -> bool:
        return not self.told

    @property
    def checked(self) -> bool:
        return self.authenticity == "CHECKED"

    @property
    def suspicious(self) -> bool:
        return self.authenticity == "SUSPICIOUS"


@dataclass(frozen=True)
class LookupFacts:
    """Twitter's answer when asked who holds a handle. No number: nobody did, or the account was suspended and Twitter did not say."""

    handle: str
    asked_at: datetime
    user_id: str | None
    suspended: bool = False


@dataclass(frozen=True)
class RequestFacts:
    """An open follow request and what its profile shows."""

    pk: int
    profile: int
    handle: str
    user_id: str | None
    first_seen_at: datetime
    display_name: str = ""
    bio: str = ""
    created_at: datetime | None = None
    handle_since: datetime | None = None
    previous_handle: str = ""
    concern: bool = False

    @cached_property
    def born(self) -> datetime | None:
        """When the account was made: as Twitter says, else as its number tells (a number of 15 digits or more carries its time)."""
        if self.created_at is not None or self.user_id is None or int(self.user_id) < _FIRST_LONG_ID:
            return self.created_at
        return datetime.fromtimestamp(((int(self.user_id) >> 22) + _SNOWFLAKE_EPOCH_MS) / 1000, tz=UTC)


@dataclass(frozen=True)
class ApprovedFacts:
    """A Twitter account that was approved as a person. `user_id` may be unknown, then `profile` is its key; `standing`: still so.

    `away` says why Twitter does not show it now: "suspended", "gone", or nothing.
    """

    profile: int
    user_id: str | None
    handles: tuple[str, ...]
    person: int
    since: datetime
    standing: bool = True
    away: str = ""


@dataclass(frozen=True)
class FamilyAccount:
    """A handle that somebody on the list gave as theirs in a message, or under which they were approved."""

    handle: str
    person: int
    claim: ClaimFacts | None = None
    approved: ApprovedFacts | None = None


@dataclass(frozen=True)
class Facts:
    """A school's people, claims, look-ups, open requests and approved accounts, with the indexes that make a full run quick."""

    people: tuple[PersonFacts, ...] = ()
    pupils: tuple[ChildFacts, ...] = ()
    claims: tuple[ClaimFacts, ...] = ()
    lookups: tuple[LookupFacts, ...] = ()
    requests: tuple[RequestFacts, ...] = ()
    approved: tuple[ApprovedFacts, ...] = ()
    lookup_within: timedelta = timedelta(hours=24)

    @cached_property
    def person(self) -> Mapping[int, PersonFacts]:
        return {person.pk: person for person in self.people}

    @cached_property
    def holders(self) -> Mapping[str, tuple[PersonFacts, ...]]:
        """Everybody whom a mailbox reaches, by name."""
        found = _grouped((mailbox, person) for person in self.people for mailbox in person.mailboxes)
        return {mailbox: tuple(sorted(people, key=lambda p: (p.name, p.pk))) for mailbox, people in found.items()}

    @cached_property
    def claims_naming(self) -> Mapping[str, tuple[ClaimFacts, ...]]:
        return _grouped(
            (handle, claim)
            for claim in self.claims_in_order
            for handle in sorted({r.handle for r in claim.readings if r.handle is not None})
        )

    @cached_property
    def claims_in_order(self) -> tuple[ClaimFacts, ...]:
        return tuple(sorted(self.claims, key=lambda claim: (claim.made_at, claim.pk)))

    @cached_property
    def lookups_of(self) -> Mapping[str, tuple[LookupFacts, ...]]:
        return _grouped(
            (look.handle, look) for look in sorted(self.lookups, key=lambda look: (look.asked_at, look.handle, look.user_id or ""))
        )

    @cached_property
    def requests_by_handle(self) -> Mapping[str, tuple[RequestFacts, ...]]:
        return _grouped((request.handle, request) for request in self.requests)

    @cached_property
    def approvals_by_handle(self) -> Mapping[str, tuple[ApprovedFacts, ...]]:
        in_order = sorted(self.approved, key=lambda a: (a.since, a.person, a.profile))
        return _grouped((handle, approved) for approved in in_order for handle in approved.handles)

    @cached_property
    def approvals_of_person(self) -> Mapping[int, tuple[ApprovedFacts, ...]]:
        return _grouped((approved.person, approved) for approved in self.approved if approved.standing)

    @cached_property
    def family_accounts(self) -> tuple[FamilyAccount, ...]:
        """Accounts that an imitation may imitate, in the order of their handles: the sender's, or one made from a partner's name.

        What may be forged does not count.
        """
        given = [
            FamilyAccount(handle, pk, claim=claim)
            for handle, claims in self.claims_naming.items()
            for claim in claims
            if claim.sender is not None and not claim.suspicious and any(r.claimed for r in claim.readings if r.handle == handle)
            for holder in self.holders.get(claim.sender.mailbox, ())
            for pk in sorted(self.households[holder.pk])
            if pk == holder.pk or names.compare_handle(handle, self.person[pk].keys) >= names.Fit.INITIAL
        ]
        held = [
            FamilyAccount(handle, approved.person, approved=approved)
            for approved in self.approved
            if approved.standing and approved.person in self.person
            for handle in approved.handles
        ]
        return tuple(sorted((*given, *held), key=lambda a: (a.handle, a.person, a.claim.pk if a.claim is not None else 0)))

    @cached_property
    def households(self) -> Mapping[int, frozenset[int]]:
        """For each person, everybody who shares a child on the roll or a mailbox with them, themselves included."""
        by_child = _grouped((child.pk, person.pk) for person in self.people for child in person.children)
        by_mailbox = _grouped((mailbox, person.pk) for person in self.people for mailbox in person.mailboxes)
        return {
            person.pk: frozenset(
                [
                    person.pk,
                    *(other for child in person.children for other in by_child[child.pk]),
                    *(other for mailbox in person.mailboxes for other in by_mailbox[mailbox]),
                ]
            )
            for person in self.people
        }

    @cached_property
    def people_by_word(self) -> Mapping[str, tuple[PersonFacts, ...]]:
        """People by each part of a surname."""
        return _grouped((word, person) for person in self.people for word in person.keys.families)

    @cached_property
    def people_by_child(self) -> Mapping[str, tuple[PersonFacts, ...]]:
        """People by the first name of a child of theirs."""
        return _grouped(
            (word, person) for person in self.people for word in {w for child in person.children for w in names.words(child.given)[:1]}
        )

    @cached_property
    def given_counts(self) -> Mapping[str, int]:
        return _counted(word for person in self.people for word in person.keys.given)

    @cached_property
    def family_counts(self) -> Mapping[str, int]:
        return _counted(word for person in self.people for word in person.keys.families)

    @cached_property
    def pupils_by_name(self) -> Mapping[str, tuple[ChildFacts, ...]]:
        """Pupils by the whole folded name, without those who share it with somebody on the list of people."""
        grown = {given + family for person in self.people for given in person.keys.given for family in person.keys.families}
        return {
            whole: pupils
            for whole, pupils in _grouped(("".join(names.words(pupil.name)), pupil) for pupil in self.pupils).items()
            if whole and whole not in grown
        }

    @cached_property
    def senders(self) -> tuple[tuple[MailAddress, PersonFacts], ...]:
        """Every address held, with its person."""
        return tuple(sorted(((a, p) for p in self.people for a in p.addresses), key=lambda pair: (pair[0].value, pair[1].pk)))

    def people_named_in(self, text: str) -> tuple[PersonFacts, ...]:
        """People whose surname stands in the text; everybody where the text is in another alphabet, whose spelling may differ."""
        if names.wholly_foreign(text):
            return tuple(sorted(self.people, key=lambda p: p.pk))
        found = names.words(text)
        pairs = {*found, *(a + b for a, b in pairwise(found))}
        found_people = {p.pk: p for word in pairs for p in self.people_by_word.get(word, ())}
        return tuple(found_people[pk] for pk in sorted(found_people))


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    found: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _counted(found: Iterable[str]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for word in found:
        counts[word] += 1
    return dict(counts)
