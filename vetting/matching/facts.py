"""What the engine knows, as immutable values: no database, no clock.

`Facts` is a whole school at one moment. Every opinion is a function of it alone, so the same facts give the same opinion.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import log2

from vetting.matching import names
from vetting.matching.addresses import shape_of_name
from vetting.matching.grouping import counted, grouped
from vetting.matching.index import Alike, HandleIndex
from vetting.matching.patching import INDEXES
from vetting.values import MailAddress

_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
_FIRST_LONG_ID = 10**14


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
    or signed, or nothing says that it is the sender's; `mentioned`: it stands in the sender's own words all the same.
    """

    text: str
    handle: str | None
    repaired: bool = False
    chosen: bool = False
    typed: bool = False
    answered: bool = False
    beside: bool = False
    mentioned: bool = False

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
    `by_word`: no admin approved it, a colleague said who it is.
    """

    profile: int
    user_id: str | None
    handles: tuple[str, ...]
    person: int
    since: datetime
    standing: bool = True
    away: str = ""
    by_word: bool = False


@dataclass(frozen=True)
class FamilyAccount:
    """A handle that somebody on the list gave as theirs in a message, or under which they were approved."""

    handle: str
    person: int
    claim: ClaimFacts | None = None
    approved: ApprovedFacts | None = None


@dataclass(frozen=True)
class Facts:
    """A school's people, claims, look-ups, open requests and approved accounts, with the indexes that make a run quick.

    Rules reach everything through these indexes, by key: what an opinion has read says when it must be formed again (`reads`).
    """

    people: tuple[PersonFacts, ...] = ()
    pupils: tuple[ChildFacts, ...] = ()
    claims: tuple[ClaimFacts, ...] = ()
    lookups: tuple[LookupFacts, ...] = ()
    requests: tuple[RequestFacts, ...] = ()
    approved: tuple[ApprovedFacts, ...] = ()
    lookup_within: timedelta = timedelta(hours=24)
    pupil_domains: frozenset[str] = frozenset()
    own_domains: frozenset[str] = frozenset()

    @cached_property
    def person(self) -> Mapping[int, PersonFacts]:
        return {person.pk: person for person in self.people}

    @cached_property
    def holders(self) -> Mapping[str, tuple[PersonFacts, ...]]:
        """Everybody whom a mailbox reaches, by name."""
        found = grouped((mailbox, person) for person in self.people for mailbox in person.mailboxes)
        return {mailbox: tuple(sorted(people, key=lambda p: (p.name, p.pk))) for mailbox, people in found.items()}

    @cached_property
    def claims_naming(self) -> Mapping[str, tuple[ClaimFacts, ...]]:
        return INDEXES["claims_naming"].build(self)

    @cached_property
    def claimed_alike(self) -> Alike:
        """For a handle, those like it that a claim names."""
        return Alike(HandleIndex(self.claims_naming))

    @cached_property
    def claims_from(self) -> Mapping[str, tuple[ClaimFacts, ...]]:
        """Claims by the mailbox they came from."""
        return INDEXES["claims_from"].build(self)

    @cached_property
    def claims_linked_to(self) -> Mapping[int, tuple[ClaimFacts, ...]]:
        return INDEXES["claims_linked_to"].build(self)

    @cached_property
    def lookups_of(self) -> Mapping[str, tuple[LookupFacts, ...]]:
        return INDEXES["lookups_of"].build(self)

    @cached_property
    def lookups_finding(self) -> Mapping[str | None, tuple[LookupFacts, ...]]:
        """Look-ups by the number they found."""
        return INDEXES["lookups_finding"].build(self)

    @cached_property
    def requests_by_handle(self) -> Mapping[str, tuple[RequestFacts, ...]]:
        return INDEXES["requests_by_handle"].build(self)

    @cached_property
    def approvals_by_handle(self) -> Mapping[str, tuple[ApprovedFacts, ...]]:
        return INDEXES["approvals_by_handle"].build(self)

    @cached_property
    def approvals_by_number(self) -> Mapping[str, tuple[ApprovedFacts, ...]]:
        return INDEXES["approvals_by_number"].build(self)

    @cached_property
    def approvals_by_profile(self) -> Mapping[int, tuple[ApprovedFacts, ...]]:
        return INDEXES["approvals_by_profile"].build(self)

    @cached_property
    def approvals_of_person(self) -> Mapping[int, tuple[ApprovedFacts, ...]]:
        """Those that stand."""
        return INDEXES["approvals_of_person"].build(self)

    @cached_property
    def family_alike(self) -> Alike:
        """For a handle, those like it of accounts that an imitation may imitate."""
        return Alike(HandleIndex(self.family_accounts_by_handle))

    @cached_property
    def asking_alike(self) -> Alike:
        """For a handle, those like it of accounts that ask to follow."""
        return Alike(HandleIndex(self.requests_by_handle))

    @cached_property
    def family_accounts_by_handle(self) -> Mapping[str, tuple[FamilyAccount, ...]]:
        return INDEXES["family_accounts_by_handle"].build(self)

    @cached_property
    def family_accounts_of(self) -> Mapping[int, tuple[FamilyAccount, ...]]:
        """The accounts of one person."""
        return INDEXES["family_accounts_of"].build(self)

    @cached_property
    def households(self) -> Mapping[int, frozenset[int]]:
        """For each person, everybody who shares a child on the roll or a mailbox with them, themselves included."""
        by_child = grouped((child.pk, person.pk) for person in self.people for child in person.children)
        by_mailbox = grouped((mailbox, person.pk) for person in self.people for mailbox in person.mailboxes)
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
        return grouped((word, person) for person in self.people for word in person.keys.families)

    @cached_property
    def people_by_whole(self) -> Mapping[str, tuple[PersonFacts, ...]]:
        """People by first name and surname in one word."""
        return grouped((whole, person) for person in self.people for whole in sorted(person.keys.wholes))

    @cached_property
    def surnames_like(self) -> Mapping[tuple[str, int], tuple[str, ...]]:
        """Surnames by first letter and length: a misspelt one has the same letter and nearly the same length."""
        return grouped(((word[0], len(word)), word) for word in sorted(self.people_by_word))

    @cached_property
    def people_by_child(self) -> Mapping[str, tuple[PersonFacts, ...]]:
        """People by the first name of a child of theirs."""
        return grouped(
            (word, person) for person in self.people for word in {w for child in person.children for w in names.words(child.given)[:1]}
        )

    @cached_property
    def given_counts(self) -> Mapping[str, int]:
        """How many have this first name, in steps."""
        return counted(word for person in self.people for word in person.keys.given)

    @cached_property
    def family_counts(self) -> Mapping[str, int]:
        return counted(word for person in self.people for word in person.keys.families)

    @cached_property
    def population(self) -> int:
        """How many are on the list, to the nearest power of two: one more name does not make every other name rarer."""
        return 1 << round(log2(max(len(self.people), 1)))

    @cached_property
    def pupils_by_name(self) -> Mapping[str, tuple[ChildFacts, ...]]:
        """Pupils by the whole folded name, without those who share it with somebody on the list of people."""
        grown = self.people_by_whole
        return {
            whole: pupils
            for whole, pupils in grouped(("".join(names.words(pupil.name)), pupil) for pupil in self.pupils).items()
            if whole and whole not in grown
        }

    @cached_property
    def addresses_by_shape(self) -> Mapping[str, tuple[MailAddress, ...]]:
        """Every address held, by the shape of its name."""
        held = sorted({address for person in self.people for address in person.addresses}, key=lambda address: address.value)
        return grouped((shape_of_name(address), address) for address in held)
