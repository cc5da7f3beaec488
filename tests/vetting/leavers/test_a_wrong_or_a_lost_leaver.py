"""How somebody might be proposed who belongs, or forgotten who left: lists that are wrong, answers that stand, dates that move."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from tests import given
from tests.given_leavers import a_follower, a_plan, followers_read, groups, left, parents_who_follow
from tests.given_roster import a_checked_list, a_list, a_loaded_list, a_parent, days_later, nine_on
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import decide, open_or_refresh_items
from vetting.decisions.states import State
from vetting.leavers import proposing
from vetting.leavers.models import LeaverPlan
from vetting.leavers.operations import PlanIsStale, plan_removals, propose_removals, run_night, withdraw_removals
from vetting.leavers.queries import Audience, follower_audit
from vetting.leavers.rules import Group
from vetting.roster.models import Basis, EndedByList, Person, RosterImport
from vetting.roster.operations import (
    add_person,
    apply_import,
    correct_person,
    end_basis,
    lift_restriction,
    mark_as_left,
    open_restriction,
    release_import,
)
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import set_policy
from vetting.values import MailAddress, PersonName

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 6)
SEPTEMBER = nine_on(date(2026, 9, 7))
HILL, BELL = "1,Ada,Hill,Year 2,1,Dana,Hill,,Mother,No,", "2,Ivy,Bell,Year 3,2,Una,Bell,,Mother,No,"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


def _listed(school: School, *rows: str, at: datetime) -> RosterImport:
    """A complete list; where it is stopped another admin lets it through."""
    row = a_checked_list(school, a_list(*rows), at=at)
    if row.stopped_because:
        lane = User.objects.filter(name="Mrs Lane").first() or given.mrs_lane(school)
        release_import(roster_import=row, why="We looked at the list together.", by=lane, at=at)
    return apply_import(roster_import=row, by=None, at=at)


def _follows_from_a_list(account: SchoolAccount) -> Person:
    _listed(account.school, HILL, BELL, at=SEPTEMBER)
    dana = Person.objects.get(school=account.school, given="Dana")
    a_follower(account, dana)
    return dana


def _removals(account: SchoolAccount) -> list[QueueItem]:
    return list(QueueItem.objects.filter(school_account=account, kind=QueueItem.Kind.REMOVAL).order_by("pk"))


def _kept(item: QueueItem, by: object, at: datetime) -> None:
    item.refresh_from_db()
    outcome = Decision.Outcome.KEEP
    decide(item=item, seen_version=item.version, person=item.person, outcome=outcome, reason="A friend of the school.", by=by, at=at)


# Lists without the last year group.


def test_children_whom_a_list_of_this_school_year_named_did_not_leave_in_the_summer(school: School, account: SchoolAccount) -> None:
    parents_who_follow(account, 20)
    parents_who_follow(account, 10, year="Year 6")
    rows = {
        year: [f",Child{n},{year},{year},,Parent{n},{year},,Mother,No," for n in range(count)]
        for year, count in (("Year 4", 20), ("Year 6", 10))
    }
    _listed(school, *rows["Year 4"], *rows["Year 6"], at=nine_on(date(2027, 9, 20)))
    for day in (22, 24):
        _listed(school, *rows["Year 4"], at=nine_on(date(2027, 9, day)))
    plan = a_plan(account, nine_on(date(2027, 10, 11)))
    assert len(groups(plan)[Group.READY]) == 10
    assert plan.verdict == LeaverPlan.Verdict.STOPPED
    assert "10 of 30 followers would leave unexpectedly; at most 3 may." in plan.verdict_sentence


def test_the_last_year_group_of_which_september_says_nothing_left_in_the_summer(school: School, account: SchoolAccount) -> None:
    parents_who_follow(account, 20)
    parents_who_follow(account, 10, year="Year 6")
    rows = {
        year: [f",Child{n},{year},{year},,Parent{n},{year},,Mother,No," for n in range(count)]
        for year, count in (("Year 4", 20), ("Year 6", 10))
    }
    _listed(school, *rows["Year 4"], *rows["Year 6"], at=nine_on(date(2027, 6, 14)))
    for day in (22, 24):
        _listed(school, *rows["Year 4"], at=nine_on(date(2027, 9, day)))
    plan = a_plan(account, nine_on(date(2027, 10, 11)))
    assert (plan.verdict, plan.figures["expected"], plan.figures["surprises"]) == (LeaverPlan.Verdict.CLEAR, 10, 0)


# Answers that stand.


def _proposed(account: SchoolAccount) -> tuple[Person, QueueItem]:
    """Dana's only child left on a Friday; she is put before the admins."""
    dana = _follows_from_a_list(account)
    _listed(account.school, f"{HILL}06/11/2026", BELL, at=given.MONDAY)
    propose_removals(plan=a_plan(account, days_later(14)), at=days_later(14))
    return dana, _removals(account)[0]


def test_whom_an_admin_keeps_stays_kept_when_the_leaving_date_moves_on(school: School, account: SchoolAccount) -> None:
    _, item = _proposed(account)
    _kept(item, given.mr_okafor(school), days_later(14))
    _listed(school, f"{HILL}04/12/2026", BELL, at=days_later(15))
    plan = a_plan(account, days_later(50))
    assert groups(plan) == {Group.KEPT: ["Dana"]}
    assert plan.rows[0]["why"] == "Mr Okafor decided on 23 Nov 2026 to keep them."


def test_whom_an_admin_keeps_is_asked_about_again_when_a_new_reason_ends(school: School, account: SchoolAccount) -> None:
    dana, item = _proposed(account)
    _kept(item, given.mr_okafor(school), days_later(14))
    Basis.objects.create(person=dana, kind=Basis.Kind.STAFF, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 11), ended_at=given.MONDAY)
    assert groups(a_plan(account, days_later(50))) == {Group.READY: ["Dana"]}


def test_whom_the_lead_keeps_stays_kept_when_the_date_moves_on_and_no_list_says_who_decided_it(
    school: School, account: SchoolAccount
) -> None:
    (dana, item), reid = _proposed(account), given.ms_reid(school)
    mark = open_restriction(person=dana, reason="An order of 3 May.", by=reid, at=days_later(15))
    open_or_refresh_items(school=school, at=days_later(15))
    assert groups(a_plan(account, days_later(15))) == {Group.LEAD: ["Dana"]}
    _kept(item, reid, days_later(16))
    lift_restriction(restriction=mark, why="The order is over.", by=reid, at=days_later(17))
    _listed(school, f"{HILL}04/12/2026", BELL, at=days_later(18))
    plan = a_plan(account, days_later(50))
    assert groups(plan) == {Group.LEAD: ["Dana"]}
    assert plan.rows[0]["why"] == "This one needs the safeguarding lead."
    assert propose_removals(plan=plan, at=days_later(50)) == 0
    assert "Ms Reid" not in " ".join(line.sentence for lines in follower_audit(account, at=days_later(50)).values() for line in lines)


def test_what_the_lead_kept_in_spite_of_a_mark_does_not_keep_a_family_that_leaves_later(school: School, account: SchoolAccount) -> None:
    dana, reid = _follows_from_a_list(account), given.ms_reid(school)
    mark = open_restriction(person=dana, reason="An order of 3 May.", by=reid, at=given.MONDAY)
    open_or_refresh_items(school=school, at=given.MONDAY)
    _kept(_removals(account)[0], reid, given.MONDAY)
    lift_restriction(restriction=mark, why="The order is over.", by=reid, at=given.MONDAY)
    left(dana, date(2026, 12, 4))
    assert groups(a_plan(account, days_later(50))) == {Group.READY: ["Dana"]}


def test_a_later_answer_to_remove_takes_the_place_of_an_earlier_one_to_keep(school: School, account: SchoolAccount) -> None:
    (dana, item), okafor = _proposed(account), given.mr_okafor(school)
    _kept(item, okafor, days_later(14))
    follower = item.follower
    again = proposing.open_removal(
        school_account=account, follower=follower, person=dana, why="Told at the desk.", by=okafor, at=days_later(15)
    )
    decide(item=again, seen_version=again.version, person=dana, outcome=Decision.Outcome.REMOVE, reason="x", by=okafor, at=days_later(15))
    QueueItem.objects.filter(pk=again.pk).update(state=State.DONE, closed_at=days_later(16))
    assert groups(a_plan(account, days_later(20))) == {Group.READY: ["Dana"]}


# Leaving dates that are taken back.


def test_a_leaving_date_that_was_taken_back_while_a_question_is_open_makes_no_leaver(school: School, account: SchoolAccount) -> None:
    dana, _ = _proposed(account)
    _listed(school, HILL.replace("1,Dana,Hill", ",Dana,Ward"), BELL, at=days_later(15))
    assert [one.person for one in follower_audit(account, at=days_later(16))[Audience.KNOWN]] == [dana]
    assert withdraw_removals(school_account=account, at=days_later(16)) == 1
    assert groups(a_plan(account, days_later(60))) == {Group.KEPT: ["Dana"]}
    _listed(school, HILL, BELL, at=days_later(22))
    assert Basis.objects.filter(person=dana, ends_on=None).count() == 1


def _taken_back_beside_a_question(account: SchoolAccount) -> Person:
    """Dana's child is back on the list of day 15, beside a Dana Ward of whom it asks whether she is Dana."""
    dana = _follows_from_a_list(account)
    _listed(account.school, f"{HILL}06/11/2026", BELL, at=given.MONDAY)
    row = _listed(account.school, HILL.replace("1,Dana,Hill", ",Dana,Ward"), BELL, at=days_later(15))
    assert row.rehearsal["totals"]["needs_you"] == 1
    return dana


def test_who_counts_again_since_a_date_was_taken_back_can_be_marked_as_left(school: School, account: SchoolAccount) -> None:
    dana = _taken_back_beside_a_question(account)
    assert groups(a_plan(account, days_later(16))) == {Group.KEPT: ["Dana"]}
    mark_as_left(person=dana, on=days_later(16).date(), by=given.priya(school), at=days_later(16))
    assert groups(a_plan(account, days_later(60))) == {Group.READY: ["Dana"]}


def test_who_counts_again_since_a_date_was_taken_back_leaves_when_the_child_is_gone_from_two_lists(
    school: School, account: SchoolAccount
) -> None:
    _taken_back_beside_a_question(account)
    for day in (22, 29):
        _listed(school, BELL, at=days_later(day))
    assert groups(a_plan(account, days_later(60))) == {Group.READY: ["Dana"]}


def test_who_left_twice_is_proposed_though_the_first_date_was_taken_back(school: School, account: SchoolAccount) -> None:
    dana = _follows_from_a_list(account)
    _listed(school, f"{HILL}06/11/2026", BELL, at=given.MONDAY)
    _listed(school, HILL, BELL, at=days_later(1))
    assert [one.person for one in follower_audit(account, at=days_later(2))[Audience.KNOWN]] == [dana]
    for day in (8, 15):
        _listed(school, BELL, at=days_later(day))
    assert groups(a_plan(account, days_later(20))) == {Group.GRACE: ["Dana"]}
    assert groups(a_plan(account, days_later(23))) == {Group.READY: ["Dana"]}


def test_who_was_missing_twice_and_is_back_is_known_again(school: School, account: SchoolAccount) -> None:
    dana = _follows_from_a_list(account)
    for day in (0, 7):
        _listed(school, BELL, at=days_later(day))
    assert groups(a_plan(account, days_later(8))) == {Group.GRACE: ["Dana"]}
    _listed(school, HILL, BELL, at=days_later(9))
    assert [one.person for one in follower_audit(account, at=days_later(10))[Audience.KNOWN]] == [dana]


def test_the_words_by_which_a_list_ends_a_reason_are_those_in_the_database() -> None:
    assert (EndedByList.ABSENCE, EndedByList.LEAVING_DATE) == ("Missing from two complete lists.", "Leaving date in the school's list.")


# Lists that are loaded meanwhile.


def test_a_list_that_began_to_load_before_the_plan_and_was_there_after_it_makes_the_plan_stale(
    school: School, account: SchoolAccount
) -> None:
    left(a_parent(school), FRIDAY)
    a_follower(account, Person.objects.get(given="Dana"))
    plan = a_plan(account, days_later(14))
    a_loaded_list(school, a_list(BELL), given.priya(school), at=days_later(14) - timedelta(minutes=1))
    with pytest.raises(PlanIsStale):
        propose_removals(plan=plan, at=days_later(14))


@pytest.mark.parametrize("batch", [1, 10])
def test_a_list_loaded_while_removals_are_proposed_stops_the_rest(
    school: School, account: SchoolAccount, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_policy(school=school, key="removal_batch", value=batch, by=None, at=given.MONDAY)
    for parent in parents_who_follow(account, 2):
        left(parent, FRIDAY)
    plan, real, priya = a_plan(account, days_later(14)), proposing.open_removal, given.priya(school)

    def and_a_list_is_loaded(**named: object) -> QueueItem:
        item = real(**named)
        a_loaded_list(school, a_list(BELL), priya, at=days_later(14) + timedelta(minutes=1))
        return item

    monkeypatch.setattr(proposing, "open_removal", and_a_list_is_loaded)
    if batch == 1:
        assert propose_removals(plan=plan, at=days_later(14)) == 1
    else:
        with pytest.raises(PlanIsStale):
            propose_removals(plan=plan, at=days_later(14))
    assert len(_removals(account)) == (1 if batch == 1 else 0)


# The list that somebody made.


def test_a_list_that_somebody_made_is_theirs_to_look_at_and_the_clock_leaves_it_alone(school: School, account: SchoolAccount) -> None:
    okafor, noon = given.mr_okafor(school), datetime(2026, 11, 24, 12, tzinfo=UTC)
    followers_read(account, noon - timedelta(hours=11))
    assert run_night(school=school, at=noon - timedelta(hours=9)) == 0
    dana = a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    plan = plan_removals(school_account=account, at=noon, by=okafor)
    assert (plan.made_by, groups(plan)) == (okafor, {Group.READY: ["Dana"]})
    assert run_night(school=school, at=noon + timedelta(minutes=1)) == 0
    assert _removals(account) == []
    assert propose_removals(plan=plan, by=okafor, at=noon + timedelta(minutes=5)) == 1


def test_what_nobody_put_before_the_admins_by_day_the_night_proposes(school: School, account: SchoolAccount) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    followers_read(account, noon)
    dana = a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    run_night(school=school, at=noon - timedelta(hours=9))
    plan_removals(school_account=account, at=noon, by=given.mr_okafor(school))
    followers_read(account, noon + timedelta(hours=12))
    assert run_night(school=school, at=noon + timedelta(hours=15)) == 1


# What a released question says.


def test_once_the_lead_lets_it_go_on_a_question_names_neither_mark_nor_concern(school: School, account: SchoolAccount) -> None:
    dana = _follows_from_a_list(account)
    open_restriction(person=dana, reason="An order of 3 May.", by=given.ms_reid(school), at=given.MONDAY)
    open_or_refresh_items(school=school, at=given.MONDAY)
    assert _removals(account)[0].why == "The safeguarding lead was asked about this follower."


def test_the_command_counts_who_is_with_the_lead_and_names_nobody(school: School, account: SchoolAccount) -> None:
    dana = _follows_from_a_list(account)
    open_restriction(person=dana, reason="An order of 3 May.", by=given.ms_reid(school), at=given.MONDAY)
    left(dana, FRIDAY)
    followers_read(account, days_later(13))
    printed = {}
    for as_json in (False, True):
        out = StringIO()
        call_command("plan_leavers", school=school.slug, on=date(2026, 11, 23), json=as_json, stdout=out)
        printed[as_json] = out.getvalue()
    assert "With the safeguarding lead: 1\n" in printed[False]
    follower = account.followers.get()
    for text in printed.values():
        assert "Dana" not in text
        assert follower.profile.handle not in text


# Two entries that may be one person.


def _two_of_a_name(account: SchoolAccount, first: str, second: str) -> Person:
    """A list without numbers names Nadia Khan for Rhys and for Sam; the follower is known as the former, and Rhys leaves."""
    rows = f",Rhys,Khan,Year 6,,Nadia,Khan,{first},Mother,No,", f",Sam,Khan,Year 2,,Nadia,Khan,{second},Mother,No,"
    _listed(account.school, *rows, BELL, at=SEPTEMBER)
    nadia = Person.objects.get(school=account.school, given="Nadia", bases__pupil__given="Rhys")
    a_follower(account, nadia)
    _listed(account.school, f"{rows[0]}06/11/2026", rows[1], BELL, at=given.MONDAY)
    return nadia


def test_a_parent_whom_the_list_names_once_for_each_child_is_kept_until_somebody_looks(school: School, account: SchoolAccount) -> None:
    _two_of_a_name(account, "", "")
    plan = a_plan(account, days_later(14))
    assert groups(plan) == {Group.KEPT: ["Nadia"]}
    assert plan.rows[0]["why"] == "Somebody of the same name may follow as mother of Sam Khan, Year 2. Look whether they are one person."
    assert propose_removals(plan=plan, at=days_later(14)) == 0


def test_a_parent_named_once_for_each_child_stays_for_the_grace_of_the_last(school: School, account: SchoolAccount) -> None:
    _two_of_a_name(account, "", "")
    last = Basis.objects.get(pupil__given="Sam")
    end_basis(basis=last, on=date(2026, 11, 27), by=None, at=days_later(18))
    assert groups(a_plan(account, days_later(30))) == {Group.KEPT: ["Nadia"]}
    assert groups(a_plan(account, days_later(33))) == {Group.READY: ["Nadia"]}


def test_two_of_one_name_with_addresses_of_their_own_are_two_people(school: School, account: SchoolAccount) -> None:
    _two_of_a_name(account, "nadia@home.test", "n.khan@work.test")
    assert groups(a_plan(account, days_later(14))) == {Group.READY: ["Nadia"]}


def test_a_parent_named_once_for_each_child_is_kept_though_the_other_entry_has_another_surname_by_now(
    school: School, account: SchoolAccount
) -> None:
    _two_of_a_name(account, "", "")
    there = Person.objects.get(given="Nadia", bases__pupil__given="Sam")
    correct_person(person=there, name=PersonName("Nadia", "Stone"), by=given.priya(school), at=days_later(1))
    plan = a_plan(account, days_later(14))
    assert groups(plan) == {Group.KEPT: ["Nadia"]}
    assert plan.rows[0]["why"] == "Somebody of the same name may follow as mother of Sam Khan, Year 2. Look whether they are one person."


def test_two_of_one_name_are_not_told_apart_by_an_address_that_one_of_them_has_changed(school: School, account: SchoolAccount) -> None:
    _two_of_a_name(account, "nadia@home.test", "")
    there = Person.objects.get(given="Nadia", bases__pupil__given="Sam")
    priya = given.priya(school)
    for address in ("nadia@home.test", "nadia@moved.test"):
        correct_person(person=there, addresses=[MailAddress.parse(address)], by=priya, at=days_later(1))
    assert groups(a_plan(account, days_later(14))) == {Group.KEPT: ["Nadia"]}


def test_a_colleague_of_a_parents_new_name_does_not_hide_who_married(school: School, account: SchoolAccount) -> None:
    _listed(school, "1,Jane,Hill,Year 2,,Ryan,Hill,ryan@home.test,Father,No,", BELL, at=SEPTEMBER)
    add_person(school=school, name=PersonName("Ryan", "Ward"), kind=Basis.Kind.STAFF, by=None, at=given.MONDAY)
    row = a_checked_list(school, a_list("1,Jane,Hill,Year 2,,Ryan,Ward,ryan@home.test,Father,No,", BELL))
    assert [line["sentence"] for line in row.rehearsal["needs_you"]] == [
        "Is Ryan Ward the same as Ryan Hill? They share an e-mail or a child, but not the surname."
    ]


def test_a_parent_taken_for_somebody_new_after_a_change_of_name_is_not_proposed(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    left_on = {"ends_on": FRIDAY, "ended_at": given.MONDAY}
    Basis.objects.filter(person=dana).update(**left_on)
    ward = Person.objects.create(school=school, given="Dana", family="Ward", added_at=given.MONDAY)
    child = Basis.objects.get(person=dana).pupil
    Basis.objects.create(person=ward, kind=Basis.Kind.PARENT_OR_CARER, pupil=child, starts_on=FRIDAY)
    assert groups(a_plan(account, days_later(30))) == {Group.KEPT: ["Dana"]}
