"""The evidence card of a request: the next step, facts for and against and not known, and how it was worked out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vetting.dashboard import matching_words as words
from vetting.dashboard.matching_words import Step
from vetting.dashboard.words import LEVELS
from vetting.decisions.models import QueueItem
from vetting.decisions.states import State
from vetting.matching.catalogue import Guard, Source, origin_of
from vetting.matching.models import Match
from vetting.matching.workings import Asked, Bar, Field
from vetting.values import Evidence, Level, Verdict

_BY_STATE = {
    State.TO_APPROVE: words.ADMIN_ANSWERS,
    State.COUNTERSIGN: words.SECOND_ANSWERS,
    State.BY_HAND: words.DO_IT,
}


def next_step(item: QueueItem) -> Step | None:
    """The one thing to do next; none once it is on its way or done. Only for those who may see the request."""
    state = State(item.state)
    if state is State.HELD:
        return words.LEAD_ANSWERS
    if state not in (State.WAITING, State.TO_VERIFY):
        return _BY_STATE.get(state) if item.ticked_at is None else None
    if state is State.WAITING and item.asked_at is not None:
        return words.ASKED
    if item.match is None:
        return None
    return words.RELEASED if item.match.level == Level.HOLD else words.NEXT_ACTIONS[item.match.step]


@dataclass(frozen=True)
class Said:
    """A sentence and where it is known from."""

    sentence: str
    source: str


@dataclass(frozen=True)
class Group:
    """What speaks for it, against it, or is not known."""

    verdict: Verdict
    said: list[Said]
    # The first line of the card belongs here; then the group is not empty, even if nothing else stands in it.
    has_line: bool

    @property
    def title(self) -> str:
        return words.VERDICT_TITLES[self.verdict]

    @property
    def nothing(self) -> str:
        return "" if self.has_line else words.NOTHING[self.verdict]


@dataclass(frozen=True)
class Card:
    """What one opinion says: its line, the facts in three groups, and how it was worked out."""

    line: str
    line_source: str
    groups: list[Group]
    worked_out: "WorkedOut | None"


def card(match: Match | None, item: QueueItem, *, for_lead: bool) -> Card:
    """The evidence of an opinion. Where it holds a request, why is for the lead alone, also after the lead let it go on."""
    evidence = shown_evidence(match, for_lead=for_lead)
    reserved = match is not None and match.level == Level.HOLD and not for_lead
    line = match.sentence if match is not None and not reserved else ""
    unknown = _not_known(item)
    return Card(
        line=line,
        line_source=next((_said(one).source for one in evidence if one.sentence == line), ""),
        groups=[_group(verdict, evidence, line, unknown) for verdict in (Verdict.AGREES, Verdict.DISAGREES, Verdict.UNKNOWN)],
        worked_out=worked_out(match) if match is not None and not reserved else None,
    )


def shown_evidence(match: Match | None, *, for_lead: bool) -> list[Evidence]:
    """The sentences a colleague may read. Where a hold was released, what spoke for the hold stays with the lead."""
    if match is None:
        return []
    if match.level == Level.HOLD and not for_lead:
        return [one for one in match.evidence if one.verdict is Verdict.AGREES]
    return match.evidence


def _group(verdict: Verdict, evidence: Sequence[Evidence], line: str, unknown: Sequence[Said]) -> Group:
    """`line` stands above the groups already."""
    mine = [one for one in evidence if one.verdict is verdict]
    said = [_said(one) for one in mine if one.sentence != line] + list(unknown if verdict is Verdict.UNKNOWN else ())
    return Group(verdict, said, has_line=any(one.sentence == line for one in mine))


def _said(one: Evidence) -> Said:
    return Said(one.sentence, words.sources_words(origin_of(one.code).sources))


def _not_known(item: QueueItem) -> list[Said]:
    """What nobody told us, said as plainly as what we know."""
    profile, match = item.profile, item.match
    unknown = {
        Said("Who they are: nobody has written about this Twitter name.", words.SOURCES[Source.EMAIL]): match is None
        or (match.claim_id is None and match.person_id is None and match.level != Level.NONE),
        Said(
            "Twitter’s number of this account, so a new holder of the name could not be told apart.", words.SOURCES[Source.TWITTER]
        ): profile.twitter_user_id is None,
        Said("When the account was opened.", words.SOURCES[Source.TWITTER]): profile.account_created_at is None,
    }
    return [said for said, applies in unknown.items() if applies]


@dataclass(frozen=True)
class Fall:
    """One bar of a sum: what it stands for, how it fits, its figure, and where it is drawn on a line of a hundred."""

    what: str
    how: str
    figure: str
    start: str
    width: str
    tone: str


@dataclass(frozen=True)
class Sum:
    """One sum with its bars and its total, on one scale. `zero` is where nothing is."""

    title: str
    falls: list[Fall]
    total: Fall
    zero: str
    note: str = ""


@dataclass(frozen=True)
class GuardLine:
    """A guard and what came of it, in a word and a shape."""

    question: str
    verdict: Verdict
    result: str


@dataclass(frozen=True)
class WorkedOut:
    """How an opinion came about, as it was kept with it."""

    at: datetime
    level: str
    sums: list[Sum]
    guards: list[GuardLine]
    versions: str

    @property
    def kept(self) -> bool:
        """Whether it still is: it is forgotten with the message it was drawn from."""
        return bool(self.guards)


def worked_out(match: Match) -> WorkedOut:
    kept = match.worked_out
    versions = {"rules": match.engine_version, "weights": match.weights_version, "tables of names": match.data_version}
    note = f"The next best person on the list comes to {_figure(kept.other)}." if kept.other is not None else ""
    return WorkedOut(
        at=match.made_at,
        level=match.level,
        sums=[
            *([_sum("Who wrote the message", kept.wrote, note)] if kept.wrote else []),
            *([_sum("Which account is meant", kept.account)] if kept.account else []),
        ],
        guards=[_guard(one) for one in kept.guards if one.guard in set(Guard)],
        versions=", ".join(f"{what} {version}" for what, version in versions.items() if version),
    )


def _sum(title: str, bars: Sequence[Bar], note: str = "") -> Sum:
    ends = [0.0]
    for bar in bars:
        ends.append(ends[-1] + bar.bits)
    low, high = min(ends), max(ends)

    def fall(what: str, how: str, begin: float, end: float, tone: str) -> Fall:
        start, stop = sorted((_place(begin, low, high), _place(end, low, high)))
        return Fall(what, how, _figure(end - begin), f"{start:.1f}", f"{max(stop - start, 0.6):.1f}", tone)

    falls = [
        fall(_field(bar), words.fit_words(bar.field, bar.fit), begin, end, "for" if bar.bits >= 0 else "against")
        for bar, begin, end in zip(bars, ends, ends[1:], strict=False)
    ]
    return Sum(title, falls, fall("Together", "", 0.0, ends[-1], "total"), f"{_place(0.0, low, high):.1f}", note)


def _field(bar: Bar) -> str:
    return words.FIELDS[Field(bar.field)] if bar.field in set(Field) else bar.field


def _place(value: float, low: float, high: float) -> float:
    return 100 * (value - low) / (high - low) if high > low else 0.0


def _figure(bits: float) -> str:
    """ "+7.3", "−2.7" """
    rounded = round(bits, 1)
    return f"{'−' if rounded < 0 else '+'}{abs(rounded):.1f}"


def _guard(one: Asked) -> GuardLine:
    question = words.GUARDS[Guard(one.guard)]
    if one.ceiling:
        return GuardLine(question, Verdict.DISAGREES, f"No: at most “{LEVELS[Level(one.ceiling)].word}”")
    return GuardLine(question, Verdict.AGREES, "Passed") if one.asked else GuardLine(question, Verdict.UNKNOWN, "Could not be asked")
