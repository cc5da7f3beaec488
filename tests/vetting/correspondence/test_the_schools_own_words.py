"""A letter in the school's own words: only blanks it can fill, one line of subject, and the link where it is nothing without it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from vetting.audit.queries import lines
from vetting.correspondence.models import LetterText
from vetting.correspondence.operations import set_wording, write_letter
from vetting.correspondence.templates import TEMPLATES, checked, compose
from vetting.school.models import School
from vetting.values import BadValue, MailAddress


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda template: template.key)
def test_the_registers_own_words_keep_their_own_rules(template: object) -> None:
    checked(template.key, subject=template.default.subject, body=template.default.body)
    said = compose(template.default, account="@stexample", school="St Example", days=7)
    assert len(said.body.split()) < 120
    assert "{" not in said.body.replace("{link}", "")
    assert "child's" not in said.body or template.key == "need_more"


@pytest.mark.parametrize(
    ("subject", "body", "why"),
    [
        ("", "Hello", "needs a subject"),
        ("Hello", "   ", "needs a subject and a text"),
        ("Hello\nBcc: all@example.org", "Hello", "one line"),
        ("Hello", "Dear {name}", "nothing to put in for {name}"),
        ("Hello", "Open {link}", "nothing to put in for {link}"),
        ("Hello", "A stray } here", "stands alone"),
        ("Hello", "A stray { here", "stands alone"),
        ("Hello", "{{account}}", "stands alone"),
        ("Hello", "{account.__class__}", "not a blank"),
        ("Hello", "{account!r}", "not a blank"),
        ("Hello", "{0}", "not a blank"),
        ("Hello", "{}", "not a blank"),
        ("Hello", "Hello\x00", "cannot be printed"),
        ("x" * 121, "Hello", "120 characters"),
    ],
)
def test_words_that_cannot_be_used_say_why(subject: str, body: str, why: str) -> None:
    with pytest.raises(BadValue) as refused:
        checked("yes", subject=subject, body=body)
    assert why in refused.value.sentence


def test_the_question_to_confirm_needs_its_link_in_the_text() -> None:
    with pytest.raises(BadValue, match=r"needs \{link\}"):
        checked("confirm", subject="Please confirm", body="Please confirm.")
    with pytest.raises(BadValue, match="not in the subject"):
        checked("confirm", subject="{link}", body="{link}")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.django_db
def test_an_admin_previews_saves_and_goes_back_and_the_office_may_read(school: School, priya: User) -> None:
    okafor = given.mr_okafor(school)
    admin, address = signed_in(okafor), reverse("settings_letter", args=["yes"])
    typed = {"subject": "Welcome to {account}", "body": "Welcome!\r\n\r\n{school}"}
    preview = admin.post(address, {**typed, "act": "preview"}).content.decode()
    assert "Welcome to @stexample" in preview
    assert "not saved yet" in preview
    assert not LetterText.objects.exists()
    admin.post(address, {**typed, "act": "save"})
    assert lines(school_id=school.pk)[0].sentence == "Mr Okafor changed the wording of a letter (Yes)."
    letter = write_letter(school=school, template="yes", to=MailAddress("a@example.org"), claim=None, by=priya, at=given.MONDAY)
    assert (letter.subject, letter.body) == ("Welcome to @stexample", "Welcome!\n\nSt Example Primary\n")

    office = signed_in(priya)
    assert "Welcome to @stexample" in office.get(reverse("settings_letters")).content.decode()
    assert office.post(address, {**typed, "act": "save"}).status_code == 403
    assert office.post(reverse("settings_letter_default", args=["yes"])).status_code == 403

    admin.post(reverse("settings_letter_default", args=["yes"]))
    letter = write_letter(school=school, template="yes", to=MailAddress("b@example.org"), claim=None, by=priya, at=given.MONDAY)
    assert letter.subject == "Your request to follow @stexample"
    assert LetterText.objects.count() == 2


@pytest.mark.django_db
def test_a_wording_that_cannot_be_used_is_shown_again_with_the_sentence(school: School) -> None:
    admin = signed_in(given.mr_okafor(school))
    answer = admin.post(reverse("settings_letter", args=["yes"]), {"subject": "Hello", "body": "Dear {name}", "act": "save"})
    assert answer.status_code == 422
    assert "nothing to put in for {name}" in answer.content.decode()
    assert "Dear {name}" in answer.content.decode()
    assert not LetterText.objects.exists()


@pytest.mark.django_db
def test_one_schools_words_are_not_anothers(school: School, priya: User) -> None:
    other = given.a_school(name="Other", slug="other")
    at = given.MONDAY + timedelta(hours=1)
    set_wording(school=other, template="yes", subject="Other words", body="Other words", by=priya, at=at)
    letter = write_letter(school=school, template="yes", to=MailAddress("a@example.org"), claim=None, by=priya, at=at)
    assert letter.subject == "Your request to follow @stexample"
