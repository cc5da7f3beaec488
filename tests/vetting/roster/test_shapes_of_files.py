"""The shapes in which lists come: workbooks, OneRoster, several adults in a row; and what is refused, with a sentence."""

import struct

import pytest

from tests.given_files import a_oneroster, a_workbook, a_zip
from tests.given_roster import a_list
from vetting.roster.importing.mapping import find_columns
from vetting.roster.importing.reading import read_sheet
from vetting.roster.importing.rows import ListedRow, read_rows
from vetting.values import BadValue

HEADINGS = ["Pupil ID", "Forename", "Surname", "Year Group", "DOB", "Leaving Date", "Contact Name", "Email", "Court Order"]
ADA = [1, "Ada", "Hill", "Y4", 43010, 46332, "Dana Hill", "dana@home.test", False]
IVO = [2, "Ivo", "Hill", "Rec", 44010, None, "Dana Hill", "dana@home.test", True]


def _read(contents: bytes) -> tuple[list[ListedRow], list[str], tuple[str, ...]]:
    sheet = read_sheet(contents)
    columns = find_columns(sheet.headings, sheet.unopened)
    rows = list(read_rows(sheet, columns))
    return rows, sheet.notes.sentences(), columns.dropped


def _seen(rows: list[ListedRow]) -> list[tuple[str, str, str]]:
    return [(f"{row.pupil_given} {row.pupil_family}", f"{row.given} {row.family}", row.relationship) for row in rows]


@pytest.fixture
def workbooks() -> None:
    pytest.importorskip("python_calamine", reason="the reader of workbooks is in requirements.txt and not installed here")


@pytest.mark.usefixtures("workbooks")
def test_a_workbook_reads_like_the_csv_of_it() -> None:
    rows, notes, dropped = _read(a_workbook([["Contacts", None, "Autumn"], [], HEADINGS, ADA, IVO, ["Total", 2]]))
    assert [(row.pupil_id, row.pupil_given, row.year, str(row.left_on), row.mark) for row in rows] == [
        ("1", "Ada", "Year 4", "2026-11-06", False),
        ("2", "Ivo", "Reception", "None", True),
    ]
    assert dropped == ("DOB",)
    assert "Line 6 was left out: a total, not a person." in notes


@pytest.mark.usefixtures("workbooks")
def test_of_several_sheets_the_one_with_a_table_is_read() -> None:
    rows, notes, _ = _read(a_workbook([["Notes about this export"]], [HEADINGS, ADA]))
    assert len(rows) == 1
    assert notes == ["The workbook has 2 sheets; only “Sheet2” was read."]


def test_one_row_for_each_pupil_with_several_adults() -> None:
    headings = "Pupil Forename,Pupil Surname,Year,Parent 1 Name,Parent 1 Email,Parent 2 Name,Parent 2 Email"
    rows, _, _ = _read(a_list("Ada,Hill,4,Dana Hill,dana@home.test,Sam Hill,sam@home.test", "Leo,Ward,1,Mei Ward,,,", headings=headings))
    assert [(row.pupil_given, row.given, row.addresses) for row in rows] == [
        ("Ada", "Dana", ("dana@home.test",)),
        ("Ada", "Sam", ("sam@home.test",)),
        ("Leo", "Mei", ()),
    ]


def test_mother_and_father_in_the_headings_are_two_adults_with_that_relationship() -> None:
    headings = "Pupil Name,Year,Mother's Name,Mother's Email,Father's Name,Father's Email"
    rows, _, _ = _read(a_list("Ada Hill,4,Dana Hill,dana@home.test,Sam Hill,sam@home.test", headings=headings))
    assert _seen(rows) == [("Ada Hill", "Dana Hill", "Mother"), ("Ada Hill", "Sam Hill", "Father")]


def test_repeated_contact_headings_are_a_second_adult() -> None:
    headings = "Pupil Name,Year,Contact Name,Email,Contact Name,Email"
    rows, _, _ = _read(a_list("Ada Hill,4,Dana Hill,dana@home.test,Sam Hill,sam@home.test", headings=headings))
    assert [(row.given, row.addresses) for row in rows] == [("Dana", ("dana@home.test",)), ("Sam", ("sam@home.test",))]


def test_two_email_columns_of_one_adult_stay_one_adult() -> None:
    headings = "Pupil Name,Year,Parent Name,Email 1,Email 2"
    rows, _, _ = _read(a_list("Ada Hill,4,Dana Hill,dana@home.test,dana@work.test", headings=headings))
    assert [row.addresses for row in rows] == [("dana@home.test", "dana@work.test")]


@pytest.mark.parametrize(
    ("tick", "is_set"),
    [("T", True), ("F", False), ("Yes", True), ("No", False), ("1", True), ("0", False), ("✓", True), ("", False), ("see file", True)],
)
def test_ticks_are_understood_in_all_their_spellings(tick: str, is_set: bool) -> None:
    rows, _, _ = _read(a_list(f"Ada Hill,4,Dana Hill,{tick}", headings="Pupil Name,Year,Parent Name,Court Order"))
    assert [row.mark for row in rows] == [is_set]


def test_a_date_of_birth_becomes_the_day_of_turning_13_from_year_7_on_and_is_told_as_dropped() -> None:
    rows, _, dropped = _read(a_list("Ada Hill,8,02/10/2014,Dana Hill", "Leo Hill,4,02/10/2017,Dana Hill", headings="Pupil,Year,DOB,Parent"))
    assert [str(row.thirteen_on) for row in rows] == ["2027-10-02", "None"]
    assert dropped == ("DOB",)
    assert not any("2014" in str(value) for value in rows[0])


def test_nothing_but_the_fields_needed_is_kept_and_the_rest_is_named() -> None:
    headings = "Pupil Name,Year,UPN,Address,Mobile,Password,Notes,Ethnicity,SEN,Parent Name,Email"
    rows, _, dropped = _read(
        a_list("Ada Hill,4,Z1,1 High Street,07700 900001,secret,a note,any,K,Dana Hill,dana@home.test", headings=headings)
    )
    assert dropped == ("UPN", "Address", "Mobile", "Password", "Notes", "Ethnicity", "SEN")
    assert {"Z1", "1 High Street", "07700 900001", "secret", "a note", "K"}.isdisjoint(map(str, rows[0]))


def test_applicants_and_leavers_who_are_marked_as_such_are_left_out() -> None:
    rows, notes, _ = _read(
        a_list("Ada Hill,4,On roll,Dana Hill", "Leo Hill,R,Applicant,Dana Hill", headings="Pupil Name,Year,Enrolment Status,Parent Name")
    )
    assert [row.pupil_given for row in rows] == ["Ada"]
    assert "1 row is of a child who is not on roll (an applicant, a leaver): left out." in notes


def test_headings_in_the_middle_of_a_list_are_left_out() -> None:
    rows, notes, _ = _read(
        a_list("Ada Hill,4,Dana Hill", "Pupil Name,Year,Parent Name", "Leo Hill,5,Dana Hill", headings="Pupil Name,Year,Parent Name")
    )
    assert [row.pupil_given for row in rows] == ["Ada", "Leo"]
    assert notes == ["Line 3 was left out: the headings once more."]


def test_a_leading_nought_kept_by_a_formula_is_read_and_any_other_formula_is_nobodys_name() -> None:
    rows, notes, _ = _read(
        a_list('="007",Ada Hill,4,Dana Hill', '8,Leo Hill,4,"=HYPERLINK(""x"")"', headings="Pupil ID,Pupil Name,Year,Parent Name")
    )
    assert (rows[0].pupil_id, rows[1].names_both) == ("007", False)
    assert notes == ["Line 3 was left out: a cell holds a formula."]


USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,"
    "email,sms,phone,agentSourcedIds,grades,password\r\n"
    'p1,,,true,o,student,ada,,Ada,Hill,,,,,,"a1,t1",04,\r\n'
    "p2,,,true,o,student,leo,,Leo,Ward,,,,,,,01,\r\n"
    "a1,,,true,o,parent,dana,,Dana,Hill,,,dana@home.test,,07700,,,secret\r\n"
    "g1,,,true,o,guardian,mei,,Mei,Ward,,,mei@home.test,,,p2,,secret\r\n"
    "t1,,,true,o,teacher,tom,,Tom,Lane,,,tom@school.test,,,,,secret\r\n"
)


def test_a_oneroster_export_gives_pupils_their_agents_and_drops_passwords() -> None:
    rows, _, dropped = _read(a_oneroster(USERS))
    assert [(row.pupil_given, row.year, row.given, row.relationship) for row in rows] == [
        ("Ada", "Year 4", "Dana", "Parent"),
        ("Ada", "Year 4", "Tom", "Teacher at the school"),
        ("Leo", "Year 1", "Mei", "Guardian"),
    ]
    assert {"password", "phone", "sms", "username", "dateLastModified"} <= set(dropped)
    assert "secret" not in str(rows)


def test_oneroster_1_2_keeps_roles_in_a_file_of_their_own_and_may_spell_headings_its_own_way() -> None:
    users = "SOURCEDID,GivenName,familyname,email,agentsourcedids,grades\r\np1,Ada,Hill,,a1,04\r\na1,Dana,Hill,dana@home.test,,\r\n"
    roles = "sourcedId,userSourcedId,roleType,role\r\n1,p1,primary,student\r\n2,a1,primary,guardian\r\n"
    rows, _, _ = _read(a_oneroster(users, roles=roles))
    assert _seen(rows) == [("Ada Hill", "Dana Hill", "Guardian")]


def test_a_user_marked_for_deletion_is_left_out_and_that_is_said() -> None:
    rows, notes, _ = _read(a_oneroster(USERS.replace("g1,,", "g1,tobedeleted,")))
    assert [row.given for row in rows] == ["Dana", "Tom"]
    assert notes[0].startswith("1 user is marked “tobedeleted”")


def _locked_zip() -> bytes:
    contents = bytearray(a_zip({"users.csv": b"x"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = contents.index(signature) + offset
        contents[at : at + 2] = struct.pack("<H", struct.unpack("<H", contents[at : at + 2])[0] | 1)
    return bytes(contents)


PROTECTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
LONG_CELL = f"Ada Hill,4,{'x' * 2000}"
OPEN_QUOTE = 'Ada Hill,4,"Dana Hill\r\n' + "Leo Ward,1,Mei Ward\r\n" * 10_000


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        (a_zip({"xl/worksheets/sheet1.xml": b"0" * 30_000_000}), "would unpack to something enormous"),
        (a_workbook([HEADINGS, ADA])[:-40], "is damaged"),
        (_locked_zip(), "protected by a password"),
        (a_zip({"photo.jpg": b"x"}), "users.csv is missing"),
        (a_oneroster(USERS, manifest="file.users,delta"), "only what changed (“delta”)"),
        (a_oneroster(USERS.splitlines()[0] + "\r\n"), "users.csv has headings but no rows"),
        (a_oneroster("sourcedId,role\r\np1,student\r\n"), "users.csv has no column familyname and no column givenname"),
        (a_list(LONG_CELL, headings="Pupil Name,Year,Parent Name"), "A cell holds 2,000 characters"),
        (a_list(OPEN_QUOTE, headings="Pupil Name,Year,Parent Name"), "a quotation mark is missing"),
        (b"<html><body><table><tr><td>Pupil Name</td></tr></table></body></html>", "This is a web page"),
        (b"<table><tr><td>Pupil Name</td></tr></table>", "web page saved as a workbook"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(contents: bytes, says: str) -> None:
    with pytest.raises(BadValue) as refusal:
        _read(contents)
    assert says in refusal.value.sentence
    assert "Nothing was changed." in refusal.value.sentence


@pytest.mark.usefixtures("workbooks")
@pytest.mark.parametrize(
    ("contents", "says"),
    [
        (PROTECTED, "protected by a password"),
        (a_workbook([HEADINGS, ADA], formula="A1&B1"), "calculates some of its cells"),
        (a_workbook([HEADINGS, ADA, IVO], merged="A2:A3"), "merged cells (row 2)"),
        (a_workbook([[]]), "The workbook is empty."),
        (a_workbook([HEADINGS]), "headings but no rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000, "The workbook cannot be read."),
    ],
)
def test_a_workbook_that_cannot_be_trusted_is_refused_with_a_sentence(contents: bytes, says: str) -> None:
    test_what_cannot_be_read_is_refused_with_a_sentence(contents, says)
