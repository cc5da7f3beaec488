"""Import: checked first, applied by a press, stopped when its shape cannot be believed."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from tests.at_the_screen import as_
from vetting.roster.models import Person, RosterImport
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db
LIST = (Path(__file__).parents[2] / "data" / "rosters" / "01-baseline-long-utf8bom.csv").read_bytes()


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def upload(client: Client, contents: bytes, kind: str = "ADDITIONS") -> object:
    return client.post(reverse("imports"), {"file": SimpleUploadedFile("contacts.csv", contents), "kind": kind})


def test_a_list_is_checked_then_applied(school: School, priya: User) -> None:
    client = as_(priya)
    upload(client, LIST)
    found = RosterImport.objects.get(school=school)
    assert not Person.objects.exists()
    checked = client.get(reverse("import", args=[found.reference])).content.decode()
    for words in ("Check before applying", "Nobody is removed from Twitter by this step.", "Ignored and not stored:", "Year 3"):
        assert words in checked
    client.post(reverse("import_apply", args=[found.reference]))
    assert Person.objects.filter(school=school).count() == found.rehearsal["after"]["people"]
    again = client.post(reverse("import_apply", args=[found.reference]))
    assert again.status_code == 409
    assert "This list was applied already." in again.content.decode()


def test_a_list_is_thrown_away_and_nothing_has_changed(school: School, priya: User) -> None:
    client = as_(priya)
    upload(client, LIST)
    client.post(reverse("import_discard", args=[RosterImport.objects.get().reference]))
    assert RosterImport.objects.get().discarded_at is not None
    assert not Person.objects.exists()


def test_a_filtered_list_stops_and_offers_no_apply(school: School, priya: User) -> None:
    client = as_(priya)
    upload(client, LIST)
    client.post(reverse("import_apply", args=[RosterImport.objects.get().reference]))
    people = Person.objects.count()
    upload(client, b"\n".join(LIST.splitlines()[:6]), kind="COMPLETE")
    stopped = RosterImport.objects.exclude(stopped_because="").get()
    shown = client.get(reverse("import", args=[stopped.reference])).content.decode()
    assert "Stopped. Nothing has changed." in shown
    assert reverse("import_apply", args=[stopped.reference]) not in shown
    assert client.post(reverse("import_apply", args=[stopped.reference])).status_code == 409
    assert Person.objects.count() == people


def test_a_page_saved_as_a_list_is_refused_with_a_sentence(school: School, priya: User) -> None:
    answer = upload(as_(priya), b"<!doctype html><html><body>Please sign in</body></html>")
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_another_schools_list_is_not_there(school: School, priya: User) -> None:
    upload(as_(priya), LIST)
    found = RosterImport.objects.get()
    elsewhere = given.a_school(name="Other Primary", slug="other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.OFFICE, Role.ADMIN))
    assert stranger.get(reverse("import", args=[found.reference])).status_code == 404
    for name in ("import_apply", "import_discard", "import_answers", "import_roll_back"):
        assert stranger.post(reverse(name, args=[found.reference])).status_code == 404
        assert as_(priya).get(reverse(name, args=[found.reference])).status_code == 405


def upload_columns(client: Client, contents: bytes, headings: list[str], **chosen: str) -> object:
    sent = {"file": SimpleUploadedFile("contacts.csv", contents), "kind": "ADDITIONS", "headings": json.dumps(headings), **chosen}
    return client.post(reverse("import_columns"), sent)


def test_headings_that_do_not_say_enough_are_chosen_by_hand_and_remembered(school: School, priya: User) -> None:
    client, contents = as_(priya), b"Who,Whose,Where\r\nDana Hill,Ada Hill,dana@home.test\r\n"
    asked = upload(client, contents)
    assert asked.status_code == 422
    shown = asked.content.decode()
    assert "Which column is what?" in shown
    assert shown.count('name="column_') == 3
    chosen = {"column_0": "name", "column_1": "pupil_name", "column_2": "email"}
    other = upload_columns(client, b"A,B,C\r\n1,2,3\r\n", ["Who", "Whose", "Where"], **chosen)
    assert "This is another file" in other.content.decode()
    upload_columns(client, contents, ["Who", "Whose", "Where"], **chosen)
    row = RosterImport.objects.get()
    client.post(reverse("import_apply", args=[row.reference]))
    assert Person.objects.get().name == "Dana Hill"
    upload(client, contents)
    assert RosterImport.objects.latest("pk").rehearsal["same"] == 1
    assert client.get(reverse("import_columns"), {"of": row.reference}).status_code == 200
    assert client.get(reverse("import_columns")).status_code == 302


def test_a_question_is_answered_and_the_list_looked_at_again(school: School, priya: User) -> None:
    client, headings = as_(priya), b"Pupil name,Year,Parent name,Email\r\n"
    upload(client, headings + b"Ada Hill,2,Jo Smith,jo@home.test\r\n")
    client.post(reverse("import_apply", args=[RosterImport.objects.get().reference]))
    upload(client, headings + b"Leo Ward,1,J Smith,other@home.test\r\n")
    row = RosterImport.objects.latest("pk")
    shown = client.get(reverse("import", args=[row.reference])).content.decode()
    assert "Is J Smith the Jo Smith of the register?" in shown
    (question,) = row.rehearsal["needs_you"]
    client.post(reverse("import_answers", args=[row.reference]), {f"is_{question['key']}": "same"})
    client.post(reverse("import_apply", args=[row.reference]))
    assert Person.objects.get().addresses.count() == 2


def test_a_loaded_list_is_rolled_back_by_a_press(school: School, priya: User) -> None:
    client = as_(priya)
    upload(client, LIST)
    row = RosterImport.objects.get()
    client.post(reverse("import_apply", args=[row.reference]))
    assert "Roll back this list" in client.get(reverse("import", args=[row.reference])).content.decode()
    client.post(reverse("import_roll_back", args=[row.reference]))
    assert not Person.objects.exists()
    again = client.post(reverse("import_roll_back", args=[row.reference]))
    assert again.status_code == 409
    assert "This list is not loaded." in again.content.decode()


def test_a_stopped_list_is_let_through_by_an_admin_who_did_not_bring_it(school: School, priya: User) -> None:
    client, admin = as_(priya), as_(given.mr_okafor(school))
    upload(client, LIST)
    client.post(reverse("import_apply", args=[RosterImport.objects.get().reference]))
    upload(client, b"".join(line for line in LIST.splitlines(keepends=True) if b",Year 3," not in line), kind="COMPLETE")
    row = RosterImport.objects.latest("pk")
    address = reverse("import", args=[row.reference])
    assert "Let this list through" not in client.get(address).content.decode()
    assert "Let this list through" in admin.get(address).content.decode()
    assert client.post(reverse("import_let_through", args=[row.reference]), {"why": "Right."}).status_code == 403
    assert admin.post(reverse("import_let_through", args=[row.reference]), {"why": ""}).status_code == 422
    admin.post(reverse("import_let_through", args=[row.reference]), {"why": "Year 3 moved to the other site."})
    assert "let through by Mr Okafor: Year 3 moved to the other site." in " ".join(admin.get(address).content.decode().split())
    admin.post(reverse("import_apply", args=[row.reference]))
    row.refresh_from_db()
    assert row.applied_at is not None


def test_a_list_is_let_through_only_as_it_was_read(school: School, priya: User) -> None:
    rows = "".join(f"{n},Child{n},Ward,Year 2,{n}0,Par{n},Ward{n},p{n}@home.test,No\r\n" for n in range(1, 13))
    headings = "Pupil ID,Pupil Forename,Pupil Surname,Year Group,Contact ID,Contact Forename,Contact Surname,Email,Court Order\r\n"
    client, lane = as_(priya), as_(given.mrs_lane(school))
    upload(client, (headings + rows).encode(), kind="COMPLETE")
    client.post(reverse("import_apply", args=[RosterImport.objects.get().reference]))
    half = "".join(rows.splitlines(keepends=True)[:6]) + "99,Leo,Long,Year 1,X1,P,Ward7,elsewhere@home.test,No\r\n"
    upload(client, (headings + half).encode(), kind="COMPLETE")
    row = RosterImport.objects.latest("pk")
    shown = lane.get(reverse("import", args=[row.reference])).content.decode()
    assert "Stopped. Nothing has changed." in shown
    assert "Is P Ward7 the Par7 Ward7 of the register?" in shown
    (question,) = row.rehearsal["needs_you"]
    seen = row.rehearsal["outcome"]
    assert f'name="seen" value="{seen}"' in shown
    client.post(reverse("import_answers", args=[row.reference]), {f"is_{question['key']}": "different"})
    late = lane.post(reverse("import_let_through", args=[row.reference]), {"why": "They moved.", "seen": seen})
    assert late.status_code == 409
    assert "looked at again since you opened this page" in late.content.decode()
    row.refresh_from_db()
    lane.post(reverse("import_let_through", args=[row.reference]), {"why": "They moved.", "seen": row.rehearsal["outcome"]})
    row.refresh_from_db()
    assert row.released_why == "They moved."


MARKED = (
    b"Pupil Forename,Pupil Surname,Year,Contact Forename,Contact Surname,Email,Court Order\r\nAda,Hill,2,Dana,Hill,dana@home.test,%s\r\n"
)


def test_of_a_mark_on_a_list_the_office_reads_nothing_and_the_lead_does(school: School, priya: User) -> None:
    reid, said = given.ms_reid(school), []
    for mark in (b"No", b"Yes"):
        upload(as_(priya), MARKED % mark)
        row = RosterImport.objects.latest("pk")
        page = reverse("import", args=[row.reference])
        said.append(as_(priya).get(page).content.decode())
        as_(priya).post(reverse("import_apply", args=[row.reference]))
    assert school.restrictions.count() == 1
    for shown in (said[1], as_(priya).get(page).content.decode()):
        assert "mark comes" not in shown
        assert "banner--warning" not in shown
        assert "Apply 1 change" not in shown
    shown = as_(reid).get(page).content.decode()
    assert "1 new mark comes with this list." in shown
    assert reverse("import_roll_back", args=[row.reference]) in shown


def test_the_lead_finds_the_list_and_rolls_it_back_and_loads_none(school: School, priya: User) -> None:
    upload(as_(priya), MARKED % b"Yes")
    row = RosterImport.objects.get()
    lead = as_(given.ms_reid(school))
    looked_at = lead.get(reverse("import", args=[row.reference])).content.decode()
    assert reverse("import_apply", args=[row.reference]) not in looked_at
    as_(priya).post(reverse("import_apply", args=[row.reference]))
    shown = lead.get(reverse("imports")).content.decode()
    assert row.reference in shown
    assert "Check this list" not in shown
    assert upload(lead, MARKED % b"No").status_code == 403
    lead.post(reverse("import_roll_back", args=[row.reference]))
    assert not Person.objects.exists()
