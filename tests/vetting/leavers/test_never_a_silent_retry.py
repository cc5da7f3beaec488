"""A plan is believed only while it is fresh, each row is read anew before it is asked, and a stop stays a stop until people went on."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests import given
from tests.given_leavers import a_follower, a_plan, followers_read, groups, left, parents_who_follow
from tests.given_roster import a_list, a_loaded_list, a_parent, days_later
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import open_removal
from vetting.identities.models import Identification
from vetting.leavers import proposing
from vetting.leavers.models import LeaverPlan
from vetting.leavers.operations import (
    PlanIsStale,
    RemovalsArePaused,
    ask_release,
    draft_plan,
    propose_removals,
    release_plan,
    run_night,
)
from vetting.leavers.rules import Group
from vetting.roster.models import Basis, Person
from vetting.roster.operations import add_basis, open_restriction
from vetting.school.models import CalendarEntry, School, SchoolAccount
from vetting.school.operations import set_policy, set_term
from vetting.school.queries import open_alarms, pause_of_removals

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 6)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


def _asked(account: SchoolAccount) -> int:
    return QueueItem.objects.filter(school_account=account, kind=QueueItem.Kind.REMOVAL).count()


def _unexpected(account: SchoolAccount, count: int) -> list[Person]:
    """Parents whose last day a list wrote down after it had come: nobody said so, and nobody foresaw it."""
    parents = parents_who_follow(account, count)
    Basis.objects.filter(person__in=parents).update(ends_on=FRIDAY, ended_at=given.MONDAY)
    return parents


def test_a_plan_older_than_a_day_refuses(account: SchoolAccount) -> None:
    dana = a_parent(account.school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    plan = a_plan(account, days_later(14))
    with pytest.raises(PlanIsStale, match="older than a day"):
        propose_removals(plan=plan, at=days_later(15) + timedelta(minutes=1))
    assert propose_removals(plan=plan, at=days_later(15)) == 1


def test_a_plan_older_than_the_newest_list_of_families_refuses_and_the_night_makes_a_new_one(account: SchoolAccount) -> None:
    okafor, dana = given.mr_okafor(account.school), a_parent(account.school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    followers_read(account, days_later(14))
    set_policy(school=account.school, key="removals_paused", value=True, by=okafor, at=days_later(13), why="Half term")
    run_night(school=account.school, at=days_later(14))
    plan = LeaverPlan.objects.get()
    later = days_later(14) + timedelta(hours=2)
    a_loaded_list(account.school, a_list("1,Ivy,Bell,Year 2,1,Una,Bell,,Mother,No,"), given.priya(account.school), at=later)
    set_policy(school=account.school, key="removals_paused", value=False, by=okafor, at=later)
    with pytest.raises(PlanIsStale, match="loaded or rolled back since"):
        propose_removals(plan=plan, at=later + timedelta(minutes=1))
    assert run_night(school=account.school, at=later + timedelta(minutes=2)) == 1
    assert LeaverPlan.objects.count() == 2


@pytest.mark.parametrize(
    "what",
    [
        lambda dana, reid: add_basis(person=dana, kind=Basis.Kind.VOLUNTEER, by=None, at=days_later(14)),
        lambda dana, reid: open_restriction(person=dana, reason="An order.", by=reid, at=days_later(14)),
        lambda dana, reid: Person.objects.filter(pk=dana.pk).update(do_not_contact=True),
        lambda dana, reid: Identification.objects.filter(person=dana).update(until=days_later(14)),
    ],
    ids=["a reason again", "a mark", "do not contact", "somebody else"],
)
def test_each_is_read_anew_just_before_the_question_is_opened(account: SchoolAccount, what: Callable[[Person, User], object]) -> None:
    dana, reid = a_parent(account.school), given.ms_reid(account.school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    plan = a_plan(account, days_later(14))
    assert groups(plan) == {Group.READY: ["Dana"]}
    what(dana, reid)
    assert propose_removals(plan=plan, at=days_later(14)) == 0
    assert _asked(account) == 0


def test_questions_are_opened_in_batches_and_a_pause_takes_effect_between_two(
    account: SchoolAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    okafor = given.mr_okafor(account.school)
    parents_who_follow(account, 5, year="Year 2")
    for parent in parents_who_follow(account, 25):
        left(parent, FRIDAY, at=given.MONDAY - timedelta(days=5))
    plan = a_plan(account, days_later(14))
    really, batches = proposing._propose_batch, []

    def paused_after_the_first(*args: object) -> int:
        opened = really(*args)
        batches.append(opened)
        set_policy(school=account.school, key="removals_paused", value=True, by=okafor, at=days_later(14), why="Stop")
        return opened

    monkeypatch.setattr(proposing, "_propose_batch", paused_after_the_first)
    assert propose_removals(plan=plan, at=days_later(14)) == 10
    assert (batches, _asked(account)) == ([10], 10)
    monkeypatch.undo()
    with pytest.raises(RemovalsArePaused):
        propose_removals(plan=plan, at=days_later(14))
    set_policy(school=account.school, key="removals_paused", value=False, by=okafor, at=days_later(14) + timedelta(minutes=1))
    assert propose_removals(plan=plan, at=days_later(14) + timedelta(minutes=2)) == 15
    assert _asked(account) == 25


def test_a_stop_that_would_pass_by_itself_the_next_night_stays_a_stop(account: SchoolAccount) -> None:
    parents = _unexpected(account, 4)
    parents_who_follow(account, 20, year="Year 2")
    assert "4 of 24 followers would leave unexpectedly" in a_plan(account, days_later(14)).verdict_sentence
    add_basis(person=parents[0], kind=Basis.Kind.VOLUNTEER, by=None, at=days_later(14))
    again = a_plan(account, days_later(15))
    assert again.stop_reasons == ["3 people on whom the list of 23 Nov 2026 stopped are still on it, and nobody has said that it is right."]
    assert a_plan(account, days_later(16)).verdict == LeaverPlan.Verdict.STOPPED


def test_a_new_reading_of_the_followers_retries_no_list_that_stopped_on_people(account: SchoolAccount) -> None:
    _unexpected(account, 4)
    followers_read(account, days_later(14))
    run_night(school=account.school, at=days_later(14))
    followers_read(account, days_later(14) + timedelta(hours=1))
    assert run_night(school=account.school, at=days_later(14) + timedelta(hours=2)) == 0
    assert LeaverPlan.objects.count() == 1


def test_what_an_admin_asked_stands_on_the_next_nights_list_of_the_same_people_and_of_nobody_else(account: SchoolAccount) -> None:
    okafor, lane = given.mr_okafor(account.school), given.mrs_lane(account.school)
    _unexpected(account, 4)
    ask_release(plan=a_plan(account, days_later(14)), why="The class moved.", by=okafor, at=days_later(14))
    same = a_plan(account, days_later(15))
    assert (same.asked_by, same.released_why) == (okafor, "The class moved.")
    others = parents_who_follow(account, 1, year="Year 5")
    Basis.objects.filter(person__in=others).update(ends_on=FRIDAY, ended_at=given.MONDAY)
    assert a_plan(account, days_later(16)).asked_by is None
    release_plan(plan=same, by=lane, at=days_later(16), signed_in_at=days_later(16))
    assert LeaverPlan.objects.get(pk=same.pk).released_by == lane


def test_marking_people_one_by_one_is_a_way_on(account: SchoolAccount) -> None:
    okafor = given.mr_okafor(account.school)
    _unexpected(account, 4)
    a_plan(account, days_later(14))
    for follower in account.followers.select_related("profile"):
        person = Identification.objects.get(profile=follower.profile).person
        open_removal(school_account=account, follower=follower, person=person, why="Left.", by=okafor, at=days_later(14))
    assert a_plan(account, days_later(15)).verdict == LeaverPlan.Verdict.CLEAR


def test_a_release_is_for_exactly_these_people_and_for_a_week(account: SchoolAccount) -> None:
    okafor, lane = given.mr_okafor(account.school), given.mrs_lane(account.school)
    _unexpected(account, 4)
    plan = a_plan(account, days_later(14))
    ask_release(plan=plan, why="The class moved.", by=okafor, at=days_later(14))
    release_plan(plan=plan, by=lane, at=days_later(14), signed_in_at=days_later(14))
    assert a_plan(account, days_later(15)).verdict == LeaverPlan.Verdict.CLEAR
    assert a_plan(account, days_later(22)).verdict == LeaverPlan.Verdict.STOPPED
    others = parents_who_follow(account, 4, year="Year 5")
    Basis.objects.filter(person__in=others).update(ends_on=FRIDAY, ended_at=given.MONDAY)
    stopped = a_plan(account, days_later(16))
    assert stopped.figures["surprises"] == 4


def test_people_who_do_not_follow_show_the_size_of_a_wave(account: SchoolAccount) -> None:
    _unexpected(account, 2)
    gone = [a_parent(account.school, f"Ann Lee{n}", f"Bo Lee{n}") for n in range(9)]
    Basis.objects.filter(person__in=gone).update(ends_on=FRIDAY, ended_at=given.MONDAY)
    plan = a_plan(account, days_later(14))
    assert "11 of 11 adults would have left unexpectedly, followers or not; at most 3 may." in plan.verdict_sentence


def test_an_empty_roster_and_a_vanished_year_stop_the_list(account: SchoolAccount) -> None:
    for year in ("Year 1", "Year 2", "Year 3"):
        parents_who_follow(account, 6, year=year)
    assert a_plan(account, days_later(0)).verdict == LeaverPlan.Verdict.CLEAR
    Basis.objects.filter(pupil__year="Year 2").update(ends_on=FRIDAY, ended_at=given.MONDAY)
    vanished = a_plan(account, days_later(1))
    assert "Year 2 had 6 children at the last good list and has none now." in vanished.stop_reasons
    assert open_alarms(account.school) == []
    Basis.objects.update(ends_on=FRIDAY, ended_at=given.MONDAY)
    empty = a_plan(account, days_later(20))
    assert "Nobody has a reason to follow any more, though 18 people had one. The list of families looks empty." in empty.stop_reasons


def test_a_list_of_families_that_nobody_loaded_for_long_stops_removals(account: SchoolAccount) -> None:
    priya = given.priya(account.school)
    a_loaded_list(account.school, a_list("1,Ivy,Bell,Year 2,1,Una,Bell,,Mother,No,"), priya, at=datetime(2026, 5, 4, 9, tzinfo=UTC))
    stopped = a_plan(account, days_later(0))
    assert stopped.stop_reasons[0].startswith("The list of families was last loaded on 4 May 2026, 189 days ago")
    set_policy(school=account.school, key="roster_days", value=0, by=None, at=days_later(0))
    assert a_plan(account, days_later(1)).verdict == LeaverPlan.Verdict.CLEAR


def test_the_summer_freeze_follows_the_schools_own_terms(account: SchoolAccount) -> None:
    term, at = CalendarEntry.Kind.TERM, given.MONDAY
    set_term(school=account.school, name="Summer", starts_on=date(2026, 4, 13), ends_on=date(2026, 7, 21), by=None, at=at)
    set_term(school=account.school, name="Autumn", starts_on=date(2026, 9, 3), ends_on=date(2026, 12, 18), by=None, at=at)
    assert CalendarEntry.objects.filter(kind=term).count() == 2
    ann = a_parent(account.school, "Ann Lee", "Bo Lee")
    a_follower(account, ann)
    Basis.objects.filter(person=ann).update(ends_on=date(2026, 6, 26), ended_at=datetime(2026, 7, 8, 9, tzinfo=UTC))
    assert groups(a_plan(account, datetime(2026, 7, 15, 9, tzinfo=UTC))) == {Group.READY: ["Ann"]}
    frozen = a_plan(account, datetime(2026, 7, 20, 9, tzinfo=UTC))
    assert groups(frozen) == {Group.GRACE: ["Ann"]}
    assert "waits until 17 Sep 2026" in frozen.rows[0]["why"]
    assert groups(a_plan(account, datetime(2026, 9, 18, 9, tzinfo=UTC))) == {Group.READY: ["Ann"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"released_by": "okafor", "asked_by": "okafor", "released_why": "x"},
        {"released_by": "okafor", "asked_by": None, "released_why": "x"},
        {"released_by": "lane", "asked_by": "okafor", "released_why": ""},
    ],
    ids=["plan_released_by_another", "nobody asked", "plan_release_has_a_reason"],
)
def test_the_database_itself_refuses_an_override_by_one_person_or_without_a_reason(account: SchoolAccount, wrong: dict[str, str]) -> None:
    users = {"okafor": given.mr_okafor(account.school), "lane": given.mrs_lane(account.school), None: None}
    plan = a_plan(account, days_later(0))
    values = {key: users[value] if key.endswith("_by") else value for key, value in wrong.items()}
    with pytest.raises(IntegrityError, match="plan_release"), transaction.atomic():
        LeaverPlan.objects.filter(pk=plan.pk).update(released_at=days_later(0), **values)


def test_a_pause_says_who_when_and_why(account: SchoolAccount) -> None:
    okafor = given.mr_okafor(account.school)
    assert pause_of_removals(account.school) is None
    set_policy(school=account.school, key="removals_paused", value=True, by=okafor, at=given.MONDAY, why="The list looks wrong.")
    pause = pause_of_removals(account.school)
    assert pause is not None
    assert (pause.by, pause.at, pause.why) == (okafor, given.MONDAY, "The list looks wrong.")


def test_a_plan_costs_as_many_queries_for_sixty_followers_as_for_six(account: SchoolAccount) -> None:
    counts = []
    followers_read(account, days_later(14))
    for size, year in ((6, "Year 3"), (54, "Year 4")):
        for parent in parents_who_follow(account, size, year=year):
            left(parent, FRIDAY)
        with CaptureQueriesContext(connection) as queries:
            assert len(draft_plan(school_account=account, at=days_later(14)).rows) >= size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def _printed(account: SchoolAccount, **options: object) -> dict[str, object]:
    out = StringIO()
    call_command("plan_leavers", school=account.school.slug, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def test_the_command_prints_one_object_and_writes_nothing(account: SchoolAccount) -> None:
    dana = a_parent(account.school)
    sam = a_parent(account.school, "Sam Ward", "Leo Ward")
    add_basis(person=sam, kind=Basis.Kind.GOVERNOR, by=None, at=given.MONDAY)
    a_follower(account, dana, "dana")
    a_follower(account, sam, "sam")
    a_parent(account.school, "Una Bell", "Ivy Bell")
    for person in (dana, Person.objects.get(given="Una")):
        left(person, FRIDAY, at=given.MONDAY - timedelta(days=4))
    Basis.objects.filter(person=sam, kind=Basis.Kind.PARENT_OR_CARER).update(ends_on=FRIDAY, ended_at=given.MONDAY)
    followers_read(account, days_later(13))
    said = _printed(account, on=date(2026, 11, 23))
    assert list(said) == ["expected", "found", "surprises", "share", "stopped", "stop_reasons", "removals", "kept"]
    assert (said["expected"], said["found"], said["surprises"], said["share"], said["stopped"]) == (2, 2, 0, 50.0, False)
    assert said["removals"] == [
        {
            "handle": "dana",
            "person": "Dana Hill",
            "why": "No longer parent or carer of Ada Hill, Year 2: last day 6 Nov 2026.",
            "grace_ended": "2026-11-20",
            "expected": True,
        }
    ]
    assert said["kept"] == [{"handle": "sam", "person": "Sam Ward", "why": "Still governor."}]
    assert not LeaverPlan.objects.exists()
    assert _asked(account) == 0


def test_the_command_says_why_a_list_stops_and_proposes_only_todays(account: SchoolAccount) -> None:
    said = _printed(account, on=date(2026, 11, 23))
    assert said["stopped"] is True
    assert said["stop_reasons"] == ["The followers have not been read completely yet."]
    with pytest.raises(CommandError, match="Only today's list"):
        call_command("plan_leavers", school=account.school.slug, propose=True, on=date(2026, 11, 23))
