"""The two commands about e-mails an operator may run by hand."""

import json
import mailbox
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests import given
from tests.given_intake import RECEIVER, a_checked_message, a_message
from tests.given_storing import an_mbox
from vetting.intake.models import Claim, VerificationEmail
from vetting.school.models import Job


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=out)
    return out.getvalue()


def test_parse_mail_says_what_is_understood_without_a_database(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_checked_message())
    said = run("parse_mail", str(tmp_path / "a.eml"), "--trusted-receiver", RECEIVER)
    for words in ("Dana Hill <dana@example.org>", "@dana_h84: “@dana_h84”", "Ada Hill", "6B", "Really came from example.org"):
        assert words in said


KEYS = [
    *("file", "ok", "class", "from", "ambiguous", "subject", "label", "candidates", "children", "forwarded_from"),
    *("truncated", "defects", "elapsed_ms"),
]


def in_json(*words: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run("parse_mail", "--json", *words).splitlines()]


def test_parse_mail_prints_one_line_of_json_for_each_message(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_checked_message())
    (answer,) = in_json(str(tmp_path / "a.eml"), "--trusted-receiver", RECEIVER)
    assert list(answer) == KEYS
    elapsed = answer.pop("elapsed_ms")
    assert isinstance(elapsed, float)
    assert answer == {
        "file": str(tmp_path / "a.eml"),
        "ok": True,
        "class": "human",
        "from": "dana@example.org",
        "ambiguous": False,
        "subject": "Twitter",
        "label": "checked",
        "candidates": [{"value": "dana_h84", "rule": "@name", "zone": "new", "start": 19, "end": 28, "strength": "strong"}],
        "children": ["Ada Hill"],
        "forwarded_from": None,
        "truncated": False,
        "defects": [],
    }


def test_parse_mail_searches_folders_and_numbers_the_messages_of_an_mbox(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "no-suffix").write_bytes(a_message())
    (tmp_path / "deep" / "photo.png").write_bytes(b"no message")
    box = mailbox.mbox(tmp_path / "old.mbox")
    for number in (1, 2, 3):
        box.add(a_message(f"I am @dana_{number} on Twitter.\n\nFrom what I hear, that is all.", number=number))
    box.close()
    answers = in_json(str(tmp_path))
    assert [Path(str(answer["file"])).name for answer in answers] == ["no-suffix", "old.mbox#1", "old.mbox#2", "old.mbox#3"]
    assert [answer["candidates"][0]["value"] for answer in answers[1:]] == ["dana_1", "dana_2", "dana_3"]


def test_parse_mail_reads_an_mbox_as_import_mail_stores_it(tmp_path: Path) -> None:
    """The ">" some programs put before "From " is taken away; a file in which no message begins is one message; an empty one is none."""
    (tmp_path / "a.mbox").write_bytes(an_mbox(a_message("From now on I am @dana_h84 on Twitter."), a_message(number=2)))
    (tmp_path / "b.mbox").write_bytes(a_message())
    (tmp_path / "c.mbox").write_bytes(b"\n")
    answers = in_json(str(tmp_path))
    assert [Path(str(answer["file"])).name for answer in answers] == ["a.mbox#1", "a.mbox#2", "b.mbox#1"]
    assert [answer["candidates"][0]["start"] for answer in answers] == [17, 19, 19]


def test_a_file_that_cannot_be_opened_has_its_line_too_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_message())
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 2 could not be read"):
        call_command("parse_mail", "--json", str(tmp_path / "none.eml"), str(tmp_path / "a.eml"), stdout=out)
    missing, read = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (list(missing), missing["ok"]) == (KEYS, False)
    assert "cannot be opened" in missing["defects"][0]
    assert read["ok"] is True


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


@pytest.mark.django_db
def test_import_mail_goes_on_past_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    given.a_school()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/no-mail-\xff.mbox")).write_bytes(b"just words")
    (tmp_path / "one.eml").write_bytes(a_message())
    for words in ([], ["--json"]):
        with pytest.raises(CommandError, match="is no e-mail"):
            run("import_mail", "--school", "st-example", *words, str(tmp_path))
    assert VerificationEmail.objects.count() == 1
    assert "is no e-mail" in Job.objects.latest("pk").error
