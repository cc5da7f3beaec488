"""What the message says, what the school holds, and what asks on Twitter, laid beside each other."""

import pytest

from tests import given
from tests.given_intake import a_checked_message, a_folder_source, mail_arrives
from tests.given_questions import a_question, dana
from vetting.dashboard.reading.comparing import agreement, compared
from vetting.intake.models import Claim
from vetting.matching.models import Match
from vetting.values import Verdict


@pytest.mark.django_db
def test_name_address_child_and_twitter_name_are_compared_with_what_is_held() -> None:
    school = given.a_school()
    account = given.an_account(school)
    mail_arrives(a_folder_source(school), a_checked_message("My Twitter name is @danahill. I am the mother of Ada Hill (6B)."))
    item = a_question(account)
    Match.objects.filter(pk=item.match_id).update(claim=Claim.objects.get())
    item.match.refresh_from_db()
    lines = {line.what: line for line in compared(item=item, person=dana(school), on=given.MONDAY.date())}
    assert (lines["Name"].written, lines["Name"].held, lines["Name"].verdict) == ("Dana Hill", "Dana Hill", Verdict.AGREES)
    assert lines["Address"].written == "dana@example.org"
    assert lines["Child"].written == "Ada Hill"
    assert (lines["Twitter name"].written, lines["Twitter name"].shown) == ("@danahill", "@danahill")
    assert lines["Twitter name"].verdict == Verdict.AGREES


def test_nobody_wrote_so_there_is_nothing_to_compare() -> None:
    assert agreement("", ["Dana Hill"]) == Verdict.UNKNOWN
    assert agreement("Dana Hill", []) == Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("written", "held", "verdict"),
    [
        ("dana  hill", ["Dana Hill"], Verdict.AGREES),
        ("Anne-Marie Hill", ["Anne Marie Hill"], Verdict.AGREES),
        ("Dana", ["Dana Hill"], Verdict.UNKNOWN),
        ("Sam Vale", ["Dana Hill"], Verdict.DISAGREES),
    ],
)
def test_part_of_a_name_is_not_known_and_another_name_disagrees(written: str, held: list[str], verdict: Verdict) -> None:
    assert agreement(written, held) == verdict
