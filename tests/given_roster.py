"""Lists as schools export them, and families on the roster."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.db.models import Model

from accounts.models import User
from tests import given
from vetting.roster.children import ChildName
from vetting.roster.models import Basis, Person, Pupil, RosterImport
from vetting.roster.operations import add_person, apply_import, rehearse_import, release_import
from vetting.school.models import School
from vetting.values import MailAddress, PersonName

LISTS = Path(__file__).parent / "data" / "rosters"
BASELINE = (LISTS / "01-baseline-long-utf8bom.csv").read_bytes()
MID_YEAR = (LISTS / "06-midyear-3-leavers.csv").read_bytes()
HEADINGS = (
    "Pupil ID,Pupil Forename,Pupil Surname,Year Group,Contact ID,Contact Forename,Contact Surname,Email,"
    "Relationship,Court Order,Leaving Date"
)
LOGIN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Your session, has, expired</body></html>"


def a_list(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\r\n".join((headings, *lines, "")).encode()


def exported_again(contents: bytes, *, times: int = 1) -> bytes:
    """The same rows, exported once more: another file, byte for byte."""
    return contents + b"\r\n" * times


def a_loaded_list(school: School, contents: bytes, by: User, *, at: datetime = given.MONDAY, complete: bool = False) -> RosterImport:
    """A list as the office loads it: exported anew, checked, then applied."""
    kind = RosterImport.Kind.COMPLETE if complete else RosterImport.Kind.ADDITIONS
    contents = exported_again(contents, times=RosterImport.objects.filter(school=school).count())
    row = rehearse_import(school=school, file_name="contacts.csv", contents=contents, by=by, at=at, kind=kind)
    return apply_import(roster_import=row, by=by, at=at)


def a_checked_list(
    school: School, contents: bytes, by: User | None = None, *, at: datetime = given.MONDAY, complete: bool = True
) -> RosterImport:
    """A list that was only looked at; a complete one unless said otherwise."""
    kind = RosterImport.Kind.COMPLETE if complete else RosterImport.Kind.ADDITIONS
    return rehearse_import(school=school, file_name="contacts.csv", contents=contents, by=by, at=at, kind=kind)


def a_list_let_through(
    school: School, contents: bytes, by: User, *, admin: User, at: datetime = given.MONDAY, complete: bool = False
) -> RosterImport:
    """A list that was stopped and that another admin let through with a reason."""
    row = a_checked_list(school, contents, by, at=at, complete=complete)
    release_import(roster_import=row, why="We looked at the list together.", by=admin, at=at)
    return apply_import(roster_import=row, by=by, at=at)


def a_parent(
    school: School, name: str = "Dana Hill", child: str = "Ada Hill", year: str = "Year 2", *, by: User | None = None, email: str = ""
) -> Person:
    given_name, _, family = name.partition(" ")
    child_given, _, child_family = child.partition(" ")
    return add_person(
        school=school,
        name=PersonName(given_name, family),
        kind=Basis.Kind.PARENT_OR_CARER,
        by=by,
        at=given.MONDAY,
        addresses=[MailAddress.parse(email)] if email else [],
        child=ChildName(child_given, child_family, year),
        starts_on=date(2025, 9, 1),
    )


def the_child(school: School, given_name: str) -> Pupil:
    return Pupil.objects.get(school=school, given=given_name)


def everything(school: School) -> Mapping[str, Sequence[object]]:
    """The whole roster, to see that something changed nothing."""
    return {
        "people": list(Person.objects.filter(school=school).order_by("pk").values()),
        "children": list(Pupil.objects.filter(school=school).order_by("pk").values()),
        "addresses": list(school.people.order_by("pk", "addresses__pk").values_list("addresses__address", "addresses__until")),
        "bases": list(Basis.objects.filter(person__school=school).order_by("pk").values()),
        "marks": list(school.restrictions.order_by("pk").values("person", "pupil", "lifted_at")),
    }


def the_whole_database(*, but: Sequence[type[Model]] = ()) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, to see that nothing at all was written."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in apps.get_models() if model not in but}


def days_later(days: int) -> datetime:
    return given.MONDAY + timedelta(days=days)


def nine_on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
