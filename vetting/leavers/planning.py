"""The night's list: who no longer belongs and why, and whether the list is believable. It proposes nothing."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.leavers import brake
from vetting.leavers.brake import Shape, Tally
from vetting.leavers.facts import (
    Found,
    identified_followers,
    others_who_left,
    people_with_an_ended_reason,
    shape_of,
)
from vetting.leavers.lists import last_loaded_on, lists_loaded
from vetting.leavers.models import LeaverPlan
from vetting.leavers.rules import Group, Judgement
from vetting.school.models import SchoolAccount
from vetting.school.operations import clear_alarm, raise_alarm
from vetting.school.queries import limits_of, local_day
from vetting.twitter.models import ListReading

# A list of followers is read weekly; a day more leaves room for one late reading.
READING_DAYS = 8
# Whom a second admin looked at is not counted again for so long; then the override is over.
AN_OVERRIDE_LASTS = timedelta(days=7)
ALARM = "leavers_stopped"
STOPPED = "Stopped. Nobody was proposed."


@dataclass(frozen=True)
class Draft:
    """What a list of that moment says, before anything is stored."""

    account: SchoolAccount
    found: list[Found]
    rows: list[dict[str, object]]
    tally: Tally
    shape: Shape
    surprising: frozenset[int]
    on_whom: frozenset[int]
    unread: str
    lists: str
    stop_reasons: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return " ".join((STOPPED, *self.stop_reasons)) if self.stop_reasons else ""

    def figures(self) -> dict[str, object]:
        counted = asdict(self.tally) | {"expected": self.tally.expected, "share": self.tally.share}
        return counted | {
            "shape": asdict(self.shape),
            "surprising": sorted(self.surprising),
            "on_whom": sorted(self.on_whom),
            "unread": bool(self.unread),
            "lists": self.lists,
        }


def draft_plan(*, school_account: SchoolAccount, at: datetime) -> Draft:
    """Look at everybody and say what the night's list would be. Writes nothing: the dry run."""
    school, day = school_account.school, local_day(school_account.school, at)
    # First of all: whatever is loaded while this is being drawn up makes it stale.
    lists = lists_loaded(school.pk)
    found = identified_followers(school_account, at)
    lines = {one.follower.pk: line for one in found if (line := one.soon or one.judgement)}
    followers = school_account.followers.filter(ended_at=None).count()
    looked_at = _looked_at(school_account, at)
    ready = [(one.person.pk, one.judgement) for one in found if one.judgement and one.judgement.group is Group.READY]
    others = others_who_left(school, at, {one.person.pk for one in found})
    shape = shape_of(school, day)
    surprising = frozenset(person for person, one in (*ready, *others.items()) if not one.expected and person not in looked_at)
    uncounted = [(person, one) for person, one in ready if person not in looked_at]
    tally = Tally(
        followers=followers,
        adults=shape.adults + len({person for person, _ in ready} | others.keys()),
        found=len({person for person, _ in ready} | others.keys()),
        surprises=len(surprising),
        ready=len(ready),
        unexpected=sum(1 for _, one in uncounted if not one.expected),
        unannounced=sum(1 for _, one in uncounted if not one.announced),
    )
    watched = surprising | {person for person, one in uncounted if not one.announced}
    stops, on_whom = _stops(school_account, at, tally, shape, watched)
    unread = no_reading(school_account, at)
    rows = [_row(one, lines[one.follower.pk]) for one in found if one.follower.pk in lines]
    reasons = (unread, *stops) if unread else tuple(stops)
    return Draft(school_account, found, rows, tally, shape, surprising, on_whom, unread, lists, reasons)


def _stops(account: SchoolAccount, at: datetime, tally: Tally, shape: Shape, watched: frozenset[int]) -> tuple[list[str], frozenset[int]]:
    """The sentence of every layer, in their order; and on whom the list stopped, where it stopped on people."""
    school, day = account.school, local_day(account.school, at)
    limits, was = limits_of(school), _last_good_shape(account, at)
    before, stopped_on = _stopped_before(account, at)
    by_people = [brake.too_many_surprises(tally, limits), brake.too_many_at_once(tally, limits)]
    again = brake.stopped_before(before, watched, stopped_on)
    on_whom = watched if any(by_people) else frozenset(before) & watched
    sentences = [
        brake.roster_is_old(last_loaded_on(school), day, limits),
        brake.roster_is_empty(shape, people_with_an_ended_reason(school, day, _looked_at(account, at))),
        brake.years_are_missing(was, shape, day),
        brake.roster_has_shrunk(was, shape, day),
        *by_people,
        "" if any(by_people) else again,
    ]
    return [sentence for sentence in sentences if sentence], on_whom


def _earlier(account: SchoolAccount, at: datetime) -> QuerySet[LeaverPlan]:
    return LeaverPlan.objects.filter(school_account=account, made_at__lt=at).defer("rows").order_by("-made_at", "-pk")


def _last_good_shape(account: SchoolAccount, at: datetime) -> Shape | None:
    """The roster when a list last went on: within the limits, or looked at by two people."""
    good = _earlier(account, at).exclude(verdict=LeaverPlan.Verdict.STOPPED, released_at=None).exclude(figures={}).first()
    return Shape(**good.figures["shape"]) if good else None


def _stopped_before(account: SchoolAccount, at: datetime) -> tuple[Collection[int], date | None]:
    last = _earlier(account, at).first()
    if last is None or last.verdict != LeaverPlan.Verdict.STOPPED or last.released_at is not None:
        return (), None
    return last.figures.get("on_whom", ()), local_day(account.school, last.made_at)


def _looked_at(account: SchoolAccount, at: datetime) -> frozenset[int]:
    """The people on lists that two admins let go on lately: exactly those, nobody else, and not for ever."""
    released = LeaverPlan.objects.filter(school_account=account, released_at__lte=at, released_at__gt=at - AN_OVERRIDE_LASTS)
    people: set[int] = set()
    for plan in released:
        people |= {entry["person"] for entry in plan.rows if entry["group"] == Group.READY} | set(plan.figures.get("surprising", ()))
    return frozenset(people)


@transaction.atomic
def plan_removals(*, school_account: SchoolAccount, at: datetime, by: User | None = None) -> LeaverPlan:
    """List the followers who no longer belong, with reasons, and say whether the list is believable. Proposes nothing.

    What somebody made (`by`) the clock leaves alone: it is theirs to look at and to put before the admins.
    """
    draft, school = draft_plan(school_account=school_account, at=at), school_account.school
    plan = LeaverPlan.objects.create(
        school=school,
        school_account=school_account,
        made_at=at,
        made_by=by,
        rows=draft.rows,
        followers_count=draft.tally.followers,
        figures=draft.figures(),
        verdict=LeaverPlan.Verdict.STOPPED if draft.stop_reasons else LeaverPlan.Verdict.CLEAR,
        verdict_sentence=draft.sentence[:500],
        stop_reasons=list(draft.stop_reasons),
        **_asked_already(draft, at),
    )
    kept = sum(1 for row in draft.rows if row["group"] == Group.KEPT)
    facts = {"ready": draft.tally.ready, "kept": kept, "followers": draft.tally.followers}
    if draft.stop_reasons:
        why = plan.verdict_sentence
        record(school_id=school.pk, event=Event.PLAN_STOPPED, by=by, at=at, subject=plan, facts={**facts, "why": why})
    else:
        record(school_id=school.pk, event=Event.PLAN_MADE, by=by, at=at, subject=plan, facts=facts)
    if draft.stop_reasons and (draft.tally.ready or draft.tally.surprises):
        raise_alarm(school=school, kind=ALARM, sentence=plan.verdict_sentence, at=at, subject=school_account.handle)
    else:
        clear_alarm(school=school, kind=ALARM, at=at, subject=school_account.handle)
    return plan


def _asked_already(draft: Draft, at: datetime) -> dict[str, object]:
    """What an admin asked about the last stopped list still stands where this one names nobody else."""
    last = _earlier(draft.account, at).defer(None).first()
    if not draft.stop_reasons or last is None or last.asked_by_id is None or last.asked_at is None or last.released_at is not None:
        return {}
    named = {entry["person"] for entry in last.rows if entry["group"] == Group.READY} | set(last.figures.get("on_whom", ()))
    names = {row["person"] for row in draft.rows if row["group"] == Group.READY} | draft.on_whom
    if last.asked_at <= at - AN_OVERRIDE_LASTS or not names <= named:
        return {}
    return {"asked_by_id": last.asked_by_id, "asked_at": last.asked_at, "released_why": last.released_why}


def _row(found: Found, line: Judgement) -> dict[str, object]:
    return {
        "profile": found.follower.profile_id,
        "follower": found.follower.pk,
        "person": found.person.pk,
        "why": line.why,
        "grace_ends_on": line.grace_ends_on.isoformat() if line.grace_ends_on else None,
        "group": line.group.value,
        "expected": line.expected,
    }


def no_reading(school_account: SchoolAccount, at: datetime) -> str:
    """Why nothing may be proposed from what we hold of the followers; empty when a complete list was read lately."""
    complete = ListReading.objects.filter(
        school_account=school_account, kind=ListReading.Kind.FOLLOWERS, complete=True, ended_at__isnull=False, ended_at__lte=at
    )
    last = complete.order_by("-ended_at").first()
    if last is None or last.ended_at is None:
        return "The followers have not been read completely yet."
    if last.ended_at < at - timedelta(days=READING_DAYS):
        return f"The followers were last read completely on {brake.say(local_day(school_account.school, last.ended_at))}, too long ago."
    return ""
