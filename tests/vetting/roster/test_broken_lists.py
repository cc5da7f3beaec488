"""Broken exports, one after the other: each stops with a sentence that names what is missing, and the register stays as it was."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.models import User
from tests import given
from tests.given_files import a_oneroster, a_workbook, damaged, packed_otherwise, said_to_be_packed_by
from tests.given_roster import (
    BASELINE,
    LOGIN_PAGE,
    MID_YEAR,
    a_checked_list,
    a_list,
    a_loaded_list,
    days_later,
    everything,
    exported_again,
    the_whole_database,
)
from vetting.audit.models import AuditEvent, AuditHead, AuditText
from vetting.roster.models import Basis, Person, Pupil, RosterImport
from vetting.roster.operations import (
    ListIsStopped,
    ReleaseNeedsAnother,
    apply_import,
    release_import,
)
from vetting.roster.queries import last_loaded_at
from vetting.school.models import School
from vetting.values import Refused

pytestmark = pytest.mark.django_db
TEXT = BASELINE.decode("utf-8-sig")
LINES = TEXT.splitlines(keepends=True)
KEYS = [
    "rows",
    "pupils",
    "people",
    "emails",
    "new",
    "changed",
    "no_longer_listed",
    "kept",
    "leavers",
    "needs_you",
    "new_restrictions",
    "stopped",
    "stop_reasons",
    "dropped_columns",
]
RECORD = (RosterImport, AuditEvent, AuditText, AuditHead)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def _year(year: str) -> bytes:
    return "".join([LINES[0], *(line for line in LINES if f",{year}," in line)]).encode()


def _without_mail() -> bytes:
    rows = [line.rstrip("\r\n").split(",") for line in LINES]
    return "\r\n".join(",".join([*cells[:17], "" if number else cells[17], *cells[18:]]) for number, cells in enumerate(rows)).encode()


def _another_school() -> bytes:
    """The same shape and the same numbers, but other families: what a trust's office sends when it mixes up two files."""
    names = {name: name[::-1].capitalize() for line in LINES[1:] for name in (line.split(",")[2], line.split(",")[3], line.split(",")[15])}
    rows = [line.split(",") for line in LINES[1:]]
    for cells in rows:
        cells[2], cells[3], cells[15], cells[16] = (names.get(cell, cell[::-1]) for cell in (cells[2], cells[3], cells[15], cells[16]))
        cells[17] = "x" + cells[17].replace("example", "elsewhere")
    return "".join([LINES[0], *(",".join(cells) for cells in rows)]).encode()


USERS = "sourcedId,role,givenName,familyName,email,agentSourcedIds\r\np1,student,Ada,Hill,,a1\r\na1,parent,Dana,Hill,dana@home.test,\r\n"


def _oneroster() -> bytes:
    return a_oneroster(USERS)


def _workbook() -> bytes:
    return a_workbook([line.rstrip("\r\n").split(",") for line in LINES[:40]])


def _last_year() -> bytes:
    down = {f"Year {n}": f"Year {n - 1}" for n in range(2, 7)} | {"Year 1": "Reception"}
    rows = [line.split(",") for line in LINES[1:]]
    for cells in rows:
        cells[4] = down.get(cells[4], "Nursery")
    return "".join([LINES[0], *(",".join(cells) for cells in rows)]).encode()


STOPPED: dict[str, tuple[Callable[[], bytes], str]] = {
    "one year group only": (lambda: _year("Year 6"), "Reception, Year 1, Year 2, Year 3, Year 4 and Year 5 are missing."),
    "without one year group": (lambda: "".join(line for line in LINES if ",Year 3," not in line).encode(), "Year 3 is missing."),
    "cut short at a line's end": (lambda: "".join(LINES[:300]).encode(), "adults"),
    "e-mail column empty": (_without_mail, "The e-mail column is empty in all 371 rows."),
    "another school's list": (_another_school, "another school's list"),
    "last year's list": (_last_year, "would move down a year group"),
    "every child has a leaving date": (
        lambda: TEXT.replace("Mobile", "Leaving Date").replace("07700 900", "01/10/2026 ").encode(),
        "gives a leaving date to the children of",
    ),
    "e-mail column renamed away": (lambda: TEXT.replace("Primary Email", "Telephone").encode(), "e-mail (was “Primary Email”)"),
}
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "headings only": (LINES[0].encode, "headings but no rows"),
    "a login page": (lambda: LOGIN_PAGE, "This is a web page"),
    "nothing": (lambda: b"", "The file is empty."),
    "cut short inside a line": (lambda: BASELINE[:-60], "the file was cut short"),
    "a OneRoster zip with damaged data": (lambda: damaged(_oneroster()), "“users.csv” inside the file is damaged"),
    "a OneRoster zip packed in an unknown way": (
        lambda: said_to_be_packed_by(_oneroster(), 97),
        "“manifest.csv” inside the file is damaged",
    ),
    "a OneRoster zip that is locked strongly": (
        lambda: said_to_be_packed_by(_oneroster(), 8, flags=64),
        "packed in a way that cannot be read here",
    ),
    "a OneRoster zip with a character that is none": (lambda: a_oneroster(USERS.replace("Dana", "Da\0na")), "characters that are no text"),
    "a workbook with damaged data": (lambda: damaged(_workbook()), "“xl/worksheets/sheet1.xml” inside the file is damaged"),
    "a workbook packed by LZMA": (lambda: packed_otherwise(_workbook(), zipfile.ZIP_LZMA), "The workbook cannot be read."),
    "a workbook packed in an unknown way": (lambda: said_to_be_packed_by(_workbook(), 97), "packed in a way that cannot be read here"),
    "a character that is none": (lambda: TEXT.replace("Year 4", "Year\0 4", 1).encode(), "not readable text"),
    "a character that is none in UTF-16": (lambda: TEXT.replace(",", ",\0", 40).encode("utf-16"), "holds characters that are no text"),
    "no column for the adult": (
        lambda: TEXT.replace("Contact Forename", "A").replace("Contact Surname", "B").encode(),
        "No column was found for the adult's name",
    ),
}


@pytest.mark.parametrize("what", STOPPED)
def test_a_broken_complete_list_is_stopped_and_the_register_stays(school: School, priya: User, what: str) -> None:
    make, says = STOPPED[what]
    a_loaded_list(school, BASELINE, priya, complete=True)
    before, tables = everything(school), the_whole_database(but=RECORD)
    row = a_checked_list(school, make(), priya, at=days_later(7))
    assert says in row.stopped_because
    assert row.stopped_because.startswith("Stopped. Nothing has changed.")
    with pytest.raises(ListIsStopped):
        apply_import(roster_import=row, by=priya, at=days_later(7))
    assert everything(school) == before
    assert the_whole_database(but=RECORD) == tables


@pytest.mark.parametrize("what", [*STOPPED, *REFUSED])
def test_the_command_prints_why_and_changes_nothing(school: School, priya: User, tmp_path: Path, what: str) -> None:
    make, says = (STOPPED | REFUSED)[what]
    a_loaded_list(school, BASELINE, priya, complete=True)
    tables = the_whole_database()
    said = _command(school, tmp_path, make(), "--rehearse", kind="complete")
    assert list(said) == KEYS
    assert said["stopped"]
    assert says in " ".join(said["stop_reasons"])
    assert the_whole_database() == tables
    _command(school, tmp_path, make(), "--apply", kind="complete")
    assert the_whole_database(but=RECORD) == {name: rows for name, rows in tables.items() if name not in {one.__name__ for one in RECORD}}
    if what in REFUSED:
        assert the_whole_database() == tables


@pytest.mark.parametrize("what", ["another school's list", "last year's list", "e-mail column empty"])
def test_an_additions_list_is_stopped_as_well_where_it_would_do_harm(school: School, priya: User, what: str) -> None:
    a_loaded_list(school, BASELINE, priya)
    assert STOPPED[what][1] in a_checked_list(school, STOPPED[what][0](), priya, complete=False).stopped_because


def _command(
    school: School, folder: Path, contents: bytes, what: str, *, kind: str = "additions", at: Any = None, **more: str
) -> dict[str, Any]:
    path, out = folder / "list.csv", StringIO()
    path.write_bytes(contents)
    arguments = [str(path), "--school", school.slug, what, "--kind", kind, "--json"]
    arguments += [part for name, value in more.items() for part in (f"--{name}", value)]
    with time_machine.travel(at or days_later(7), tick=False):
        call_command("import_roster", *arguments, stdout=out)
    found = json.loads(out.getvalue())
    assert isinstance(found, dict)
    return found


def test_the_figures_of_the_two_samples(school: School, tmp_path: Path) -> None:
    first = _command(school, tmp_path, BASELINE, "--rehearse")
    assert first == {
        "rows": 371,
        "pupils": 210,
        "people": 243,
        "emails": 232,
        "new": 243,
        "changed": 0,
        "no_longer_listed": 0,
        "kept": 0,
        "leavers": 0,
        "needs_you": 0,
        "new_restrictions": 2,
        "stopped": False,
        "stop_reasons": [],
        "dropped_columns": ["UPN", "DOB", "Priority", "Parental Responsibility", "Lives With Pupil", "Salutation", "Mobile"],
    }
    assert not Person.objects.exists()
    assert _command(school, tmp_path, BASELINE, "--apply", kind="complete") == first
    for times, (days, leavers) in enumerate(((8, 0), (8.5, 0), (10, 3), (12, 0))):
        contents = exported_again(MID_YEAR, times=times)
        said = _command(school, tmp_path, contents, "--apply", kind="complete", at=given.MONDAY + timedelta(days=days))
        assert (said["leavers"], said["stopped"]) == (leavers, False)
        assert (said["no_longer_listed"], said["kept"]) == ((3, 2) if days <= 10 else (0, 0))


def test_an_unchanged_file_writes_no_row_at_all(school: School, tmp_path: Path) -> None:
    _command(school, tmp_path, BASELINE, "--apply", kind="complete")
    tables, rows = the_whole_database(but=[RosterImport]), list(RosterImport.objects.values())
    for days in (7, 8, 30):
        said = _command(school, tmp_path, BASELINE, "--apply", kind="complete", at=days_later(days))
        assert (said["new"], said["changed"], said["new_restrictions"]) == (0, 0, 0)
        assert last_loaded_at(school) == days_later(days)
    assert the_whole_database(but=[RosterImport]) == tables
    # The one list there was is as fresh as the file that bore it out.
    assert list(RosterImport.objects.values()) == [{**rows[0], "borne_out_at": days_later(30)}]


def test_a_file_with_new_numbers_for_everybody_resolves_to_the_same_people(school: School, priya: User, tmp_path: Path) -> None:
    _command(school, tmp_path, BASELINE, "--apply", kind="complete")
    people = set(Person.objects.values_list("pk", "given", "family"))
    # Numbers handed out anew from the same range: every one of them belongs to somebody else now.
    turned = [line.split(",") for line in LINES[1:]]
    for cells in turned:
        cells[0], cells[7] = f"P{211 - int(cells[0][1:]):04}", f"C{244 - int(cells[7][1:]):04}"
    moved = "".join([LINES[0], *(",".join(cells) for cells in turned)]).encode()
    said = _command(school, tmp_path, moved, "--apply", kind="complete", at=days_later(9))
    assert (said["new"], said["no_longer_listed"], said["needs_you"], said["stopped"]) == (0, 0, 0, False)
    assert set(Person.objects.values_list("pk", "given", "family")) == people
    assert Pupil.objects.get(source_id="P0210").given == "Reggie"
    assert not Basis.objects.exclude(missing_since=None, ends_on=None).exists()


def test_duplicated_rows_count_once(school: School, tmp_path: Path) -> None:
    said = _command(school, tmp_path, (TEXT + "".join(LINES[1:])).encode(), "--rehearse")
    assert (said["rows"], said["pupils"], said["people"]) == (742, 210, 243)


def test_columns_come_from_a_file_or_from_the_name_they_are_remembered_under(school: School, priya: User, tmp_path: Path) -> None:
    contents = a_list("Dana Hill,Ada Hill,dana@home.test", headings="Who,Whose,Where")
    assert "No column was found" in _command(school, tmp_path, contents, "--rehearse")["stop_reasons"][0]
    columns = tmp_path / "columns.json"
    columns.write_text('{"name": "Who", "pupil_name": [1], "email": "where"}')
    assert _command(school, tmp_path, contents, "--apply", mapping=str(columns))["people"] == 1
    RosterImport.objects.update(source="Our own list")
    assert _command(school, tmp_path, contents, "--rehearse", mapping="Our own list")["stopped"] is False
    assert "No columns are remembered" in _command(school, tmp_path, contents, "--rehearse", mapping="Another")["stop_reasons"][0]


def test_without_json_a_stopped_list_fails_the_command(school: School, priya: User, tmp_path: Path) -> None:
    path, out = tmp_path / "list.csv", StringIO()
    path.write_bytes(BASELINE)
    call_command("import_roster", str(path), "--school", school.slug, "--by", priya.email, "--apply", stdout=out)
    assert "371 rows, 210 pupils, 243 adults" in out.getvalue()
    assert RosterImport.objects.get().applied_by == priya
    path.write_bytes(_year("Year 6"))
    with pytest.raises(CommandError, match="Year 4 and Year 5 are missing"):
        call_command("import_roster", str(path), "--school", school.slug, "--kind", "complete", "--rehearse", stdout=out)
    with pytest.raises(CommandError, match="may not load lists"):
        call_command("import_roster", str(path), "--school", school.slug, "--by", "sam@stranger.test", "--rehearse", stdout=out)


def test_a_stopped_list_goes_through_only_by_another_admin_with_a_reason(school: School, priya: User) -> None:
    okafor, lane = given.mr_okafor(school), given.mrs_lane(school)
    a_loaded_list(school, BASELINE, okafor, complete=True)
    row = a_checked_list(school, STOPPED["without one year group"][0](), okafor, at=days_later(7))
    for by, why, refusal in ((priya, "Fine.", ReleaseNeedsAnother), (okafor, "Fine.", ReleaseNeedsAnother), (lane, " ", Refused)):
        with pytest.raises(refusal):
            release_import(roster_import=row, why=why, by=by, at=days_later(7))
    release_import(roster_import=row, why="Year 3 moved to the other site.", by=lane, at=days_later(7))
    apply_import(roster_import=row, by=lane, at=days_later(7))
    assert Basis.objects.filter(missing_since=days_later(7)).exists()


def test_the_only_admin_lets_their_own_list_through_after_two_days(school: School) -> None:
    okafor = given.mr_okafor(school)
    a_loaded_list(school, BASELINE, okafor, complete=True)
    row = a_checked_list(school, STOPPED["without one year group"][0](), okafor, at=days_later(7))
    with pytest.raises(ReleaseNeedsAnother, match="48 hours"):
        release_import(roster_import=row, why="Looked at.", by=okafor, at=days_later(8))
    assert release_import(roster_import=row, why="Looked at.", by=okafor, at=days_later(9)).released_by == okafor


def test_a_new_intake_of_strangers_is_no_other_schools_list(school: School, priya: User) -> None:
    a_loaded_list(school, BASELINE, priya)
    intake = a_list(*(f"N{n},New{n},Child,Reception,M{n},Par{n},Ent{n},p{n}@new.test,Mother,No," for n in range(60)))
    assert a_checked_list(school, intake, priya, complete=False).stopped_because == ""
