"""How parents write their Twitter name, and what the register reads in it."""

import pytest

from vetting.intake.parsing import ParsedEmail, ZoneKind, parse
from vetting.values import Handle


def a_mail(body: str, *, subject: str = "Twitter", sender: str = "Dana Hill <dana@example.org>") -> ParsedEmail:
    return parse(f"From: {sender}\nSubject: {subject}\n\n{body}\n".encode())


def exact(mail: ParsedEmail) -> set[str]:
    return {name.handle for name in mail.names if name.handle and not name.repaired}


def guessed(mail: ParsedEmail) -> set[str]:
    return {name.handle for name in mail.names if name.handle and name.repaired}


EXACT = [
    ("My twitter name is @dana_h84. I am the parent of Ada Hill (6B).", "dana_h84"),
    ("My Twitter name is dana_h84", "dana_h84"),
    ("my twitter handle is dana_h84 and my daughter is Ada", "dana_h84"),
    ("Twitter username: dana_h84", "dana_h84"),
    ("Twitter: @dana_h84", "dana_h84"),
    ("Twitter name - dana_h84", "dana_h84"),
    ("twitter handle=dana_h84", "dana_h84"),
    ("My X name is dana_h84", "dana_h84"),
    ("My X (Twitter) handle is dana_h84.", "dana_h84"),
    ("My handle on X is “dana_h84”.", "dana_h84"),
    ("My account is dana_h84, thanks", "dana_h84"),
    ("My username is *DanaHill*", "danahill"),
    ("my twitter account name is mumoftwo please", "mumoftwo"),
    ("Hi, we are @The_Hills on Twitter", "the_hills"),
    ("I'm dana_h84 on twitter", "dana_h84"),
    ("You will see a follow request from dana_h84.", "dana_h84"),
    ("I have requested to follow as @dana_h84 !!", "dana_h84"),
    ("On twitter I'm danahill", "danahill"),
    ("(@dana_h84)", "dana_h84"),
    ("It's '@dana_h84'.Thanks, Dana", "dana_h84"),
    ("@dana_h84's request is mine", "dana_h84"),
    ("https://twitter.com/dana_h84", "dana_h84"),
    ("https://x.com/Dana_H84?s=21&t=abc", "dana_h84"),
    ("see x.com/dana_h84/status/123456789", "dana_h84"),
    ("mobile.twitter.com/#!/dana_h84", "dana_h84"),
    ("https://twitter.com/intent/user?screen_name=dana_h84", "dana_h84"),
    ("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Ftwitter.com%2Fdana_h84&data=05", "dana_h84"),
    ("https://www.google.com/url?q=https://x.com/dana_h84&sa=D", "dana_h84"),
    ("https://urldefense.com/v3/__https://x.com/dana_h84__;!!abc", "dana_h84"),
    ("Name: Dana Hill\nTwitter name: dana_h84\nChild: Ada", "dana_h84"),
    ("Twitter name\ndana_h84\nChild's name\nAda", "dana_h84"),
    ("Hello\n\ndana_h84\n\nThanks", "dana_h84"),
    ("My twitter is @ dana_h84", "dana_h84"),
    ("My twitter name is ＠ｄａｎａ_ｈ８４", "dana_h84"),
    ("My twitter name is @dana\u200b_h84", "dana_h84"),
    ("My twitter name is @𝐝𝐚𝐧𝐚𝐡", "danah"),
    ("My twiter name is danahill", "danahill"),
    ("Instagram: @dana_insta, Twitter: @dana_h84", "dana_h84"),
    ("Twitter @dana_h84 🙂 xx", "dana_h84"),
    ("הי, השם שלי בטוויטר הוא @dana_h84", "dana_h84"),
    ("Username: dana_h84\nE-mail: dana@example.org", "dana_h84"),
]


@pytest.mark.parametrize(("words", "handle"), EXACT)
def test_a_name_written_exactly_is_read_exactly(words: str, handle: str) -> None:
    mail = a_mail(words)
    assert exact(mail) == {handle}
    assert Handle.parse(handle).value == mail.names[0].handle


REPAIRED = [
    ("My twitter name is Jane Smith 84", {"janesmith84", "jane_smith_84"}),
    ("My twitter name is Jane Smith", {"janesmith", "jane_smith"}),
    ("my handle is jane underscore smith", {"jane_smith"}),
    ("my twitter name is jane smith 84 all one word", {"janesmith84"}),
    ("Twitter: @jane-smith", {"janesmith", "jane_smith"}),
    ("My twitter name is @jane.smith84", {"janesmith84", "jane_smith84"}),
    ("My twitter is @coffee moon273", {"coffeemoon273", "coffee_moon273"}),
]


@pytest.mark.parametrize(("words", "handles"), REPAIRED)
def test_a_name_that_needs_guessing_is_marked_as_guessed_and_never_read_exactly(words: str, handles: set[str]) -> None:
    mail = a_mail(words)
    assert exact(mail) == set()
    assert handles <= guessed(mail)


NOT_A_NAME = [
    "Please write to dana@example.org",
    "Meet @ 3pm at the gate",
    "My twitter account is private",
    "Twitter is down again",
    "My twitter account is not working, can you help?",
    "Ada is off sick today, sent from reception",
    "See https://twitter.com/home and https://x.com/search?q=school",
    "netflix.com/danahill is another thing",
    "Insta: @dana_insta",
    "Write to office@st-example.sch.uk or @st-example.sch.uk",
    "I am on Twitter as a parent",
    "x is 4 and y is 5, see homework",
    "Year 6B",
]


@pytest.mark.parametrize("words", NOT_A_NAME)
def test_what_is_no_twitter_name_is_not_taken_for_one(words: str) -> None:
    assert exact(a_mail(words)) == set()


@pytest.mark.parametrize("written", ["@jаne_smith", "@jane_smith_of_the_hill", "@дана"])
def test_a_text_that_cannot_be_a_twitter_name_is_kept_as_written_and_never_shortened(written: str) -> None:
    mail = a_mail(f"My twitter name is {written}")
    assert [(name.written, name.handle) for name in mail.names] == [(written, None)]


def test_two_names_in_one_mail_are_both_read() -> None:
    assert exact(a_mail("My twitter name is @watsonsusan and also @SusanWatson.")) == {"watsonsusan", "susanwatson"}


@pytest.mark.parametrize(("words", "_"), EXACT)
def test_the_place_noted_is_where_the_name_stands(words: str, _: str) -> None:
    mail = a_mail(words)
    for name in mail.names:
        where = mail.subject if name.zone is ZoneKind.SUBJECT else mail.text
        assert " ".join(where[name.start : name.end].split()) == name.written


CHILDREN = [
    ("I am the parent of Ada Hill (6B).", "Ada Hill", "6B"),
    ("Mum of Ada and Ben Hill, Year 4 Oak", "Ada and Ben Hill", "Year 4 Oak"),
    ("I'm Ada Hill's mum", "Ada Hill", ""),
    ("My daughter is Zoë O'Brien-Lee in Reception.", "Zoë O'Brien-Lee", "Reception"),
    ("my son is called Ben, he is in Mrs Patel's class", "Ben", "Mrs Patel's class"),
    ("Child: Ada Hill\nClass: Willow class", "Ada Hill", "Willow class"),
    ("dad of ada hill in y4", "ada hill", "y4"),
    ("Please let me follow", "", ""),
]


@pytest.mark.parametrize(("words", "child", "class_name"), CHILDREN)
def test_the_child_and_the_class_are_noted_as_written(words: str, child: str, class_name: str) -> None:
    mail = a_mail(words)
    assert (mail.child_text, mail.class_text) == (child, class_name)
