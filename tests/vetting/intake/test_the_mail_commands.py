"""The two commands about e-mails an operator may run by hand."""

import json
import mailbox
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests import given
from tests.given_intake import RECEIVER, a_checked_message, a_message
from vetting.intake.models import Claim, VerificationEmail


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=out)
    return out.getvalue()


def test_parse_mail_says_what_is_understood_without_a_database(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_checked_message())
    said = run("parse_mail", str(tmp_path / "a.eml"), "--trusted-receiver", RECEIVER)
    for words in ("Dana Hill <dana@example.org>", "@dana_h84: “@dana_h84”", "Ada Hill", "6B", "Really came from example.org"):
        assert words in said


def test_parse_mail_prints_json(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_message("I am Dana Hill 84 on Twitter, or @dana_h84"))
    answer = json.loads(run("parse_mail", "--json", str(tmp_path / "a.eml")))
    assert answer["names"][0]["handle"] == "dana_h84"
    assert answer["authenticity"] == "NOT_CHECKED"


def test_parse_mail_names_a_file_it_cannot_open_and_ends_with_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 of 1 could not be read"):
        run("parse_mail", str(tmp_path / "none.eml"))


@pytest.mark.django_db
def test_import_mail_takes_folders_and_mboxes_once(tmp_path: Path) -> None:
    given.a_school()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.eml").write_bytes(a_message(number=1))
    box = mailbox.mbox(tmp_path / "old.mbox")
    for number in (2, 3):
        box.add(a_message(f"I am @dana_{number}", number=number))
    box.close()
    assert "3 new e-mails" in run("import_mail", "--school", "st-example", str(tmp_path))
    assert "0 new e-mails" in run("import_mail", "--school", "st-example", str(tmp_path))
    assert (VerificationEmail.objects.count(), Claim.objects.count()) == (3, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(("slug", "path", "sentence"), [("nowhere", ".", "no school"), ("st-example", "missing", "does not exist")])
def test_import_mail_refuses_with_a_sentence(tmp_path: Path, slug: str, path: str, sentence: str) -> None:
    given.a_school()
    with pytest.raises(CommandError, match=sentence):
        run("import_mail", "--school", slug, str(tmp_path / path))
