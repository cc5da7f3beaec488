"""The E-mails pages in the office's hands: found again, understood, linked, answered where the words stand."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests import given
from tests.at_the_screen import as_, at_the_register
from tests.given_forgetting import a_connected_account, an_answered_email
from tests.given_intake import a_checked_message, a_folder_source, a_message, an_email, mail_arrives
from tests.given_roster import a_parent
from vetting.intake.confirming import note_other_name
from vetting.intake.models import Claim, ClaimReading, MailPosition, VerificationEmail
from vetting.intake.operations import parse_stored, receive_email, set_aside, use_reading
from vetting.intake.queries import Filter, count_emails, emails, emails_that_need_a_look
from vetting.intake.understanding import UNREADABLE
from vetting.matching.models import ClaimLink
from vetting.retention.operations import erase_due
from vetting.school.models import Role, School

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def priya(school: School) -> User:
    return given.priya(school)


def shown(user: User, email: VerificationEmail) -> str:
    return as_(user).get(reverse("email", args=[email.reference])).content.decode()


# The list.


def one_of_each(school: School, by: User) -> dict[Filter, VerificationEmail]:
    read = an_email(school, a_message(number=1))
    look = an_email(school, a_message("May I follow you?", number=2))
    automatic = an_email(school, a_message("I am away.", number=3, top="Auto-Submitted: auto-replied\n"))
    aside = an_email(school, a_message("Our spring catalogue", number=4))
    set_aside(email=aside, by=by, at=given.MONDAY, why="Advertising")
    poison = an_email(school, a_message("Broken", number=5))
    VerificationEmail.objects.filter(pk=poison.pk).update(text="", from_address="", parse_failures=3, waits_because=UNREADABLE)
    return {Filter.READ: read, Filter.LOOK: look, Filter.AUTOMATIC: automatic, Filter.ASIDE: aside, Filter.UNREADABLE: poison}


def test_each_filter_shows_its_own_and_counts_them(school: School, priya: User) -> None:
    of = one_of_each(school, priya)
    for which, email in of.items():
        found = emails(school, which)
        assert email in found
        assert len(found) == count_emails(school)[which]
    assert [count_emails(school)[which] for which in Filter] == [5, 2, 1, 1, 1, 1]
    page = as_(priya).get(reverse("emails"), {"show": "aside"}).content.decode()
    assert of[Filter.ASIDE].reference in page
    assert of[Filter.READ].reference not in page


def test_a_search_stands_in_no_address_and_finds_sender_and_subject(school: School, priya: User) -> None:
    an_email(school, a_message(sender="Ravi Marsh <ravi@example.org>", number=1))
    an_email(school, a_message(subject="Following Oak class", number=2))
    client = as_(priya)
    answer = client.post(reverse("emails"), {"search": "ravi"})
    assert answer["Location"] == reverse("emails")
    page = client.get(answer["Location"]).content.decode()
    assert "Ravi Marsh" in page
    assert "Following Oak class" not in page
    client.post(reverse("emails"), {"search": "oak following"})
    assert "Following Oak class" in client.get(reverse("emails")).content.decode()
    client.post(reverse("emails"), {})
    assert "Ravi Marsh" in client.get(reverse("emails")).content.decode()


def test_messages_of_one_second_are_all_reached_by_turning_pages(school: School) -> None:
    for number in range(5):
        an_email(school, a_message(number=number))
    first = emails(school, limit=2)
    second = emails(school, before=first[-1].reference, limit=2)
    third = emails(school, before=second[-1].reference, limit=2)
    assert len({email.pk for email in (*first, *second, *third)}) == 5


def test_the_list_asks_the_same_however_many_there_are(school: School, priya: User) -> None:
    client = as_(priya)
    an_email(school, a_message(number=0))
    client.get(reverse("emails"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("emails"))
    for number in range(1, 30):
        an_email(school, a_message("May I follow?", number=number))
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("emails"))
    assert len(many) <= len(few) + 1


def test_how_it_came_is_said_first_and_in_how_many_other_ways(school: School, priya: User) -> None:
    source = a_folder_source(school)
    email = mail_arrives(source, a_checked_message())
    carrier = an_email(school, a_message("See attached", number=9, sender="Sam Patel <sam@st-example.test>"))
    MailPosition.objects.create(email=email, inside=carrier, seen_at=given.MONDAY + SECOND)
    page = as_(priya).get(reverse("emails")).content.decode()
    assert "The office&#x27;s folder" in page
    assert "and in 1 other way" in page
    said = shown(priya, email)
    assert "Also attached to a message from Sam Patel" in said
    assert reverse("email", args=[carrier.reference]) in said


def test_files_are_given_several_at_once_and_what_came_of_it_is_said(school: School, priya: User) -> None:
    client = as_(priya)

    def give(*files: tuple[str, bytes]) -> str:
        uploads = [SimpleUploadedFile(name, content) for name, content in files]
        return client.post(reverse("email_give"), {"given": uploads}, follow=True).content.decode()

    mbox = b"".join(b"From x@example.org Mon Nov  9 09:00:00 2026\n" + a_message(number=number) + b"\n" for number in (1, 2))
    assert "3 e-mails found in the files: 2 new, 1 here already." in give(("two.mbox", mbox), ("one.eml", a_message(number=1)))
    assert "1 e-mail found in the files, and none is new" in give(("one.eml", a_message(number=1)))
    assert "Choose one or more .eml or .mbox files." in give()
    assert "Given by Priya" in client.get(reverse("emails")).content.decode()
    assert client.post(reverse("email_give"), {"given": SimpleUploadedFile("a.pdf", b"%PDF-1.7 not mail")}).status_code == 422
    assert VerificationEmail.objects.count() == 2
    assert as_(given.a_colleague(school, "Jo", Role.DATA_LEAD)).get(reverse("email_give")).status_code == 403


# What needs a look.


def test_several_names_wait_until_somebody_has_said_which(school: School, priya: User) -> None:
    email = an_email(school, a_message("My Twitter name is @dana_h84 or maybe @dana_hill."))
    assert emails_that_need_a_look(school) == [email]
    page = shown(priya, email)
    assert "More than one Twitter name was read in this e-mail. Say which one is meant." in page
    assert "In the sender" not in page
    assert "in the sender’s own words" in page
    assert "Requests that need a look" in page
    assert "Say which one is meant." in as_(priya).get(reverse("requests"), {"tab": "look"}).content.decode()
    reading = ClaimReading.objects.get(handle="dana_hill")
    use_reading(reading=reading, use=ClaimReading.Use.THIS, by=priya, at=given.MONDAY)
    assert emails_that_need_a_look(school) == []


def test_a_doubtful_sender_waits_until_somebody_says_whose_it_is(school: School, priya: User) -> None:
    raw = a_message().replace(b"From: Dana Hill <dana@example.org>", b"From: dana@example.org <evil@bad.example>, sam@example.org")
    email = an_email(school, raw)
    assert email.sender_ambiguous
    assert emails_that_need_a_look(school) == [email]
    assert "It is not clear who sent this" in shown(priya, email)
    person = a_parent(school)
    as_(priya).post(reverse("email_link", args=[email.reference]), {"person": person.reference})
    assert emails_that_need_a_look(school) == []


def test_a_message_its_sender_disowned_waits_until_it_is_set_aside(school: School, priya: User) -> None:
    email = an_email(school)
    assert emails_that_need_a_look(school) == []
    Claim.objects.filter(email=email).update(disowned_at=given.MONDAY)
    assert [one.waits_because for one in emails_that_need_a_look(school)] == [
        "Somebody who reads the sender's mail says that this message is not from them."
    ]
    set_aside(email=email, by=priya, at=given.MONDAY, why="Not from them")
    assert emails_that_need_a_look(school) == []


def test_another_name_typed_on_the_confirmation_page_waits_until_one_is_chosen(school: School, priya: User) -> None:
    email = an_email(school)
    note_other_name(claim=Claim.objects.get(email=email), text="@dana_new", at=given.MONDAY)
    assert emails_that_need_a_look(school) == [email]
    assert "Typed on the confirmation page" in shown(priya, email)
    use_reading(reading=ClaimReading.objects.get(handle="dana_new"), use=ClaimReading.Use.THIS, by=priya, at=given.MONDAY)
    assert emails_that_need_a_look(school) == []


# One message.


def test_the_words_are_answered_where_they_stand_without_any_script(school: School, priya: User) -> None:
    email = an_email(school, a_message("My Twitter name is @dana_h84 or maybe @dana_hill."))
    screen = at_the_register(priya).open(reverse("email", args=[email.reference]))
    screen.press("Use this", near="@dana_hill")
    assert screen.status == 200
    letter = screen.page.css_first(".letter")
    assert letter is not None
    assert {button.attributes["form"] for button in letter.css("button")} == {"pick"}
    number = ClaimReading.objects.get(handle="dana_h84").pk
    pressed = next(b for b in letter.css("button") if b.attributes["aria-label"] == "Not this: @dana_h84")
    assert pressed.attributes["formaction"] == reverse("email_use", args=[email.reference, number])
    client = as_(priya)
    answer = client.post(str(pressed.attributes["formaction"]), {"use": str(pressed.attributes["value"])})
    assert answer["Location"].endswith("#names")
    assert ClaimReading.objects.get(pk=number).use == ClaimReading.Use.NOT_THIS


def test_zones_are_named_and_old_text_is_folded_away(school: School, priya: User) -> None:
    body = (
        "My Twitter name is @dana_h84.\n\n-- \nDana Hill\nOak Farm\n\nOn Mon, 9 Nov 2026 at 10:02, Office wrote:\n> Please write to us.\n"
    )
    page = shown(priya, an_email(school, a_message(body)))
    assert '<span class="zone__name">Signature</span>' in page
    assert "Quoted from an earlier message" in page
    assert '<details class="zone zone--folded">' in page
    assert page.count("Please write to us.") == 1


def test_a_suspicious_sender_is_warned_of_in_plain_words(school: School, priya: User) -> None:
    source = a_folder_source(school)
    top = (
        "Authentication-Results: mx.st-example.test; dmarc=fail header.from=example.org\n"
        "Received: from x.bad.example (x.bad.example [203.0.113.7]) by mx.st-example.test; Mon, 9 Nov 2026 09:00:00 +0000\n"
    )
    page = shown(priya, mail_arrives(source, a_message(top=top)))
    assert "Do not approve from this mail." in page
    assert "did not come from example.org" in page


def test_whose_message_it_is_is_looked_up_linked_and_taken_back(school: School, priya: User) -> None:
    email = an_email(school, a_message("May I follow you?", sender="Mum <dhx@elsewhere.example>"))
    a_parent(school, email="dana@example.org")
    screen = at_the_register(priya).open(reverse("email", args=[email.reference]))
    assert screen.says("The address is on record for nobody.")
    screen.press("Search", near="Link to a person", search="hill")
    assert "hill" not in screen.url
    screen.press("It is theirs", near="Dana Hill")
    assert screen.says("Linked to Dana Hill. That proves nothing by itself")
    assert ClaimLink.objects.get().person.name == "Dana Hill"
    screen.press("Take back")
    assert ClaimLink.objects.get().ended_by == priya
    assert shown(priya, an_email(school, a_message("Hello", number=7))).count("The address is on record for") == 1


def test_what_could_not_be_read_is_shown_as_it_stands_and_a_person_may_act(school: School, priya: User) -> None:
    head = "From: =?utf-8?q?Dana_H=C3=AFll?= <dana@example.org>\r\nSubject: Twitter\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    email = _never_read(school, (head + "I am =40dana <script>alert(1)</script>").encode())
    page = shown(priya, email)
    assert "How it begins" in page
    assert "Dana Hïll" in page
    assert "I am @dana &lt;script&gt;" in page
    assert "<script>alert" not in page
    for way in ("email_original", "email_set_name", "email_try_again"):
        assert reverse(way, args=[email.reference]) in page


def _never_read(school: School, raw: bytes) -> VerificationEmail:
    """A message on which the reader gave up three times."""
    email = receive_email(school=school, raw=raw, received_at=given.MONDAY, at=given.MONDAY)
    gave_up = {"parsed_at": given.MONDAY, "parser_version": 1, "parse_failures": 3, "waits_because": UNREADABLE}
    VerificationEmail.objects.filter(pk=email.pk).update(**gave_up)
    email.refresh_from_db()
    return email


def test_too_large_a_message_shows_its_beginning(school: School, priya: User) -> None:
    raw = a_message("It is a very long story. " * 4_000)
    email = receive_email(school=school, raw=raw, received_at=given.MONDAY, at=given.MONDAY, size=30_000_000)
    parse_stored(at=given.MONDAY)
    page = shown(priya, email)
    assert "It was too large to be kept whole" in page
    assert "It is a very long story." in page
    assert emails(school, Filter.UNREADABLE) == [email]


def test_a_ready_reason_sets_aside_and_something_else_must_be_said(school: School, priya: User) -> None:
    email, client = an_email(school, a_message("Our catalogue")), as_(priya)
    assert client.post(reverse("email_set_aside", args=[email.reference]), {"reason": ""}).status_code == 422
    client.post(reverse("email_set_aside", args=[email.reference]), {"reason": "Advertising or a newsletter"})
    email.refresh_from_db()
    assert email.set_aside_why == "Advertising or a newsletter"


def test_letters_requests_and_copies_stand_beside_the_message(school: School) -> None:
    email, item = an_answered_email(a_connected_account(given.an_account(school)))
    an_email(school, a_message("Another", number=7))
    page = shown(given.mrs_lane(school), email)
    assert "We need more" in page
    assert "waiting to be sent" in page
    assert reverse("request", args=[item.reference]) in page
    assert "May be a copy of" in page


# The formatted version.

HOSTILE = """<html><head><meta http-equiv="refresh" content="0;url=https://evil.invalid/"><base href="https://evil.invalid/">
<link rel="stylesheet" href="https://evil.invalid/a.css"><style>@import url(https://evil.invalid/b.css);</style></head>
<body background="https://evil.invalid/c.png" onload="alert(1)">
<p style="color:red; background:url(https://evil.invalid/d.png)">Red <b>words</b></p>
<img src="https://evil.invalid/e.png"><img src=x onerror="alert(2)"><svg><image href="https://evil.invalid/f.png"/></svg>
<a href="https://evil.invalid/g" ping="https://evil.invalid/h">a link</a><a href="javascript:alert(3)">script</a>
<form action="https://evil.invalid/i"><input name="q"><button>Send</button></form><iframe src="https://evil.invalid/j"></iframe>
<video src="https://evil.invalid/k"></video><script>alert(4)</script></body></html>"""


def a_formatted_email(school: School, markup: str = HOSTILE) -> VerificationEmail:
    head = "From: Dana Hill <dana@example.org>\nSubject: Twitter\nContent-Type: text/html; charset=utf-8\n\n"
    return an_email(school, (head + markup).encode())


def test_the_formatted_version_keeps_words_and_nothing_that_loads_runs_or_sends(school: School, priya: User) -> None:
    email, client = a_formatted_email(school), as_(priya)
    frame = client.get(reverse("email_formatted_body", args=[email.reference]))
    body = frame.content.decode()
    assert '<p style="color:red">Red <b>words</b></p>' in body
    inside = body.partition("<body>")[2]
    for never in ("evil", "url(", "http", "src", "href", "<img", "<script", "<form", "<input", "onerror", "onload", "<meta", "<svg"):
        assert never not in inside
    said = frame["Content-Security-Policy"]
    assert "default-src 'none'" in said
    assert "sandbox" in said
    assert "img-src" not in said
    assert "frame-ancestors 'self'" in said
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    page = client.get(reverse("email_formatted", args=[email.reference]))
    assert 'sandbox=""' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "frame-src" not in client.get(reverse("email", args=[email.reference]))["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ("<div>" * 100_000 + "deep", "too complicated"),
        ("<b>x</b>" * 30_000, "too complicated"),
        ("<p>" + "x" * 600_000, "too complicated"),
        ("<img src='https://evil.invalid/a.png'>", "pictures only"),
    ],
)
def test_what_cannot_be_made_safe_quickly_is_not_shown(school: School, priya: User, markup: str, why: str) -> None:
    email = a_formatted_email(school, markup)
    assert why in as_(priya).get(reverse("email_formatted_body", args=[email.reference])).content.decode()


def test_a_plain_message_says_that_it_has_no_other_version_and_an_erased_one_shows_none(school: School, priya: User) -> None:
    email, client = an_email(school), as_(priya)
    assert "no formatted version" in client.get(reverse("email_formatted_body", args=[email.reference])).content.decode()
    erase_due(school=school, at=given.MONDAY + timedelta(days=61))
    assert client.get(reverse("email_formatted_body", args=[email.reference])).status_code == 404
    assert "was erased" in client.get(reverse("email_formatted", args=[email.reference])).content.decode()
    assert "Text erased" in client.get(reverse("emails")).content.decode()


def test_another_school_opens_none_of_it(school: School) -> None:
    email = a_formatted_email(school)
    elsewhere = given.a_school(name="Other Primary", slug="other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.OFFICE, Role.ADMIN))
    for name in ("email_formatted", "email_formatted_body"):
        assert stranger.get(reverse(name, args=[email.reference])).status_code == 404
    own = a_parent(elsewhere, "Own Person")
    for name in ("email_link", "email_unlink", "email_find_person"):
        assert stranger.post(reverse(name, args=[email.reference]), {"person": own.reference, "search": "x"}).status_code == 404
    assert not ClaimLink.objects.exists()


# What is kept.


def test_a_data_lead_sees_what_would_go_and_a_rehearsal_erases_nothing(school: School) -> None:
    email = an_email(school)
    VerificationEmail.objects.filter(pk=email.pk).update(received_at=given.MONDAY - timedelta(days=400))
    jo = given.a_colleague(school, "Jo", Role.DATA_LEAD)
    screen = at_the_register(jo).open(reverse("settings")).open(reverse("settings_kept"))
    assert screen.says("E-mails that came to nothing 1")
    screen.press("Rehearse")
    assert screen.says("Rehearsed: 1 e-mail would be erased now. Nothing was.")
    assert screen.says("Rehearsal Jo")
    email.refresh_from_db()
    assert email.erased_at is None
    assert as_(given.priya(school)).get(reverse("settings_kept")).status_code == 403
