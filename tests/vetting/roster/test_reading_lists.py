"""What schools' systems export, and what only looks like a list."""

import io
import zipfile

import pytest

from tests import given_roster
from vetting.roster.importing.mapping import find_columns
from vetting.roster.importing.names import compatible, split_full_name
from vetting.roster.importing.reading import read_sheet
from vetting.roster.importing.rows import read_rows
from vetting.values import BadValue

TABLE = "Child,Year,Parent name,E-mail\r\nAda Hill,2,Dana Hill,dana@home.test\r\nNoé Ward,R,Zoë Ward,zoe@home.test\r\n"


def _rows(contents: bytes) -> list:
    sheet = read_sheet(contents)
    return list(read_rows(sheet, find_columns(sheet.headings)))


def _noted(contents: bytes) -> list[str]:
    sheet = read_sheet(contents)
    list(read_rows(sheet, find_columns(sheet.headings)))
    return sheet.notes.sentences()


@pytest.mark.parametrize("contents", [given_roster.BASELINE, given_roster.MID_YEAR])
def test_the_sample_exports_find_their_columns_without_help(contents: bytes) -> None:
    columns = find_columns(read_sheet(contents).headings)
    assert columns.dropped == ("UPN", "DOB", "Priority", "Parental Responsibility", "Lives With Pupil", "Salutation", "Mobile")
    kept = {heading for heading, _ in columns.kept}
    assert kept >= {"Pupil ID", "Legal Forename", "Reg Group", "Contact ID", "Primary Email", "Court Order"}


def test_nothing_of_a_dropped_column_is_kept() -> None:
    row = _rows(given_roster.BASELINE)[0]._asdict()
    assert row == {
        "line": 2,
        "pupil_id": "P0001",
        "pupil_given": "Reggie",
        "pupil_family": "Begum",
        "year": "Year 4",
        "class_name": "4W",
        "left_on": None,
        "thirteen_on": None,
        "contact_id": "C0001",
        "title": "Dr",
        "given": "Lucy",
        "family": "Begum",
        "addresses": ("lucy.begum60@example.net",),
        "relationship": "Mother",
        "mark": False,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_of_schools_programs_are_understood(encoding: str, separator: str) -> None:
    rows = _rows(TABLE.replace(",", separator).encode(encoding))
    assert [(row.pupil_given, row.year, row.given) for row in rows] == [("Ada", "Year 2", "Dana"), ("Noé", "Reception", "Zoë")]


def test_an_old_encoding_is_read_with_a_warning() -> None:
    assert "not in UTF-8" in _noted(TABLE.encode("cp1252"))[0]
    assert _noted(TABLE.encode()) == []


def test_titles_above_and_totals_below_are_left_out_and_said() -> None:
    contents = ("St Example Primary\r\nContacts,Autumn\r\n\r\n" + TABLE + "Total:,2\r\n").encode()
    assert read_sheet(contents).headings == ("Child", "Year", "Parent name", "E-mail")
    assert [row.line for row in _rows(contents)] == [5, 6]
    assert _noted(contents) == ["2 lines above the headings were left out.", "Line 7 was left out: a total, not a person."]


def test_repeated_headings_are_the_childs_first_and_the_adults_second() -> None:
    text = "ID,Forename,Surname,Class,ID,Forename,Surname,Email,Email\r\n7,Ada,Hill,2W,90,Dana,Hill,,dana@home.test\r\n"
    row = _rows(text.encode())[0]
    assert (row.pupil_id, row.pupil_given, row.contact_id, row.given, row.addresses) == ("7", "Ada", "90", "Dana", ("dana@home.test",))


def test_a_line_break_inside_quotes_does_not_end_a_row() -> None:
    text = TABLE.replace("Dana Hill", '"Dana\r\nHill"')
    assert [row.line for row in _rows(text.encode())] == [2, 4]


def test_leaving_dates_are_day_first_or_a_spreadsheets_number() -> None:
    lines = ["Ada Hill,06/11/2026,Dana Hill", "Ivo Hill,46332,Dana Hill", "Una Hill,soon,Dana Hill"]
    contents = given_roster.a_list(*lines, headings="Child,Leaving Date,Parent")
    assert [row.left_on.isoformat() if row.left_on else None for row in _rows(contents)] == ["2026-11-06", "2026-11-06", None]
    assert _noted(contents) == ["Line 4: the leaving date could not be read; it was left out."]


def test_a_salutation_is_never_made_into_people() -> None:
    with pytest.raises(BadValue):
        split_full_name("Mr & Mrs J Smith")
    assert split_full_name("O'Brien-Ward, Siân Mary").given == "Siân Mary"
    assert str(split_full_name("Dr Lucy Begum")) == "Lucy Begum"


def test_names_agree_across_accents_apostrophes_and_initials_but_not_across_people() -> None:
    assert compatible(("SIÂN", "O’BRIEN"), ("Sian", "O'Brien"))
    assert compatible(("J", "Begum"), ("Jamie", "Begum"))
    assert compatible(("Priya", "Đỗ"), ("Priya", "Do"))
    assert not compatible(("Lucy", "Begum"), ("Jamie", "Begum"))
    assert not compatible(("Lucy", "Begum"), ("Lucy", "Khan"))


def _workbook() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return held.getvalue()


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n", "No table was found"),
        (given_roster.LOGIN_PAGE, "This is a web page, not a list."),
        (b"\r\n  <html lang='en'>\n<body>Sign in</body>", "This is a web page, not a list."),
        (b"<?xml version='1.0'?><CTfile/>", "This is XML"),
        (_workbook(), "save it as CSV"),
        (b"%PDF-1.7 ...", "This is a PDF."),
        (given_roster.a_list(), "headings but no rows"),
        (TABLE.encode()[:-30], "the file was cut short"),
        (b"just a line of text\r\nand another\r\n", "No table was found"),
        (b"Room,Booked,Fee\r\nHall,Monday,10 pounds\r\n", "No column was found for the child's name and the adult's name."),
        (bytes(range(128, 160)) * 20, "not readable text"),
    ],
)
def test_what_is_not_a_list_is_refused_with_a_sentence(contents: bytes, says: str) -> None:
    with pytest.raises(BadValue) as refusal:
        _rows(contents)
    assert says in refusal.value.sentence
    assert "Nothing was changed." in refusal.value.sentence
