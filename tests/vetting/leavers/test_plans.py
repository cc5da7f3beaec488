"""The nightly list: who is proposed, who is kept and why, and when it stops."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from tests import given, given_roster
from tests.given_leavers import a_follower, a_plan, followers_read, groups, left, parents_who_follow
from tests.given_roster import a_list, a_loaded_list, a_parent, days_later, the_child
from vetting.audit.queries import check_chain, lines
from vetting.decisions.models import Decision, QueueItem
from vetting.decisions.operations import decide, open_removal
from vetting.decisions.states import State
from vetting.leavers.models import LeaverPlan
from vetting.leavers.operations import (
    NeedsFreshSignIn,
    PlanIsStopped,
    ReleaseNeedsAnother,
    RemovalsArePaused,
    ask_release,
    complete_review,
    plan_removals,
    propose_removals,
    release_plan,
    run_night,
    withdraw_removals,
)
from vetting.leavers.queries import Audience, follower_audit, last_review, lines_of, next_review_on, stopped_plans
from vetting.leavers.rules import Group
from vetting.roster.children import ChildName
from vetting.roster.models import Basis, Person
from vetting.roster.operations import add_basis, add_person, end_basis, mark_as_left, mark_as_returned, open_restriction
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import set_policy
from vetting.school.queries import open_alarms
from vetting.values import PersonName

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 6)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


def _removals(account: SchoolAccount) -> list[QueueItem]:
    return list(QueueItem.objects.filter(school_account=account, kind=QueueItem.Kind.REMOVAL).order_by("pk"))


def test_a_parent_whose_last_child_left_waits_in_grace_and_is_then_proposed_once(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY, by=given.priya(school))
    assert groups(a_plan(account, days_later(0))) == {Group.GRACE: ["Dana"]}
    plan = a_plan(account, days_later(12))
    assert groups(plan) == {Group.READY: ["Dana"]}
    assert propose_removals(plan=plan, at=days_later(12)) == 1
    assert propose_removals(plan=plan, at=days_later(12)) == 0
    item = _removals(account)[0]
    assert (item.state, item.person) == (State.TO_APPROVE, dana)
    assert item.why == "No longer parent or carer of Ada Hill, Year 2: last day 6 Nov 2026."
    assert groups(a_plan(account, days_later(13))) == {Group.PROPOSED: ["Dana"]}
    assert check_chain(school_id=school.pk).whole


def test_the_mid_year_leavers_of_the_sample_list(school: School, account: SchoolAccount) -> None:
    priya = given.priya(school)
    a_loaded_list(school, given_roster.BASELINE, priya, at=given_roster.nine_on(date(2026, 9, 7)))
    for person in Person.objects.filter(school=school):
        a_follower(account, person)
    for child in ("P0012", "P0017", "P0038"):
        mark_as_left(person=school.pupils.get(source_id=child), on=FRIDAY, by=priya, at=given.MONDAY)
    found = lines_of(a_plan(account, days_later(14)))
    assert [line.person.name for line in found[Group.READY]] == ["Isla Davies", "Adam Nowak", "Hannah Nowak"]
    assert {(line.person.name, line.why) for line in found[Group.KEPT]} == {
        ("Priya Đỗ", "Still mother of Sophia Đỗ, Year 5."),
        ("Katie Đỗ", "Still grandmother of Sophia Đỗ, Year 5."),
    }


def test_a_member_of_staff_who_is_also_a_parent_is_kept(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    job = add_basis(person=dana, kind=Basis.Kind.STAFF, by=None, at=given.MONDAY, starts_on=date(2025, 9, 1))
    a_follower(account, dana)
    end_basis(basis=job, on=FRIDAY, by=None, at=given.MONDAY)
    plan = a_plan(account, days_later(1))
    assert groups(plan) == {Group.KEPT: ["Dana"]}
    assert plan.rows[0]["why"] == "Still parent or carer of Ada Hill, Year 2."


def test_a_grandmother_goes_when_the_parent_who_introduced_her_has_gone(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    gran = add_person(
        school=school,
        name=PersonName("Ann", "Hill"),
        kind=Basis.Kind.INTRODUCED_BY,
        by=None,
        at=given.MONDAY,
        introduced_by=dana,
        starts_on=date(2026, 9, 1),
    )
    a_follower(account, gran)
    left(dana, FRIDAY)
    assert groups(a_plan(account, days_later(30))) == {Group.READY: ["Ann"]}


def test_a_wrong_list_with_leaving_dates_for_everybody_is_stopped(school: School, account: SchoolAccount) -> None:
    priya = given.priya(school)
    rows = [f"{n},Child{n},Hill,Year 4,{n},Parent{n},Hill{n},p{n}@home.test,Mother,No," for n in range(10)]
    a_loaded_list(school, a_list(*rows), priya, at=given_roster.nine_on(date(2026, 9, 7)))
    for person in Person.objects.filter(school=school):
        a_follower(account, person)
    # The list itself is stopped; when an admin lets it through all the same, its leavers are stopped once more.
    given_roster.a_list_let_through(school, a_list(*(f"{row}06/11/2026" for row in rows)), priya, admin=given.mr_okafor(school))
    plan = a_plan(account, days_later(14))
    assert plan.verdict == LeaverPlan.Verdict.STOPPED
    assert "10 of 10 followers would leave unexpectedly; at most 3 may." in plan.verdict_sentence
    with pytest.raises(PlanIsStopped):
        propose_removals(plan=plan, at=days_later(14))
    assert _removals(account) == []
    assert [alarm.sentence for alarm in open_alarms(school)] == [plan.verdict_sentence]
    assert lines(school_id=school.pk)[1].sentence == f"The leaver list was stopped: {plan.verdict_sentence}"


def test_a_stopped_list_goes_on_only_through_a_second_admin(school: School, account: SchoolAccount) -> None:
    okafor, lane, priya = given.mr_okafor(school), given.mrs_lane(school), given.priya(school)
    for parent in parents_who_follow(account, 10):
        left(parent, FRIDAY, by=okafor)
    plan = a_plan(account, days_later(14))
    assert "10 of 10 followers (100%) would leave at once without having been announced; the limit is 15%." in plan.verdict_sentence
    with pytest.raises(ReleaseNeedsAnother):
        ask_release(plan=plan, why="A class moved to the new school.", by=priya, at=days_later(14))
    with pytest.raises(ReleaseNeedsAnother, match="First an admin"):
        release_plan(plan=plan, by=lane, at=days_later(14), signed_in_at=days_later(14))
    ask_release(plan=plan, why="A class moved to the new school.", by=okafor, at=days_later(14))
    for somebody in (priya, okafor):
        with pytest.raises(ReleaseNeedsAnother):
            release_plan(plan=plan, by=somebody, at=days_later(14), signed_in_at=days_later(14))
    with pytest.raises(NeedsFreshSignIn):
        release_plan(plan=plan, by=lane, at=days_later(14), signed_in_at=days_later(14) - timedelta(hours=1))
    release_plan(plan=plan, by=lane, at=days_later(14), signed_in_at=days_later(14))
    assert open_alarms(school) == []
    assert propose_removals(plan=plan, at=days_later(14), by=lane) == 10
    assert stopped_plans(account)[0].released_by == lane


def _a_stopped_list(account: SchoolAccount, recorded_by: list[User]) -> LeaverPlan:
    parents = parents_who_follow(account, 10)
    for number, parent in enumerate(parents):
        left(parent, FRIDAY, by=recorded_by[number] if number < len(recorded_by) else recorded_by[-1])
    return a_plan(account, days_later(14))


def test_two_admins_who_each_recorded_a_departure_can_let_a_list_go_on(school: School, account: SchoolAccount) -> None:
    okafor, lane = given.mr_okafor(school), given.mrs_lane(school)
    plan = _a_stopped_list(account, [lane, okafor])
    ask_release(plan=plan, why="A class moved to the new school.", by=okafor, at=days_later(14))
    assert release_plan(plan=plan, by=lane, at=days_later(14), signed_in_at=days_later(14)).released_by == lane


def test_whose_own_list_it_is_does_not_agree_to_it_but_may_ask_in_the_others_place(school: School, account: SchoolAccount) -> None:
    okafor, lane = given.mr_okafor(school), given.mrs_lane(school)
    plan = _a_stopped_list(account, [okafor])
    ask_release(plan=plan, why="A class moved.", by=lane, at=days_later(14))
    with pytest.raises(ReleaseNeedsAnother, match="This is your own list"):
        release_plan(plan=plan, by=okafor, at=days_later(14), signed_in_at=days_later(14))
    assert ask_release(plan=plan, why="Year 4 moved to the other site.", by=okafor, at=days_later(15)).asked_by == okafor
    assert release_plan(plan=plan, by=lane, at=days_later(15), signed_in_at=days_later(15)).released_by == lane


def test_who_loaded_the_list_does_not_agree_unless_every_admin_loaded_one(school: School, account: SchoolAccount) -> None:
    okafor, lane = given.mr_okafor(school), given.mrs_lane(school)
    plan = _a_stopped_list(account, [lane, okafor])
    loaded = [
        a_loaded_list(school, a_list(f"9{n},Zoe{n},Quill,Year 1,8{n},Una{n},Quill,,Mother,No,"), by, at=days_later(14))
        for n, by in enumerate((okafor, lane))
    ]
    Basis.objects.filter(person__given="Parent0").update(ended_by_import=loaded[0], ended_by=None)
    ask_release(plan=plan, why="A class moved.", by=lane, at=days_later(14))
    with pytest.raises(ReleaseNeedsAnother, match="you loaded the families"):
        release_plan(plan=plan, by=okafor, at=days_later(14), signed_in_at=days_later(14))
    Basis.objects.filter(person__given="Parent1").update(ended_by_import=loaded[1], ended_by=None)
    assert release_plan(plan=plan, by=okafor, at=days_later(14), signed_in_at=days_later(14)).released_by == okafor


def test_the_only_admin_waits_two_days_before_letting_their_own_list_go_on(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    for parent in parents_who_follow(account, 10):
        left(parent, FRIDAY, by=okafor)
    plan = a_plan(account, days_later(14))
    ask_release(plan=plan, why="A class moved.", by=okafor, at=days_later(14))
    with pytest.raises(ReleaseNeedsAnother, match="48 hours"):
        release_plan(plan=plan, by=okafor, at=days_later(15), signed_in_at=days_later(15))
    release_plan(plan=plan, by=okafor, at=days_later(16), signed_in_at=days_later(16))
    assert LeaverPlan.objects.get(pk=plan.pk).released_alone
    anew = a_plan(account, days_later(17))
    assert (anew.verdict, anew.figures["surprises"]) == (LeaverPlan.Verdict.CLEAR, 0)


def test_a_summer_of_top_year_families_never_trips_the_limit(school: School, account: SchoolAccount) -> None:
    parents_who_follow(account, 20)
    for parent in parents_who_follow(account, 15, year="Year 6"):
        left(parent, date(2026, 7, 21))
    plan = a_plan(account, datetime(2026, 10, 1, 9, tzinfo=UTC))
    assert (plan.verdict, len(groups(plan)[Group.READY])) == (LeaverPlan.Verdict.CLEAR, 15)


def test_without_a_recent_complete_reading_nothing_is_proposed(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    left(dana, date(2026, 9, 7))
    assert plan_removals(school_account=account, at=given.MONDAY).verdict_sentence.endswith(
        "The followers have not been read completely yet."
    )
    followers_read(account, given.MONDAY, complete=False)
    assert plan_removals(school_account=account, at=given.MONDAY).verdict == LeaverPlan.Verdict.STOPPED
    followers_read(account, given.MONDAY)
    assert plan_removals(school_account=account, at=days_later(8)).verdict == LeaverPlan.Verdict.CLEAR
    late = plan_removals(school_account=account, at=days_later(9))
    assert "last read completely on 9 Nov 2026, too long ago" in late.verdict_sentence
    with pytest.raises(PlanIsStopped):
        ask_release(plan=late, why="It is fine.", by=given.mr_okafor(school), at=days_later(9))


def test_no_followers_and_no_roster_mean_no_removals(school: School, account: SchoolAccount) -> None:
    left(a_parent(school), date(2026, 9, 7))
    assert a_plan(account, given.MONDAY).rows == []
    a_follower(account, Person.objects.create(school=school, given="Una", family="Bell", added_at=given.MONDAY))
    a_follower(account)
    plan = a_plan(account, days_later(1))
    assert plan.rows == []
    assert propose_removals(plan=plan, at=days_later(1)) == 0


def test_a_family_that_returns_is_taken_off_the_admins_list(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    ada = the_child(school, "Ada")
    mark_as_left(person=ada, on=FRIDAY, by=None, at=given.MONDAY)
    propose_removals(plan=a_plan(account, days_later(14)), at=days_later(14))
    mark_as_returned(pupil=ada, by=None, at=days_later(15))
    assert withdraw_removals(school_account=account, at=days_later(15)) == 1
    assert _removals(account)[0].state == State.LAPSED
    assert withdraw_removals(school_account=account, at=days_later(15)) == 0


def test_a_removal_asked_for_on_other_grounds_is_not_taken_back(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    open_removal(school_account=account, follower=a_follower(account, dana), person=dana, why="Shared a post outside.", at=given.MONDAY)
    assert withdraw_removals(school_account=account, at=days_later(1)) == 0
    assert _removals(account)[0].state == State.TO_APPROVE


def test_who_returned_between_plan_and_proposal_is_not_proposed(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    plan = a_plan(account, days_later(14))
    add_basis(person=dana, kind=Basis.Kind.VOLUNTEER, by=None, at=days_later(14))
    assert propose_removals(plan=plan, at=days_later(14)) == 0


def test_who_an_admin_keeps_is_not_proposed_again(school: School, account: SchoolAccount) -> None:
    okafor, dana = given.mr_okafor(school), a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    propose_removals(plan=a_plan(account, days_later(14)), at=days_later(14))
    item = _removals(account)[0]
    decide(
        item=item,
        seen_version=item.version,
        person=dana,
        outcome=Decision.Outcome.KEEP,
        reason="Chair of the friends of the school.",
        by=okafor,
        at=days_later(14),
    )
    plan = a_plan(account, days_later(15))
    assert groups(plan) == {Group.KEPT: ["Dana"]}
    assert plan.rows[0]["why"] == "Mr Okafor decided on 23 Nov 2026 to keep them."
    assert [one.person for one in follower_audit(account, at=days_later(15))[Audience.EXCEPTION]] == [dana]


def test_paused_removals_propose_nobody(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    set_policy(school=school, key="removals_paused", value=True, by=given.mr_okafor(school), at=given.MONDAY, why="Half term")
    with pytest.raises(RemovalsArePaused):
        propose_removals(plan=a_plan(account, days_later(14)), at=days_later(14))


def test_a_night_during_a_pause_is_proposed_when_the_pause_ends(school: School, account: SchoolAccount) -> None:
    okafor, dana = given.mr_okafor(school), a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    followers_read(account, days_later(14))
    set_policy(school=school, key="removals_paused", value=True, by=okafor, at=given.MONDAY)
    assert run_night(school=school, at=days_later(14)) == 0
    assert run_night(school=school, at=days_later(14) + timedelta(minutes=1)) == 0
    assert LeaverPlan.objects.count() == 1
    set_policy(school=school, key="removals_paused", value=False, by=okafor, at=days_later(14))
    assert run_night(school=school, at=days_later(14) + timedelta(minutes=2)) == 1


def test_a_marked_follower_stands_with_the_lead_and_is_not_proposed(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    open_restriction(person=dana, reason="An order of 3 May.", by=given.ms_reid(school), at=given.MONDAY)
    left(dana, FRIDAY)
    plan = a_plan(account, days_later(14))
    assert groups(plan) == {Group.LEAD: ["Dana"]}
    assert plan.rows[0]["why"] == "This one needs the safeguarding lead."
    assert propose_removals(plan=plan, at=days_later(14)) == 0


def test_the_night_comes_once_a_day_at_half_past_two_school_time(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    followers_read(account, days_later(14))
    night = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    assert run_night(school=school, at=night - timedelta(minutes=1)) == 0
    assert not LeaverPlan.objects.exists()
    assert run_night(school=school, at=night) == 1
    for minutes in (1, 60, 23 * 60):
        assert run_night(school=school, at=night + timedelta(minutes=minutes)) == 0
    assert LeaverPlan.objects.count() == 1
    run_night(school=school, at=night + timedelta(days=1))
    assert LeaverPlan.objects.count() == 2


def test_a_night_without_a_reading_is_made_up_for_once_the_followers_were_read(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    a_follower(account, dana)
    left(dana, FRIDAY)
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert run_night(school=school, at=noon) == 0
    followers_read(account, noon + timedelta(hours=1))
    assert run_night(school=school, at=noon + timedelta(hours=2)) == 1


def test_every_follower_stands_in_exactly_one_group_with_a_sentence(school: School, account: SchoolAccount) -> None:
    dana, sam, una = a_parent(school), a_parent(school, "Sam Ward", "Leo Ward"), a_parent(school, "Una Bell", "Ivy Bell")
    mei = a_parent(school, "Mei Lee", "Tao Lee")
    for person, handle in ((dana, "dana"), (sam, "sam"), (una, "una"), (None, "stranger"), (mei, "mei_new")):
        a_follower(account, person, handle)
    account.followers.get(profile__handle="mei_new").profile.__class__.objects.filter(handle="mei_new").update(
        previous_handle="mei_old", handle_changed_at=days_later(1)
    )
    left(sam, FRIDAY)
    open_restriction(person=una, reason="An order of 3 May.", by=given.ms_reid(school), at=given.MONDAY)
    found = follower_audit(account, at=days_later(2))
    assert {audience: [(one.follower.profile.handle, one.sentence) for one in group] for audience, group in found.items()} == {
        Audience.KNOWN: [("dana", "Dana Hill, parent or carer of Ada Hill, Year 2.")],
        Audience.LEAVER: [
            ("sam", "No longer parent or carer of Leo Ward, Year 2: last day 6 Nov 2026. May stay until 20 Nov 2026."),
        ],
        Audience.BARRED: [("una", "This one needs the safeguarding lead.")],
        Audience.UNKNOWN: [("stranger", "Nobody has said yet who this is.")],
        Audience.CHANGED: [("mei_new", "Was @mei_old until 10 Nov 2026; Mei Lee.")],
        Audience.EXCEPTION: [],
    }


def test_a_full_review_is_recorded_with_the_next_day(school: School, account: SchoolAccount) -> None:
    assert next_review_on(account, at=given.MONDAY) == given.MONDAY.date()
    complete_review(school_account=account, by=given.mr_okafor(school), at=given.MONDAY, note="All 180 looked at.")
    assert last_review(account) is not None
    assert next_review_on(account, at=given.MONDAY) == date(2027, 5, 10)
    assert lines(school_id=school.pk)[0].sentence == "Mr Okafor completed a full review of the followers."


def test_the_command_prints_the_list_and_proposes_only_when_told(school: School, account: SchoolAccount) -> None:
    dana = a_parent(school)
    add_basis(person=dana, kind=Basis.Kind.PARENT_OR_CARER, by=None, at=given.MONDAY, child=ChildName("Noah", "Hill", "Y1"))
    sam = a_parent(school, "Sam Ward", "Leo Ward")
    a_follower(account, dana, "dana")
    a_follower(account, sam, "sam")
    mark_as_left(person=the_child(school, "Ada"), on=date(2026, 6, 5), by=None, at=given.MONDAY)
    mark_as_left(person=sam, on=date(2026, 6, 5), by=None, at=given.MONDAY)
    followers_read(account, datetime.now(UTC))
    out = StringIO()
    call_command("plan_leavers", school=school.slug, stdout=out)
    assert "@sam" in out.getvalue()
    assert "Still parent or carer of Noah Hill, Year 1." in out.getvalue()
    assert _removals(account) == []
    assert not LeaverPlan.objects.exists()
    call_command("plan_leavers", school=school.slug, propose=True, stdout=out)
    assert [item.person for item in _removals(account)] == [sam]
