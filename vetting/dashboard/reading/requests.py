"""The Requests page: its tabs and rows, and one request with everything a person needs to answer it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse

from accounts.models import User
from vetting.audit.queries import AuditLine, lines
from vetting.concerns.models import Concern
from vetting.concerns.queries import open_concerns
from vetting.dashboard.matching_words import NEXT_ACTIONS, Step
from vetting.dashboard.presenters import Compared, Tab
from vetting.dashboard.reading.card import Card, card, next_step, shown_evidence
from vetting.dashboard.reading.comparing import Twins, compared, twins
from vetting.dashboard.reading.memories import MemoryLine, memory_lines
from vetting.decisions import policies, queries
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.remembering import asked_before
from vetting.decisions.states import State
from vetting.intake.models import VerificationEmail
from vetting.intake.queries import count_emails_that_need_a_look, emails_that_need_a_look
from vetting.matching.next_action import NextAction
from vetting.roster.models import Person, Restriction
from vetting.roster.queries import current_bases, describe, people, person_by_reference, restrictions_for_lead
from vetting.school.models import Role, School
from vetting.school.queries import Calendar, local_day, roles_of
from vetting.twitter.queries import notes_about
from vetting.values import Level

TABS = {"ready": "Ready", "look": "Needs a look", "waiting": "Waiting", "done": "Done"}
MOST_FOUND = 8


@dataclass(frozen=True)
class Spot:
    """Where in the list somebody stands: the tab, and the level they filter by (empty: all)."""

    tab: str
    level: str = ""

    @classmethod
    def of(cls, asked: dict[str, str], otherwise: str = "ready") -> "Spot":
        """From an address or a form; whatever is not a tab or a level is left out."""
        tab, level = asked.get("tab", ""), asked.get("level", "")
        return cls(tab if tab in TABS else otherwise, level if level in set(Level) else "")

    @property
    def query(self) -> str:
        return "?" + urlencode({"tab": self.tab} | ({"level": self.level} if self.level else {}))


def tab_of(item: QueueItem, today: date) -> str:
    """The tab under which an item is found."""
    state = State(item.state)
    if state in (State.DECIDED, State.CARRYING_OUT, State.BY_HAND, State.DONE, State.LAPSED):
        return "done"
    if state is State.WAITING or (state is not State.HELD and item.snoozed_until is not None and item.snoozed_until > today):
        return "waiting"
    if state is State.HELD or (state is State.TO_VERIFY and item.level not in queries.READY_LEVELS):
        return "look"
    return "ready"


@dataclass(frozen=True)
class Row:
    """One line of the list. It says nothing of children, marks or concerns."""

    item: QueueItem
    days: int
    open_with: str
    note: str
    asked_before: bool = False


@dataclass(frozen=True)
class LevelFilter:
    """A level as a filter, with how many stand there."""

    level: str
    count: int
    address: str
    current: bool


@dataclass(frozen=True)
class RequestList:
    """One tab of Requests."""

    spot: Spot
    tabs: list[Tab]
    levels: list[LevelFilter]
    rows: list[Row]
    emails: list[VerificationEmail]
    just_decided: list[QueueItem]
    most: int = queries.MOST_ROWS

    @property
    def word(self) -> str:
        return f"Requests: {TABS[self.spot.tab]}"

    @property
    def empty_words(self) -> str:
        return {
            "ready": "Nothing is ready to answer.",
            "look": "Nothing needs a look.",
            "waiting": "No request waits for a family.",
            "done": "Nothing was answered yet.",
        }[self.spot.tab]

    def after(self, item: QueueItem) -> str:
        """The reference of the row that comes after this one; of the first when it was the last; empty when it is alone."""
        references = [row.item.reference for row in self.rows]
        others = [reference for reference in references if reference != item.reference]
        if item.reference in references:
            later = references[references.index(item.reference) + 1 :]
            return (later or others or [""])[0]
        return (others or [""])[0]


def request_list(*, school: School, spot: Spot, by: User, at: datetime, decided_since: datetime) -> RequestList:
    today = local_day(school, at)
    of_tab = {
        "ready": queries.ready(school, today),
        "look": queries.needs_a_look(school, today),
        "waiting": queries.waiting(school) | queries.later(school, today),
        "done": queries.answered(school),
    }
    items = of_tab[spot.tab]
    shown = items.filter(level=spot.level) if spot.level else items
    in_order = shown if spot.tab == "done" else queries.in_order(shown)
    emails = emails_that_need_a_look(school) if spot.tab == "look" and not spot.level else []
    calendar, roles = Calendar(school), roles_of(school=school, user=by)
    listed = sorted(queries.for_list(in_order), key=lambda item: not _is_mine(item, roles, spot))
    before = asked_before(listed) if spot.tab != "done" else set()
    return RequestList(
        spot=spot,
        tabs=[
            Tab(key, word, reverse("requests") + Spot(key).query, _waiting(school, key, of_tab[key]), key == spot.tab)
            for key, word in TABS.items()
        ],
        levels=_levels(items, spot),
        rows=[_row(item, calendar, by, at, asked_before=item.pk in before) for item in listed],
        emails=emails,
        just_decided=[item for item in queries.just_decided(school, decided_since) if item.kind == QueueItem.Kind.APPROVAL],
    )


def _waiting(school: School, tab: str, items: QuerySet[QueueItem]) -> int | None:
    """How many stand under a tab: requests, and under "Needs a look" the e-mails that did not become one. What is done is not counted."""
    if tab == "done":
        return None
    return _capped(items) + (count_emails_that_need_a_look(school) if tab == "look" else 0)


def _capped(items: QuerySet[QueueItem]) -> int:
    return items.order_by().values("pk")[:1000].count()


def _levels(items: QuerySet[QueueItem], spot: Spot) -> list[LevelFilter]:
    counts = dict(items.order_by().values_list("level").annotate(Count("pk")))
    return [
        LevelFilter(level.value, counts[level.value], reverse("requests") + Spot(spot.tab, level.value).query, spot.level == level)
        for level in Level
        if counts.get(level.value) and len(counts) > 1
    ]


def _is_mine(item: QueueItem, roles: frozenset[Role], spot: Spot) -> bool:
    """Whether it is the visitor's turn: in Ready, what they can answer themselves stands first."""
    owner = {State.TO_VERIFY: Role.OFFICE, State.TO_APPROVE: Role.ADMIN, State.COUNTERSIGN: Role.ADMIN}.get(State(item.state))
    return spot.tab == "ready" and owner in roles


def _row(item: QueueItem, calendar: Calendar, by: User, at: datetime, *, asked_before: bool) -> Row:
    return Row(
        item=item,
        days=calendar.school_days_between(item.opened_at, at),
        open_with=_open_with(item, by, at),
        note=_note(item, at),
        asked_before=asked_before,
    )


def _note(item: QueueItem, at: datetime) -> str:
    """What the chip does not say: whose turn it is."""
    if item.state == State.TO_APPROVE:
        return "verified, to approve"
    if item.state == State.COUNTERSIGN:
        return "needs a second person"
    if item.snoozed_until is not None and item.snoozed_until > at.date():
        return f"put off until {item.snoozed_until:%a} {item.snoozed_until.day} {item.snoozed_until:%b}"
    return "asked" if item.asked_at and item.state == State.WAITING else ""


def _open_with(item: QueueItem, by: User, at: datetime) -> str:
    """Who else has it open now."""
    if item.taken_by is None or item.taken_by_id == by.pk or item.taken_until is None or item.taken_until <= at:
        return ""
    return str(item.taken_by)


@dataclass(frozen=True)
class Known:
    """Somebody on the school's list, as a choice: who, why they may follow, and why they were considered."""

    person: Person
    reasons: list[str]
    sentence: str = ""

    @property
    def belongs(self) -> bool:
        return bool(self.reasons)


@dataclass(frozen=True)
class Acts:
    """What the person may do now: for showing buttons. The operations ask the same rules again."""

    hows: list[tuple[str, str]] = field(default_factory=list)
    verify: bool = False
    both: bool = False
    approve: bool = False
    decline: bool = False
    countersign: bool = False
    ask: bool = False
    hold: bool = False
    later: bool = False
    release: bool = False
    undo: bool = False
    write_down: bool = False

    @property
    def any_answer(self) -> bool:
        return self.approve or self.decline or self.ask or self.hold or self.later or self.release or self.countersign or self.undo


@dataclass(frozen=True)
class RequestDetail:
    """One request. `hidden`: a colleague may know that the safeguarding lead has it, and nothing else."""

    item: QueueItem
    acts: Acts
    hidden: bool
    is_lead: bool
    days: int
    open_with: str
    best: Known | None = None
    others: list[Known] = field(default_factory=list)
    found: list[Known] = field(default_factory=list)
    step: Step | None = None
    card: Card | None = None
    # What was known when it was answered, where more is known by now.
    at_answer: Card | None = None
    compared: list[Compared] = field(default_factory=list)
    twins: Twins | None = None
    verification: Verification | None = None
    decision: Decision | None = None
    account_notes: list[str] = field(default_factory=list)
    memories: list[MemoryLine] = field(default_factory=list)
    history: list[AuditLine] = field(default_factory=list)
    concerns: list[Concern] = field(default_factory=list)
    marks: list[Restriction] = field(default_factory=list)

    @property
    def asks_first(self) -> bool:
        """Whether asking the family is the step that is offered first."""
        return self.step is NEXT_ACTIONS[NextAction.ASK]

    @property
    def known(self) -> list[Known]:
        """Everybody who may be chosen, the best guess first, nobody twice."""
        unique: dict[int, Known] = {}
        for one in [*([self.best] if self.best else []), *self.found, *self.others]:
            unique.setdefault(one.person.pk, one)
        return list(unique.values())


def request_detail(*, item: QueueItem, by: User, at: datetime, chosen: str = "", search: str = "") -> RequestDetail:
    """Everything about one request, for one colleague.

    Args:
        chosen: the reference of somebody just added or picked; they come first.
        search: a name or address to look for among the school's people.
    """
    found = queries.detail(item=item, by=by, at=at)
    is_lead = Role.LEAD.value in found.may.roles
    hidden = not is_lead and (found.may.needs_lead or item.state == State.HELD)
    calendar = Calendar(item.school)
    plain = RequestDetail(
        item=item,
        acts=_acts(found.may, item, by, found.decision),
        hidden=hidden,
        is_lead=is_lead,
        days=calendar.school_days_between(item.opened_at, at),
        open_with=_open_with(item, by, at),
    )
    if hidden:
        return plain
    today = local_day(item.school, at)
    history = lines(school_id=item.school_id, for_lead=is_lead, subject=item, limit=50)
    best = found.verification.person if found.verification else item.person
    picked = person_by_reference(item.school, chosen) if chosen else None
    searched = people(item.school, search, limit=MOST_FOUND) if search else []
    return replace(
        plain,
        best=_known(best, today) if best else None,
        found=[_known(one, today, "Chosen now.") for one in [picked] if one] + [_known(one, today) for one in searched],
        others=_candidates(item, today),
        step=next_step(item),
        card=card(item.match, item, for_lead=is_lead),
        at_answer=_at_answer(item, found.decision, is_lead),
        compared=compared(item=item, person=best, on=today),
        twins=twins(item, shown_evidence(item.match, for_lead=is_lead)),
        verification=found.verification,
        decision=found.decision,
        account_notes=notes_about(item.profile, since=_asked_about_since(item)),
        memories=memory_lines(item=item, for_lead=is_lead),
        history=history,
        concerns=concerns_about(item) if is_lead else [],
        marks=_marks(item) if is_lead else [],
    )


def _acts(c: policies.Circumstances, item: QueueItem, by: User, decision: Decision | None) -> Acts:
    # Whether the person belongs is said beside each choice; here it is only asked whether a choice could be made at all.
    for_anyone = replace(c, belongs_now=True)
    hows = [(how.value, how.label) for how in Verification.How if policies.can_verify(for_anyone, how=how.value)]
    may_approve = Role.ADMIN.value in c.roles
    second = decision is not None and policies.can_countersign(for_anyone, decided_by=decision.by_id, by=by.pk)
    return Acts(
        hows=hows,
        verify=bool(hows),
        both=bool(hows) and may_approve,
        approve=policies.can_approve(c),
        decline=policies.can_decline(c),
        countersign=second,
        ask=policies.can_ask(c),
        hold=policies.can_hold(c) and c.state is not State.HELD,
        later=c.state in (State.TO_VERIFY, State.TO_APPROVE, State.WAITING) and bool(c.roles & {"OFFICE", "ADMIN"}),
        release=policies.can_release(c),
        undo=policies.can_undo(c),
        write_down=c.state in (State.WAITING, State.TO_VERIFY) and bool(c.roles & {"OFFICE", "ADMIN"}),
    )


def _known(person: Person, on: date, sentence: str = "") -> Known:
    return Known(person, [describe(basis) for basis in current_bases(person, on)], sentence)


def _candidates(item: QueueItem, on: date) -> list[Known]:
    if item.match is None:
        return []
    named = {entry["person"]: entry.get("sentence", "") for entry in item.match.candidates}
    rows = {person.pk: person for person in Person.objects.filter(school=item.school, pk__in=named)}
    return [_known(rows[pk], on, sentence) for pk, sentence in named.items() if pk in rows and pk != item.person_id]


def _at_answer(item: QueueItem, decision: Decision | None, is_lead: bool) -> Card | None:
    if decision is None or decision.match is None or decision.match_id == item.match_id:
        return None
    return card(decision.match, item, for_lead=is_lead)


def _asked_about_since(item: QueueItem) -> datetime:
    """From when on a change of name matters: the message that speaks for them, or their request."""
    claim = item.match.claim if item.match is not None else None
    return min(claim.made_at, item.opened_at) if claim is not None else item.opened_at


def concerns_about(item: QueueItem) -> list[Concern]:
    """Open concerns about the profile, the person or the e-mail that speaks for them: for the safeguarding lead alone."""
    email = item.match.claim.email_id if item.match is not None and item.match.claim is not None else None
    return [
        concern
        for concern in open_concerns(item.school)
        if concern.profile_id == item.profile_id
        or (item.person_id is not None and concern.person_id == item.person_id)
        or (email is not None and concern.email_id == email)
    ]


def _marks(item: QueueItem) -> list[Restriction]:
    """Open marks on the best match and on whoever else the e-mail may have come from: a shared mailbox is reason enough to hold."""
    considered = {entry["person"] for entry in item.match.candidates} if item.match else set()
    return [mark for mark in restrictions_for_lead(item.school) if mark.person_id in considered | {item.person_id}]
