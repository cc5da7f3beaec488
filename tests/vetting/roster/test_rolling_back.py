"""A loaded list is taken back: the register is what it was, unless something later builds on the list."""

from collections.abc import Mapping

import pytest

from accounts.models import User
from tests import given, given_leavers, given_questions
from tests.given_roster import BASELINE, MID_YEAR, a_checked_list, a_list, a_loaded_list, days_later, everything
from vetting.audit.queries import check_chain, lines
from vetting.decisions.operations import open_or_refresh_items
from vetting.decisions.states import State
from vetting.roster.models import Basis, Person, Pupil, RosterImport
from vetting.roster.operations import (
    CannotRollBack,
    RegisterChangedSince,
    add_basis,
    answer_questions,
    apply_import,
    correct_person,
    open_restriction,
    roll_back_import,
)
from vetting.school.models import School
from vetting.values import PersonName

pytestmark = pytest.mark.django_db
FAMILY = "1,Ada,Hill,Year 2,9,Dana,Hill,dana@home.test,Mother,No,"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def test_the_first_list_rolled_back_leaves_nobody(school: School, priya: User) -> None:
    row = a_loaded_list(school, BASELINE, priya)
    assert school.people.count() == 243
    roll_back_import(roster_import=row, by=priya, at=days_later(1))
    assert not any(everything(school).values())
    assert lines(school_id=school.pk)[0].sentence == "Priya rolled back the list contacts.csv: the register is what it was before it."
    assert check_chain(school_id=school.pk).whole
    assert a_loaded_list(school, BASELINE, priya, at=days_later(2)).rehearsal["totals"]["new"] == 243


def _changed(contents: bytes) -> bytes:
    """Other names, e-mails, classes, numbers, a leaving date and a new family."""
    text = contents.decode("utf-8-sig").replace("Mobile", "Leaving Date").replace("lucy.begum60@example.net", "lucy@new.test")
    text = "".join(
        line if number == 0 else line[: line.rindex(",") + 1] + ("06/11/2026" if ",P0004," in f",{line}" else "") + "\r\n"
        for number, line in enumerate(text.splitlines(keepends=True))
    )
    text = text.replace("Year 4,4W", "Year 4,4X").replace(",C0003,", ",C9003,").replace("Kaur,rebecca", "Kaur-Day,rebecca")
    new = [
        "P9",
        "Z",
        "New",
        "Child",
        "Year 1",
        "1W",
        "",
        "C9",
        "Mother",
        "1",
        "Yes",
        "No",
        "Yes",
        "",
        "Ms",
        "Nia",
        "Child",
        "nia@new.test",
        "",
    ]
    return (text + ",".join(new) + "\r\n").encode()


def test_whatever_a_list_changed_is_what_it_was_before(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya, complete=True)
    a_loaded_list(school, MID_YEAR, priya, at=days_later(1), complete=True)
    before = everything(school)
    row = a_loaded_list(school, _changed(MID_YEAR), priya, at=days_later(3), complete=True)
    after = everything(school)
    assert all(before[name] != after[name] for name in ("people", "children", "addresses", "bases"))
    assert Basis.objects.filter(ended_by_import=row).count() > 3
    roll_back_import(roster_import=row, by=priya, at=days_later(4))
    assert everything(school) == before


def test_lists_are_rolled_back_from_the_last_one_on(school: School, priya: User) -> None:
    first = a_loaded_list(school, a_list(FAMILY), priya)
    second = a_loaded_list(school, a_list(FAMILY.replace("Year 2", "Year 3")), priya, at=days_later(1))
    with pytest.raises(CannotRollBack, match=r"Another list was loaded since: roll back contacts.csv of 10 Nov 2026 first\."):
        roll_back_import(roster_import=first, by=priya, at=days_later(2))
    roll_back_import(roster_import=second, by=priya, at=days_later(2))
    roll_back_import(roster_import=first, by=priya, at=days_later(2))
    assert not any(everything(school).values())
    with pytest.raises(CannotRollBack, match="This list is not loaded"):
        roll_back_import(roster_import=first, by=priya, at=days_later(2))


def test_only_the_last_three_lists_keep_what_was_before(school: School, priya: User) -> None:
    for number in range(5):
        a_loaded_list(school, a_list(FAMILY.replace("Year 2", f"Year {number + 1}")), priya, at=days_later(number))
    kept = RosterImport.objects.filter(journal__isnull=False).order_by("pk")
    assert kept.count() == 3
    for row in reversed(kept):
        roll_back_import(roster_import=row, by=priya, at=days_later(9))
    with pytest.raises(CannotRollBack, match="only the last three lists"):
        roll_back_import(roster_import=RosterImport.objects.order_by("pk")[1], by=priya, at=days_later(9))


def _corrected(school: School, priya: User) -> None:
    correct_person(person=Person.objects.get(school=school), name=PersonName("Dana", "Lane"), by=priya, at=days_later(1))


def _also_governor(school: School, priya: User) -> None:
    add_basis(person=Person.objects.get(school=school), kind=Basis.Kind.GOVERNOR, by=priya, at=days_later(1))


def _marked(school: School, priya: User) -> None:
    open_restriction(person=Person.objects.get(school=school), reason="Order seen.", by=priya, at=days_later(1))


def _identified(school: School, priya: User) -> None:
    given_leavers.a_follower(given.an_account(school), Person.objects.get(school=school))


WORK: Mapping[str, tuple[object, str]] = {
    "corrected": (_corrected, "1 of the people, addresses, reasons or marks it added have been corrected"),
    "governor": (_also_governor, "the school has worked with 1 person or child it added"),
    "marked": (_marked, "the school has worked with 1 person or child it added"),
    "identified": (_identified, "the school has worked with 1 person or child it added"),
}


@pytest.mark.parametrize("what", WORK)
def test_what_somebody_did_since_with_the_people_of_a_list_keeps_it(school: School, priya: User, what: str) -> None:
    row = a_loaded_list(school, a_list(FAMILY), priya)
    do, says = WORK[what]
    assert callable(do)
    do(school, priya)
    before = everything(school)
    with pytest.raises(CannotRollBack, match=says):
        roll_back_import(roster_import=row, by=priya, at=days_later(2))
    assert everything(school) == before


def test_an_entry_somebody_changed_again_keeps_the_list(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(FAMILY), priya)
    row = a_loaded_list(school, a_list(FAMILY.replace("Dana,Hill", "Dana,Lane")), priya, at=days_later(1))
    correct_person(person=Person.objects.get(school=school), name=PersonName("Dana", "Ward"), by=priya, at=days_later(2))
    with pytest.raises(CannotRollBack, match="1 of the entries it changed have been changed again"):
        roll_back_import(roster_import=row, by=priya, at=days_later(3))


def test_the_lead_who_rolls_a_list_back_takes_its_marks_away_with_it(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(FAMILY), priya)
    before = everything(school)
    row = a_loaded_list(school, a_list(FAMILY.replace(",No,", ",Yes,")), priya, at=days_later(1))
    assert school.restrictions.count() == 1
    roll_back_import(roster_import=row, by=given.ms_reid(school), at=days_later(2))
    assert everything(school) == before


def test_the_office_rolls_any_list_back_and_learns_nothing_of_marks_on_people_we_knew(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(FAMILY), priya)
    before = everything(school)
    sister = FAMILY.replace("1,Ada", "2,Ida").replace(",No,", ",Yes,")
    row = a_loaded_list(school, a_list(FAMILY.replace(",No,", ",Yes,"), sister), priya, at=days_later(1))
    assert school.restrictions.count() == 2
    roll_back_import(roster_import=row, by=priya, at=days_later(2))
    assert everything(school) | {"marks": []} == before
    ada = Pupil.objects.get(school=school)
    assert list(school.restrictions.order_by("pk").values_list("pupil", "lifted_at")) == [(ada.pk, None), (None, None)]


def test_somebody_answers_and_the_list_is_looked_at_again(school: School, priya: User) -> None:
    headings = "Pupil name,Year,Parent name,Email"
    a_loaded_list(school, a_list("Ada Hill,2,Jo Smith,jo@home.test", headings=headings), priya)
    contents = a_list("Leo Ward,1,J Smith,other@home.test", headings=headings)
    for answer, people in (("different", 2), ("same", 2)):
        row = a_checked_list(school, contents, priya, complete=False)
        (question,) = row.rehearsal["needs_you"]
        row = answer_questions(roster_import=row, answers={question["key"]: answer}, by=priya, at=given.MONDAY)
        assert row.rehearsal["needs_you"] == []
        if answer == "different":
            assert row.rehearsal["totals"]["new"] == 1
            continue
        assert row.rehearsal["totals"]["changed"] == 1
        apply_import(roster_import=row, by=priya, at=given.MONDAY)
        assert school.people.count() == people - 1


def test_somebody_said_to_be_another_takes_over_the_number(school: School, priya: User) -> None:
    a_loaded_list(school, a_list(FAMILY), priya)
    row = a_checked_list(school, a_list("2,Leo,Chaudhry,Year 1,9,Mei,Chaudhry,mei@home.test,Mother,No,"), priya, complete=False)
    (question,) = row.rehearsal["needs_you"]
    row = answer_questions(roster_import=row, answers={question["key"]: "different"}, by=priya, at=given.MONDAY)
    apply_import(roster_import=row, by=priya, at=given.MONDAY)
    assert dict(school.people.values_list("given", "source_id")) == {"Dana": "", "Mei": "9"}
    roll_back_import(roster_import=row, by=priya, at=days_later(1))
    assert dict(school.people.values_list("given", "source_id")) == {"Dana": "9"}


def test_what_was_kept_between_check_and_apply_is_what_is_applied(school: School, priya: User) -> None:
    row = a_checked_list(school, a_list(FAMILY), priya, complete=False)
    other = a_checked_list(school, a_list(FAMILY.replace("Dana", "Sam")), priya, complete=False)
    RosterImport.objects.filter(pk=row.pk).update(kept_rows=other.kept_rows)
    with pytest.raises(RegisterChangedSince):
        apply_import(roster_import=row, by=priya, at=given.MONDAY)
    assert not any(everything(school).values())


def test_whoever_stays_in_the_queue_keeps_the_mark_that_only_the_lead_may_lift(school: School, priya: User) -> None:
    row = a_loaded_list(school, a_list(FAMILY.replace(",No,", ",Yes,")), priya)
    dana = Person.objects.get(school=school)
    item = given_questions.a_question(given.an_account(school), person=dana)
    roll_back_import(roster_import=row, by=priya, at=days_later(1))
    assert list(school.restrictions.values_list("person", "pupil", "lifted_at")) == [(dana.pk, None, None)]
    open_or_refresh_items(school=school, at=days_later(1))
    item.refresh_from_db()
    assert item.state == State.HELD


def test_a_list_that_took_a_date_back_is_rolled_back_with_every_reason_it_gave_again(school: School, priya: User) -> None:
    father = FAMILY.replace("9,Dana,Hill,dana@home.test,Mother", "8,Rob,Hill,rob@home.test,Father")
    a_loaded_list(school, a_list(FAMILY, father), priya, complete=True)
    a_loaded_list(school, a_list(f"{FAMILY}10/11/2026", f"{father}10/11/2026"), priya, at=days_later(1), complete=True)
    before = everything(school)
    row = a_loaded_list(school, a_list(FAMILY), priya, at=days_later(3), complete=True)
    assert sorted(Basis.objects.filter(ends_on=None).values_list("person__given", "relationship")) == [
        ("Dana", "Mother"),
        ("Rob", "Father"),
    ]
    roll_back_import(roster_import=row, by=priya, at=days_later(4))
    assert everything(school) == before
