"""The nine scenarios by which a school accepts roster and leavers, in their order and by their numbers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from tests import given, given_roster
from tests.at_the_screen import as_
from tests.given_leavers import a_follower, a_plan, followers_read, groups, left
from tests.given_matching import DANA, TOM, mail, opinion_of
from tests.given_matching import a_school as as_matching_sees_it
from tests.given_questions import a_question, verified
from tests.given_removals import MINUTE, followers_are_read, fresh, the_clock_runs, where_removal_is_allowed
from tests.given_roster import a_list, a_loaded_list, a_parent, days_later, the_child
from tests.given_twitter import AtTwitter
from tests.sandbox import Sandbox
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide, open_or_refresh_items, recognise_follower
from vetting.decisions.policies import NotSafe
from vetting.decisions.states import State
from vetting.leavers.models import LeaverPlan
from vetting.leavers.operations import propose_removals, run_night
from vetting.leavers.queries import Audience, follower_audit, lines_of
from vetting.leavers.rules import Group
from vetting.roster.models import Basis, Person, Restriction, RosterImport
from vetting.roster.operations import add_basis, apply_import, end_basis, mark_as_left, mark_as_returned, rehearse_import
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Follower
from vetting.values import BadValue, Level, MailAddress

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 6)
SEPTEMBER, OCTOBER = datetime(2026, 9, 7, 9, tzinfo=UTC), datetime(2026, 10, 1, 9, tzinfo=UTC)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _removals(school: School) -> list[QueueItem]:
    return list(QueueItem.objects.filter(school=school, kind=QueueItem.Kind.REMOVAL).select_related("person", "profile"))


def _families(count: int, *, year: str = "Year 4") -> list[str]:
    """Rows of a list: one child, one mother each."""
    return [f"{n},Child{n},Hill,{year},{n},Parent{n},Hill{n},parent{n}@example.net,Mother,No," for n in range(count)]


def _everybody_follows(account: SchoolAccount) -> None:
    for person in Person.objects.filter(school=account.school):
        a_follower(account, person)


def test_scenario_1_two_siblings_one_leaves_the_parent_is_kept_and_the_page_says_why(account: SchoolAccount) -> None:
    dana = a_parent(account.school)
    add_basis(
        person=dana, kind=Basis.Kind.PARENT_OR_CARER, by=None, at=given.MONDAY, child=given_roster.ChildName("Noah", "Hill", "Year 1")
    )
    a_follower(account, dana)
    mark_as_left(person=the_child(account.school, "Ada"), on=FRIDAY, by=None, at=given.MONDAY)
    plan = a_plan(account, days_later(30))
    assert groups(plan) == {Group.KEPT: ["Dana"]}
    shown = as_(given.mr_okafor(account.school)).get(reverse("leavers"), {"tab": "kept"}).content.decode()
    assert "Still parent or carer of Noah Hill, Year 1." in shown
    assert propose_removals(plan=plan, at=days_later(30)) == 0


def test_scenario_2_the_last_child_leaves_with_a_date_grace_ready_removed_confirmed(sandbox: Sandbox) -> None:
    there = where_removal_is_allowed(sandbox)
    dana = _dana_who_follows(there)
    left(dana, FRIDAY)
    assert run_night(school=there.school, at=_night(there, 1)) == 0
    assert groups(LeaverPlan.objects.latest("pk")) == {Group.GRACE: ["Dana"]}
    assert run_night(school=there.school, at=_night(there, 12)) == 1
    item = _removals(there.school)[0]
    assert (item.state, item.because_left) == (State.TO_APPROVE, True)
    answered = _night(there, 12) + timedelta(hours=7)
    decide(item=item, seen_version=item.version, outcome="REMOVE", reason="The family moved.", by=there.okafor, at=answered)
    the_clock_runs(there, answered + 2 * MINUTE)
    assert "dana_hill" not in {one.handle for one in there.sandbox.world.followers()}
    for minutes in (10, 20, 30):
        the_clock_runs(there, answered + minutes * MINUTE)
    assert fresh(item).state == State.DONE
    assert not Follower.objects.filter(profile=item.profile, ended_at=None).exists()


def _dana_who_follows(there: AtTwitter) -> Person:
    dana = a_parent(there.school)
    follower = Follower.objects.select_related("profile").get(school_account=there.account, profile__handle="dana_hill", ended_at=None)
    recognise_follower(follower=follower, person=dana, how="IN_PERSON", by=there.okafor, at=given.MONDAY)
    return dana


def _night(there: AtTwitter, days: int) -> datetime:
    """Half past two, some nights later, with the followers read shortly before."""
    night = datetime(2026, 11, 9, 2, 30, tzinfo=UTC) + timedelta(days=days)
    followers_are_read(there, night - timedelta(hours=1))
    return night


def test_scenario_3_absent_once_waits_absent_twice_is_proposed_back_again_is_cancelled(account: SchoolAccount, priya: User) -> None:
    school, rows = account.school, _families(10)
    a_loaded_list(school, a_list(*rows), priya, at=SEPTEMBER, complete=True)
    _everybody_follows(account)
    a_loaded_list(school, a_list(*rows[1:]), priya, at=days_later(0), complete=True)
    assert a_plan(account, days_later(1)).rows == []
    a_loaded_list(school, a_list(*rows[1:]), priya, at=days_later(2), complete=True)
    assert groups(a_plan(account, days_later(3))) == {Group.GRACE: ["Parent0"]}
    plan = a_plan(account, days_later(17))
    assert groups(plan) == {Group.READY: ["Parent0"]}
    assert propose_removals(plan=plan, at=days_later(17)) == 1
    a_loaded_list(school, a_list(*rows), priya, at=days_later(18), complete=True)
    followers_read(account, days_later(18))
    run_night(school=school, at=days_later(18))
    assert [item.state for item in _removals(school)] == [State.LAPSED]


def _ended_by(once: RosterImport) -> None:
    """What no import does: a reason that ends with the first list that leaves somebody out. The list of leavers has its own eyes."""
    running = Basis.objects.filter(person__school=once.school, person__given="Parent0", ends_on=None)
    running.update(ends_on=days_later(0).date(), ended_at=once.applied_at, ended_by_import=once)


def test_scenario_3_a_list_that_ends_a_reason_alone_is_not_believed(account: SchoolAccount, priya: User) -> None:
    a_loaded_list(account.school, a_list(*_families(10)), priya, at=SEPTEMBER, complete=True)
    _everybody_follows(account)
    once = a_loaded_list(account.school, a_list(*_families(10)[1:]), priya, at=days_later(0), complete=True)
    _ended_by(once)
    plan = a_plan(account, days_later(60))
    assert groups(plan) == {Group.GRACE: ["Parent0"]}
    assert "a second one, a day or more later, has to be as well" in plan.rows[0]["why"]


BASELINE = given_roster.BASELINE
_LINES = BASELINE.splitlines(keepends=True)


def _without_addresses(contents: bytes) -> bytes:
    headings, *rows = contents.decode("utf-8-sig").splitlines()
    place = headings.split(",").index("Primary Email")
    emptied = [",".join(value if n != place else "" for n, value in enumerate(row.split(","))) for row in rows]
    return "\r\n".join((headings, *emptied, "")).encode()


def _with_new_numbers(contents: bytes) -> bytes:
    return contents.replace(b"\nP0", b"\nX9").replace(b",C0", b",K7")


@pytest.mark.parametrize(
    "broken",
    [
        b"".join([_LINES[0], *(line for line in _LINES[1:] if b"Year 4" in line)]),
        b"".join(_LINES[: len(_LINES) // 3]),
        _LINES[0],
        given_roster.LOGIN_PAGE,
        _without_addresses(BASELINE),
        _with_new_numbers(BASELINE),
    ],
    ids=["one year only", "truncated", "headings only", "a sign-in page", "no addresses", "new numbers"],
)
def test_scenario_4_no_broken_file_removes_anybody(account: SchoolAccount, priya: User, broken: bytes) -> None:
    school = account.school
    a_loaded_list(school, BASELINE, priya, at=SEPTEMBER, complete=True)
    _everybody_follows(account)
    for days in (0, 2):
        try:
            row = rehearse_import(
                school=school, file_name="b.csv", contents=broken, by=priya, at=days_later(days), kind=RosterImport.Kind.COMPLETE
            )
        except BadValue:
            continue
        if not row.stopped_because:
            apply_import(roster_import=row, by=priya, at=days_later(days))
    for days in (3, 20, 60):
        followers_read(account, days_later(days))
        run_night(school=school, at=days_later(days))
        assert Group.READY not in groups(LeaverPlan.objects.latest("pk"))
    assert _removals(school) == []


def test_scenario_5_the_september_file_27_expected_27_found(account: SchoolAccount, priya: User) -> None:
    before, after = _a_school_year()
    a_loaded_list(account.school, a_list(*before), priya, at=datetime(2026, 6, 1, 9, tzinfo=UTC), complete=True)
    _everybody_follows(account)
    a_loaded_list(account.school, a_list(*after), priya, at=SEPTEMBER, complete=True)
    waiting = a_plan(account, SEPTEMBER + timedelta(days=1))
    assert (len(groups(waiting)[Group.GRACE]), waiting.verdict) == (27, LeaverPlan.Verdict.CLEAR)
    plan = a_plan(account, OCTOBER)
    figures = plan.figures
    assert (figures["expected"], figures["found"], figures["surprises"]) == (27, 27, 0)
    assert (plan.verdict, plan.stop_reasons, len(groups(plan)[Group.READY])) == (LeaverPlan.Verdict.CLEAR, [], 27)
    assert len(groups(plan)[Group.KEPT]) == 3
    assert propose_removals(plan=plan, at=OCTOBER) == 27


def _a_school_year() -> tuple[Sequence[str], Sequence[str]]:
    """Seven year groups of thirty; of the last one three children have a sibling below. In September all move up, and thirty begin."""
    line = "{0},Child{0},Hill,{1},{2},Parent{2},Hill{2},parent{2}@example.net,Mother,No,{3}"
    years = ["R", *(f"Year {number}" for number in range(1, 7))]
    before, after = [], []
    for number in range(210):
        year, mother = number % 7, number - 1 if number % 7 == 6 and number < 21 else number
        before.append(line.format(number, years[year], mother, ""))
        after.append(line.format(number, years[min(year + 1, 6)], mother, "21/07/2026" if year == 6 else ""))
    return before, [*after, *(line.format(number, "R", number, "") for number in range(300, 330))]


def test_scenario_6_a_new_mark_on_a_follower_is_the_leads_at_once_and_the_office_sees_hold(account: SchoolAccount, priya: User) -> None:
    school, reid, okafor = account.school, given.ms_reid(account.school), given.mr_okafor(account.school)
    rows = _families(10)
    a_loaded_list(school, a_list(*rows), priya, at=SEPTEMBER, complete=True)
    una = Person.objects.get(school=school, given="Parent3")
    follower = a_follower(account, una, "una_bell")
    asking = verified(a_question(account, Level.STRONG, person=una), priya)
    marked = rows[3].replace(",No,", ",Yes,")
    loaded = a_loaded_list(school, a_list(*rows[:3], marked, *rows[4:]), priya, at=days_later(1), complete=True)
    assert Restriction.objects.get(person=una).roster_import == loaded
    with pytest.raises(NotSafe, match="safeguarding lead"):
        decide(item=asking, seen_version=asking.version, outcome="APPROVE", person=una, by=okafor, at=days_later(1))
    open_or_refresh_items(school=school, at=days_later(1))
    removal = _removals(school)[0]
    assert (removal.state, removal.follower, fresh(asking).state) == (State.HELD, follower, State.HELD)
    for address in (reverse("leavers"), reverse("removal", args=[removal.reference]), reverse("followers") + "?group=BARRED"):
        hidden = as_(priya).get(address).content.decode()
        assert "This one needs the safeguarding lead." in hidden
        assert "Parent3" not in hidden
    seen_by_lead = as_(reid).get(reverse("removal", args=[removal.reference])).content.decode()
    assert "Parent3 Hill3" in seen_by_lead
    assert "Keep" in seen_by_lead
    assert "Remove follower" in seen_by_lead
    decide(item=removal, seen_version=removal.version, outcome="KEEP", reason="Spoken to.", by=reid, at=days_later(1))
    assert fresh(removal).state == State.LAPSED


def test_scenario_7_a_shared_address_is_likely_never_strong() -> None:
    shared = frozenset({MailAddress("hills@brightwork.example")})
    both = tuple(replace(one, addresses=shared) for one in (DANA, TOM))
    opinion = opinion_of(as_matching_sees_it(people=both, claims=(mail(sender="hills@brightwork.example"),)))
    assert opinion.level is Level.LIKELY
    assert opinion_of(as_matching_sees_it()).level is Level.STRONG


def test_scenario_8_parent_of_one_child_and_relative_of_another_both_stand_on_the_page(account: SchoolAccount, priya: User) -> None:
    rows = (
        "1,Ada,Hill,Year 2,9,Dana,Hill,dana@example.net,Mother,No,",
        "2,Leo,Ward,Year 5,9,Dana,Hill,dana@example.net,Aunt,No,",
    )
    a_loaded_list(account.school, a_list(*rows), priya, at=SEPTEMBER)
    dana = Person.objects.get(school=account.school)
    page = as_(priya).get(reverse("person", args=[dana.reference])).content.decode()
    assert "mother of Ada Hill, Year 2" in page
    assert "aunt of Leo Ward, Year 5" in page
    a_follower(account, dana)
    mark_as_left(person=the_child(account.school, "Ada"), on=FRIDAY, by=priya, at=given.MONDAY)
    assert [line.why for line in lines_of(a_plan(account, days_later(30)))[Group.KEPT]] == ["Still aunt of Leo Ward, Year 5."]


def test_scenario_9_a_member_of_staff_who_is_also_a_parent_leaves_the_job_and_is_kept(account: SchoolAccount, priya: User) -> None:
    dana = a_parent(account.school)
    job = add_basis(person=dana, kind=Basis.Kind.STAFF, by=priya, at=given.MONDAY, starts_on=date(2025, 9, 1))
    a_follower(account, dana)
    end_basis(basis=job, on=FRIDAY, by=priya, at=given.MONDAY)
    plan = a_plan(account, days_later(30))
    assert [line.why for line in lines_of(plan)[Group.KEPT]] == ["Still parent or carer of Ada Hill, Year 2."]
    assert propose_removals(plan=plan, at=days_later(30)) == 0


def test_separated_parents_each_stand_by_themselves(account: SchoolAccount) -> None:
    dana, tom = a_parent(account.school), a_parent(account.school, "Tom Ward", "Ada Hill")
    a_follower(account, dana)
    a_follower(account, tom)
    left(tom, FRIDAY)
    assert groups(a_plan(account, days_later(30))) == {Group.READY: ["Tom"]}
    assert [line.person for line in follower_audit(account, at=days_later(30))[Audience.KNOWN]] == [dana]


def test_a_child_who_comes_back_takes_the_question_off_the_list(account: SchoolAccount) -> None:
    dana = a_parent(account.school)
    a_follower(account, dana)
    mark_as_left(person=the_child(account.school, "Ada"), on=FRIDAY, by=None, at=given.MONDAY)
    propose_removals(plan=a_plan(account, days_later(14)), at=days_later(14))
    mark_as_returned(pupil=the_child(account.school, "Ada"), by=None, at=days_later(15))
    run_night(school=account.school, at=days_later(15))
    assert [item.state for item in _removals(account.school)] == [State.LAPSED]
