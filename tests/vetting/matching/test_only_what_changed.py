"""Deciding only what a change bears on gives exactly what deciding everything gives: in random histories, without a database."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.given_matching import ADA, DANAS, KIERAN, MAIL_CAME
from tests.vetting.matching.test_what_always_holds import HANDLES, NAMES, NUMBERS, SENDERS
from vetting.matching.facts import ApprovedFacts, ChildFacts, ClaimFacts, LookupFacts, ReadingFacts, RequestFacts
from vetting.matching.index import Alike, HandleIndex, handles_sharing
from vetting.matching.knowing import Known, form_opinions
from vetting.matching.patching import INDEXES
from vetting.matching.reads import decide_and_note
from vetting.matching.rows import BasisRow, ClaimRow, PersonRow, PupilRow, Rules, SchoolRows, State, state_on
from vetting.matching.rules import decide_all
from vetting.values import MailAddress

EXAMPLES = 150  # histories on every run; 2,000 when a rule or an index changes
FIRST_DAY = date(2026, 11, 9)
PEOPLE = [("Dana", "Hill"), ("Tom", "Hill"), ("Ravi", "Marsh"), ("Anna", "Hil"), ("Дана", "Хілл"), ("Kieran", "Marsh")]


class History:
    """Rows as they come and go. `step` does one thing that may happen at a school."""

    def __init__(self) -> None:
        self.rows = SchoolRows(pupils={1: PupilRow(ADA, on_roll=True), 2: PupilRow(KIERAN, on_roll=True)})
        self.day = FIRST_DAY
        self.number = 10

    def step(self, draw: Random) -> None:
        draw.choice(
            (
                self.somebody_writes,
                self.somebody_writes,
                self.a_message_changes,
                self.somebody_asks,
                self.somebody_asks,
                self.an_account_changes,
                self.a_name_is_looked_up,
                self.somebody_joins,
                self.somebody_joins,
                self.somebody_on_the_list_changes,
                self.a_child_changes,
                self.an_account_is_known,
                self.something_goes,
                self.a_day_passes,
                self.the_rule_changes,
            )
        )(draw)

    def _new(self) -> int:
        self.number += 1
        return self.number

    def _put(self, kind: str, pk: int, row: object) -> None:
        self.rows = replace(self.rows, **{kind: {**getattr(self.rows, kind), pk: row}})

    def _any(self, kind: str, draw: Random) -> tuple[int, object] | None:
        rows = getattr(self.rows, kind)
        return draw.choice(sorted(rows.items(), key=lambda pair: pair[0])) if rows else None

    def _moment(self, draw: Random) -> timedelta:
        return timedelta(hours=draw.randrange(-72, 72))

    def somebody_writes(self, draw: Random) -> None:
        handles = draw.sample(HANDLES, k=draw.choice((0, 1, 1, 1, 2)))
        claim = ClaimFacts(
            self._new(),
            MAIL_CAME + self._moment(draw),
            tuple(ReadingFacts(f"@{handle}", handle) for handle in handles),
            MailAddress(draw.choice(SENDERS)) if draw.random() < 0.9 else None,
            draw.choice(NAMES),
            draw.choice(("", "Ada", "Kieran Marsh")),
            authenticity=draw.choice(("CHECKED", "CHECKED", "NOT_CHECKED", "SUSPICIOUS")),
        )
        self._put("claims", claim.pk, ClaimRow(claim))

    def a_message_changes(self, draw: Random) -> None:
        found = self._any("claims", draw)
        if found is None:
            return
        pk, row = found
        assert isinstance(row, ClaimRow)
        handle = draw.choice(HANDLES)
        linked = draw.choice((None, *self.rows.people))
        changes = draw.choice(
            (
                {"linked": linked, "linked_by": "Priya"},
                {"disowned": True, "authenticity": "SUSPICIOUS"},
                {"aside": True},
                {"concern": not row.claim.concern},
                {"readings": (ReadingFacts(f"@{handle}", handle, chosen=True),)},
            )
        )
        claim = replace(row.claim, **changes)
        if "readings" in changes and draw.random() < 0.5:
            address = MailAddress(draw.choice(SENDERS))
            row = ClaimRow(claim, frozenset({handle}), MAIL_CAME + timedelta(days=1), address)
        self._put("claims", pk, replace(row, claim=claim))

    def somebody_asks(self, draw: Random) -> None:
        pk = self._new()
        number = draw.choice((*NUMBERS, None))
        at = MAIL_CAME + self._moment(draw)
        self._put("requests", pk, RequestFacts(pk, pk, draw.choice(HANDLES), number, at, display_name=draw.choice((*NAMES, "Дана Хілл"))))

    def an_account_changes(self, draw: Random) -> None:
        found = self._any("requests", draw)
        if found is None:
            return
        pk, row = found
        assert isinstance(row, RequestFacts)
        now = MAIL_CAME + self._moment(draw)
        renamed = {"handle": draw.choice(HANDLES), "previous_handle": row.handle, "handle_since": now}
        self._put("requests", pk, replace(row, **draw.choice((renamed, {"display_name": draw.choice(NAMES)}, {"concern": True}))))

    def a_name_is_looked_up(self, draw: Random) -> None:
        look = LookupFacts(draw.choice(HANDLES), MAIL_CAME + self._moment(draw), draw.choice((*NUMBERS, DANAS, None)))
        self._put("lookups", self._new(), look)

    def somebody_joins(self, draw: Random) -> None:
        given_name, family = draw.choice(PEOPLE)
        starts = FIRST_DAY - timedelta(days=draw.randrange(-3, 100))
        ends = starts + timedelta(days=draw.randrange(1, 100)) if draw.random() < 0.3 else None
        basis = BasisRow("Parent or carer", draw.choice((1, 2)), "mother", starts, ends)
        addresses = frozenset(MailAddress(text) for text in draw.sample(SENDERS, k=draw.choice((0, 1, 1, 2))))
        pk = self._new()
        self._put("people", pk, PersonRow(pk, given_name, family, "", (basis,), addresses, draw.random() < 0.1, False))

    def somebody_on_the_list_changes(self, draw: Random) -> None:
        found = self._any("people", draw)
        if found is None:
            return
        pk, row = found
        assert isinstance(row, PersonRow)
        given_name, family = draw.choice(PEOPLE)
        changes = draw.choice(
            (
                {"restricted": not row.restricted},
                {"concern": not row.concern},
                {"given": given_name, "family": family, "previous_family": row.family},
                {"addresses": frozenset({MailAddress(draw.choice(SENDERS))})},
                {"bases": ()},
            )
        )
        self._put("people", pk, replace(row, **changes))

    def a_child_changes(self, draw: Random) -> None:
        pk = draw.choice((1, 2))
        child = ChildFacts(pk, draw.choice(("Ada", "Kieran", "Tom")), draw.choice(("Hill", "Marsh")), draw.choice(("Oak", "Elm")))
        self._put("pupils", pk, PupilRow(child, on_roll=draw.random() < 0.8))

    def an_account_is_known(self, draw: Random) -> None:
        if self.rows.people:
            pk = self._new()
            number = draw.choice((*NUMBERS, None))
            person = draw.choice(sorted(self.rows.people))
            since = MAIL_CAME - timedelta(days=draw.randrange(1, 90))
            approved = ApprovedFacts(pk, number, (draw.choice(HANDLES),), person, since, standing=draw.random() < 0.8)
            self._put("approved", pk, approved)

    def something_goes(self, draw: Random) -> None:
        kind = draw.choice(("claims", "requests", "lookups", "approved"))
        found = self._any(kind, draw)
        if found is not None:
            self.rows = replace(self.rows, **{kind: {pk: row for pk, row in getattr(self.rows, kind).items() if pk != found[0]}})

    def a_day_passes(self, draw: Random) -> None:
        self.day += timedelta(days=draw.choice((1, 7, 60)))

    def the_rule_changes(self, draw: Random) -> None:
        self.rows = replace(self.rows, rules=Rules(lookup_within=timedelta(hours=draw.choice((1, 24, 48)))))


def afresh(history: History) -> dict[int, object]:
    return {opinion.request: opinion for opinion in decide_all(state_on(history.rows, history.day).facts)}


@settings(max_examples=EXAMPLES, deadline=None)
@given(seeds=st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_after_any_history_the_opinions_are_those_of_deciding_everything(seeds: list[int]) -> None:
    history = History()
    known: Known | None = None
    for version, seed in enumerate(seeds):
        history.step(Random(seed))  # noqa: S311  # a story, no secret
        state = state_on(history.rows, history.day, known.state if known is not None else None)
        known = form_opinions(state, version=version, mark=1, was=known)
        assert {pk: formed.opinion for pk, formed in known.formed.items()} == afresh(history)


@settings(max_examples=EXAMPLES, deadline=None)
@given(seeds=st.lists(st.integers(0, 10**9), min_size=5, max_size=40))
def test_every_index_that_was_patched_is_as_if_it_were_made_anew(seeds: list[int]) -> None:
    history = History()
    known: Known | None = None
    for seed in seeds:
        history.step(Random(seed))  # noqa: S311  # a story, no secret
        state = state_on(history.rows, history.day, known.state if known is not None else None)
        known = form_opinions(state, version=1, mark=1, was=known)
    assert known is not None
    anew = state_on(history.rows, history.day).facts
    for name in (*INDEXES, *known.names - {"claimed_alike", "family_alike"}):
        assert getattr(known.state.facts, name) == getattr(anew, name), name
    for handle in HANDLES:
        assert known.state.facts.claimed_alike[handle] == anew.claimed_alike[handle]
        assert known.state.facts.family_alike[handle] == anew.family_alike[handle]


@settings(max_examples=EXAMPLES, deadline=None)
@given(first=st.sets(st.text("adhil1_", min_size=4, max_size=9), max_size=30), then=st.sets(st.text("adhil1_", min_size=4, max_size=9)))
def test_an_index_of_handles_that_was_patched_finds_what_a_new_one_finds(first: set[str], then: set[str]) -> None:
    old, asking = HandleIndex(sorted(first)), sorted(first | then)
    patched, changed = Alike(old).following(then, asking=asking)
    for handle in asking:
        assert handles_sharing(handle, patched.index) == handles_sharing(handle, HandleIndex(sorted(then)))
        assert (Alike(old)[handle] != patched[handle]) == (handle in changed)
    assert old.handles == first


def test_nothing_is_decided_again_that_a_change_does_not_bear_on() -> None:
    known = _one_family_and_a_stranger()
    rows = known.state.rows
    stranger = ClaimFacts(99, MAIL_CAME, (ReadingFacts("@kzz", "kzz"),), MailAddress("sam@gmail.com"), "Sam", authenticity="CHECKED")
    state = state_on(replace(rows, claims={**rows.claims, 99: ClaimRow(stranger)}), FIRST_DAY, known.state)
    after = form_opinions(state, version=2, mark=2, was=known)
    assert after.formed[1] is known.formed[1]
    assert after.formed[2] is not known.formed[2]
    assert known.state.facts.claims_naming.keys() == {"danahill7"}


def _one_family_and_a_stranger() -> Known:
    basis = BasisRow("Parent or carer", 1, "mother", FIRST_DAY, None)
    dana = PersonRow(1, "Dana", "Hill", "", (basis,), frozenset({MailAddress("dana.hill@brightwork.example")}), False, False)
    mail = ClaimFacts(1, MAIL_CAME, (ReadingFacts("@danahill7", "danahill7"),), next(iter(dana.addresses)), "Dana Hill")
    asking = RequestFacts(1, 1, "danahill7", DANAS, MAIL_CAME, display_name="Dana Hill")
    rows = SchoolRows(
        people={1: dana},
        pupils={1: PupilRow(ADA, on_roll=True)},
        claims={1: ClaimRow(mail)},
        requests={1: asking, 2: RequestFacts(2, 2, "kzz", NUMBERS[1], MAIL_CAME, display_name="Sam Ray")},
    )
    return form_opinions(state_on(rows, FIRST_DAY), version=1, mark=1)


def test_what_an_opinion_read_is_noted_where_there_was_nothing_too() -> None:
    state: State = _one_family_and_a_stranger().state
    stranger = next(request for request in state.facts.requests if request.handle == "kzz")
    _, reads = decide_and_note(stranger, state.facts)
    assert "kzz" in reads.keys["claims_naming"]
    assert "sam" in reads.keys["people_by_word"]
