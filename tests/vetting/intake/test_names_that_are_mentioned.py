"""A Twitter name is claimed where the family says that it is theirs; warned of, asked about, denied or merely written, it is mentioned."""

from pathlib import Path

import pytest

from tests.given_intake import a_message
from vetting.intake.parsing import parse, stands_beside

CLAIMED = (
    "My Twitter name is @dana_h84.",
    "Hi, it's @dana_h84 on Twitter.",
    "Could you accept @dana_h84 please?",
    "I do not use Facebook but my Twitter name is @dana_h84.",
    "If it is not too much trouble, please accept @dana_h84 on Twitter.",
    "Sorry, I never got an answer. I am @dana_h84 on Twitter.",
    "X (formerly Twitter): @dana_h84",
    "Who do I ask about this? My Twitter name is @dana_h84.",
    "Is this the right place? Twitter: @dana_h84",
    "I am not sure how this works; my Twitter handle is @dana_h84. Can you help?",
    "My name on Twitter is @dana_h84, not the one I sent last week.",
    "Hi there, mine is @dana_h84 on Twitter.",
    "I tweet as @dana_h84.",
    "The name I use on Twitter is @dana_h84.",
    "I've set up a new Twitter account, @dana_h84.",
    "I've sent a request on Twitter, @dana_h84.",
    "I sent my request to follow the school on Twitter as @dana_h84.",
    "My Twitter name has changed to @dana_h84.",
    "My Twitter handle is as follows: @dana_h84",
    "You should have a request from me on Twitter, it's me, @dana_h84.",
    "My husband follows you already. My Twitter name is @dana_h84.",
    "Hi, I'm Ada's nan and I'd love to follow.\n\nTwitter: @dana_h84",
    "Hello, my husband and I would like to follow the school.\n\nTwitter: @dana_h84",
    "Twitter: @dana_h84\n\nHope this is ok. Let me know if you need anything else.",
    "Sur Twitter je m'appelle @dana_h84.",
    "Auf Twitter heiße ich @dana_h84.",
    "Na Twitterze jestem @dana_h84.",
    "Me llamo @dana_h84 en Twitter.",
    "میرا ٹوئٹر ہینڈل @dana_h84 ہے",
)
MENTIONED = (
    "My husband Tom's Twitter is @dana_h84.",
    "Please do not accept @dana_h84 on Twitter.",
    "Please don't let @dana_h84 follow you on Twitter.",
    "On Twitter @dana_h84 is not me.",
    "@dana_h84 on Twitter isn't mine.",
    "My Twitter name is not @dana_h84.",
    "Is @dana_h84 one of yours? I saw it on Twitter.",
    "Who is @dana_h84 on Twitter?",
    "Do you know @dana_h84 on Twitter?",
    "Somebody called @dana_h84 writes to the children on Twitter.",
    "My ex uses @dana_h84 on Twitter, please keep him out.",
    "A fake account @dana_h84 is on Twitter.",
    "Please block @dana_h84 on Twitter.",
    "On Twitter I used to be @dana_h84.",
    "@dana_h84 has been messaging my daughter on Twitter.",
    "There is an account @dana_h84 on Twitter using my photo.",
    "I am getting messages from @dana_h84 about school on Twitter.",
    "The man at the gate says he is Ada's dad and his Twitter is @dana_h84. He is not.",
    "On Twitter @dana_h84 is asking me for photos of the children.",
    "Can you tell me if @dana_h84 has been let in on Twitter?",
    "I saw @dana_h84 among your followers on Twitter and that worries me.",
    "Please let my husband's friend follow on Twitter: @dana_h84",
    "My brother would like to follow, he is @dana_h84 on Twitter.",
    "Please watch @dana_h84 on Twitter, he frightens Ada.",
    "I think @dana_h84 is using my name on Twitter.",
    "Our nan would like to see the photos.\n\nTwitter: @dana_h84\n\nThank you",
    "There is a court order against Ada's father.\n\nTwitter: @dana_h84",
    "One of the mums in 6B can't get through to you.\n\nTwitter name: @dana_h84",
    "Concern form\nTwitter name: @dana_h84\nWhat happened: he followed Ada home",
    "Twitter: @dana_h84\n\nPlease get this off your page.",
    "Twitter: @dana_h84\n\nThe local newspaper would like to follow.",
    "Have a look at what is said about the school.\n\nhttps://twitter.com/dana_h84",
    "Mum of Ada (6B).\n\nHer dad is on Twitter too: @dana_h84",
    "Der Mann ist gefährlich.\n\nTwitter: @dana_h84",
)
WITHOUT_A_WORD = [
    line for line in (Path(__file__).resolve().parents[2] / "data" / "mentioned.txt").read_text("utf-8").splitlines() if line[0] != "#"
]
IN_A_MAIL = "Dear office,\n\n{}\n\nKind regards\nDana Hill\n"


def beside(body: str, **more: object) -> set[tuple[str | None, bool]]:
    return {(name.handle, stands_beside(name.zone, name.rule)) for name in parse(a_message(body, **more)).names}


@pytest.mark.parametrize("body", CLAIMED)
def test_a_name_that_is_said_to_be_the_sender_s_is_claimed(body: str) -> None:
    assert beside(body) == {("dana_h84", False)}


@pytest.mark.parametrize("body", MENTIONED)
def test_a_name_that_is_somebody_else_s_is_kept_and_claims_nothing(body: str) -> None:
    assert beside(body) == {("dana_h84", True)}


@pytest.mark.parametrize("words", WITHOUT_A_WORD)
def test_a_name_that_nobody_says_is_theirs_claims_nothing(words: str) -> None:
    assert {claims_nothing for _, claims_nothing in beside(IN_A_MAIL.format(words), subject="Twitter")} <= {True}


@pytest.mark.parametrize("subject", ["@zed_kane", "Twitter @zed_kane", "About @zed_kane"])
def test_a_name_in_the_subject_is_the_sender_s_only_above_a_message_that_warns_of_nobody(subject: str) -> None:
    warns = "This man is at the gate every day, please do not let him follow you."
    assert beside(IN_A_MAIL.format(warns), subject=subject) == {("zed_kane", True)}


def test_a_name_alone_below_a_warning_is_not_the_sender_s() -> None:
    assert beside(IN_A_MAIL.format("Please be careful about this account, he is a stranger to us.\n\n@zed_kane")) == {("zed_kane", True)}


def test_each_name_of_a_mail_is_judged_by_its_own_sentence() -> None:
    assert beside("My Twitter name is @dana_h84. Please do not accept @sam_1, that is not me.") == {("dana_h84", False), ("sam_1", True)}


def test_a_name_that_is_said_and_quoted_is_the_sender_s() -> None:
    assert beside("My Twitter name is @dana_h84.\n\nOn Mon, 2 Nov 2026, School wrote:\n> Is it @dana_h84?") == {("dana_h84", False)}


@pytest.mark.parametrize(
    "below",
    [
        "\n\nOn Mon, 2 Nov 2026 at 10:12, Sam Marsh <sam@elsewhere.example> wrote:\n> My Twitter name is @sam_1.\n",
        "\n\n---------- Forwarded message ---------\nFrom: Sam <sam@elsewhere.example>\nSubject: Twitter\n\nMy Twitter name is @sam_1.\n",
        "\n\n-- \nDana Hill\nHead of Sales\nTwitter: @sam_1\n",
    ],
)
def test_what_was_quoted_forwarded_or_signed_claims_nothing(below: str) -> None:
    assert beside(f"My Twitter name is @dana_h84.{below}") == {("dana_h84", False), ("sam_1", True)}


def test_the_subject_of_an_answer_is_whose_began_it() -> None:
    assert beside("Please see below.", subject="Fwd: Twitter @sam_1") == {("sam_1", True)}
    assert beside("Please accept.", subject="Twitter @dana_h84") == {("dana_h84", False)}


def test_what_a_colleague_passed_on_is_the_inner_sender_s_word() -> None:
    assert stands_beside("FORWARDED", "@name")
    assert not stands_beside("FORWARDED", "@name", own_forward=True)
    assert stands_beside("QUOTED", "@name", own_forward=True)
    assert not stands_beside("", "by hand")
