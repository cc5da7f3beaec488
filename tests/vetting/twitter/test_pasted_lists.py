"""What a person copies from Twitter's page is read; what cannot be a Twitter name is said, and nothing is taken in."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given as given_any
from hypothesis import settings as quickly
from hypothesis import strategies

from tests import given
from vetting.audit.queries import lines
from vetting.school.models import SchoolAccount
from vetting.twitter.models import Connection, Follower, FollowRequest, ListReading, Sighting, TwitterProfile
from vetting.twitter.operations import paste_followers, paste_requests
from vetting.twitter.pasted import Listed, PastedProfile, read_pasted
from vetting.twitter.port import Profile
from vetting.twitter.recording import observe, remember
from vetting.values import BadValue, Handle, TwitterUserId

UNSEEN = {
    "{TAB}": "\t", "{CR}": "\r", "{NBSP}": "\u00a0", "{ZWSP}": "\u200b", "{RLM}": "\u200f", "{LRM}": "\u200e", "{LRI}": "\u2066",
    "{PDI}": "\u2069", "{BOM}": "\ufeff",
}  # fmt: skip


@dataclass
class Sample:
    """A text somebody copied, and what should be understood of it."""

    title: str
    of: Listed = Listed.REQUESTS
    text: str = ""
    profiles: list[PastedProfile] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    refused: str = ""


def samples() -> list[Sample]:
    found: list[Sample] = []
    expects = False
    for line in (Path(__file__).parents[2] / "data" / "pasted.txt").read_text("utf-8").split("\n"):
        if line.startswith("== "):
            of, colon, title = line[3:].partition("followers: ")
            found.append(Sample(title if colon else of, Listed.FOLLOWERS if colon else Listed.REQUESTS))
            expects = False
        elif line == "->":
            expects = True
        elif found and not expects:
            found[-1].text += f"{line}\n"
        elif found and line:
            expect(found[-1], line)
    for one in found:
        for word, char in UNSEEN.items():
            one.text = one.text.replace(word, char)
    return found


def expect(sample: Sample, line: str) -> None:
    if line.startswith("? "):
        sample.unread.append(line[2:])
    elif line.startswith("! "):
        sample.refused = line[2:]
    else:
        words, _, number = line.partition(" #")
        handle, _, name = words.removeprefix("@").partition(" ")
        sample.profiles.append(PastedProfile(Handle(handle), name, TwitterUserId(number) if number else None))


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.title)
def test_what_people_copy_is_understood(sample: Sample) -> None:
    own = Handle("stexample")
    if sample.refused:
        with pytest.raises(BadValue, match=sample.refused):
            read_pasted(sample.text, of=sample.of, own=own)
        return
    read = read_pasted(sample.text, of=sample.of, own=own)
    assert list(read.profiles) == sample.profiles
    assert [one.line for one in read.unread] == sample.unread
    assert all(one.sentence for one in read.unread)


def test_there_are_samples_of_both_lists() -> None:
    assert len(samples()) >= 40
    assert {one.of for one in samples()} == set(Listed)


PAGE = """
Follower requests

Dana Hill
@DanaHill_4

Accept
Decline
Mum of two. Here for
@stexample
Sam 🌻
@sam_fen
Accept
Decline
@stexample
x
@x_15_characters
Follows you
Accept
Decline
"""


def test_a_copied_page_gives_names_and_leaves_descriptions_alone() -> None:
    read = read_pasted(PAGE)
    assert read.profiles == (
        PastedProfile(Handle("danahill_4"), "Dana Hill"),
        PastedProfile(Handle("sam_fen"), "Sam 🌻"),
        PastedProfile(Handle("x_15_characters"), "x"),
    )
    assert read.unread == ()


@pytest.mark.parametrize(
    "text",
    [
        "@danahill_4\nsam_fen",
        "danahill_4\n\nhttps://x.com/sam_fen\n@DANAHILL_4",
        "handle,name\ndanahill_4,Dana\nsam_fen,Sam",
        "Dana Hill;@danahill_4\nSam;@sam_fen",
        "Dana Hill (@danahill_4)\nSam @sam_fen",
    ],
)
def test_lists_of_many_kinds_name_the_same_two_people(text: str) -> None:
    assert [one.handle.value for one in read_pasted(text).profiles] == ["danahill_4", "sam_fen"]


@pytest.mark.parametrize("text", ["", "  \n ", "<!DOCTYPE html><html>", "Follower requests\nAccept\nDecline"])
def test_a_text_without_a_list_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadValue) as refused:
        read_pasted(text)
    assert refused.value.sentence.endswith(".")


@pytest.mark.django_db
def test_a_name_of_sixteen_characters_is_said_and_nothing_is_taken_in() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    with pytest.raises(BadValue, match="has 16 characters"):
        paste_requests(school_account=account, text="@danahill_4\n@abcdefghijklmnop", by=priya, at=given.MONDAY)
    assert not TwitterProfile.objects.exists()
    assert not ListReading.objects.exists()


@pytest.mark.django_db
def test_a_whole_pasted_list_ends_the_requests_it_does_not_name_and_a_part_ends_none() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    paste_requests(school_account=account, text="@danahill_4\n@sam_fen", by=priya, at=given.MONDAY)
    later = given.MONDAY + timedelta(hours=1)
    paste_requests(school_account=account, text="@new_here", by=priya, at=later, complete=False)
    assert FollowRequest.objects.filter(ended_at=None).count() == 3
    reading = paste_requests(school_account=account, text="@danahill_4", by=priya, at=later)
    assert (reading.complete, reading.count, reading.source) == (True, 1, "PASTED")
    assert [row.profile.handle for row in FollowRequest.objects.filter(ended_at=None)] == ["danahill_4"]
    assert FollowRequest.objects.get(ended_at=None).first_seen_at == given.MONDAY
    assert lines(school_id=school.pk)[0].sentence == "Priya pasted a list from Twitter: 1 names."


@pytest.mark.django_db
def test_a_pasted_follower_is_gone_only_after_two_whole_lists_a_quarter_of_an_hour_apart() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    paste_requests(school_account=account, text="@sam_fen", by=priya, at=given.MONDAY)
    paste_followers(school_account=account, text="@danahill_4\n@sam_fen", by=priya, at=given.MONDAY)
    assert not FollowRequest.objects.filter(ended_at=None).exists(), "who follows no longer asks"
    for minutes, still in ((5, 2), (10, 2), (21, 1)):
        paste_followers(school_account=account, text="@danahill_4", by=priya, at=given.MONDAY + timedelta(minutes=minutes))
        assert Follower.objects.filter(ended_at=None).count() == still, minutes
    last = Sighting.objects.filter(profile__handle="sam_fen").latest("pk")
    assert (last.relation, last.source) == ("NEITHER", "PASTED")


def read_by_itself(account: SchoolAccount) -> None:
    Connection.objects.create(school_account=account, kind=Connection.Kind.LIVE, connected_at=given.MONDAY)


def asks_by_number(account: SchoolAccount, handle: str, number: str) -> TwitterProfile:
    """Twitter itself showed this request."""
    profile = remember(school_account=account, shown=Profile(TwitterUserId(number), Handle(handle)), at=given.MONDAY)
    observe(school_account=account, row=profile, seen=Sighting.Relation.REQUESTS, source=Sighting.Source.LOOKUP, at=given.MONDAY)
    return profile


def open_requests() -> set[str]:
    return {row.profile.handle for row in FollowRequest.objects.filter(ended_at=None)}


@pytest.mark.django_db
def test_where_twitter_is_asked_too_a_pasted_list_adds_and_ends_nobody_whose_number_is_known() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    read_by_itself(account)
    asks_by_number(account, "danahill_4", "700001")
    paste_requests(school_account=account, text="@sam_fen\n@gareth_pryce", by=priya, at=given.MONDAY + timedelta(minutes=5))
    assert open_requests() == {"danahill_4", "sam_fen", "gareth_pryce"}
    paste_requests(school_account=account, text="@sam_fen", by=priya, at=given.MONDAY + timedelta(minutes=9))
    assert open_requests() == {"danahill_4", "sam_fen"}, "only pasting tells of @gareth_pryce, and they are gone"


@pytest.mark.django_db
def test_where_twitter_is_asked_too_an_old_copy_does_not_make_a_follower_wait_again() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    read_by_itself(account)
    dana = asks_by_number(account, "danahill_4", "700001")
    accepted = given.MONDAY + timedelta(minutes=1)
    observe(school_account=account, row=dana, seen=Sighting.Relation.FOLLOWS, source=Sighting.Source.LOOKUP, at=accepted)
    paste_requests(school_account=account, text="@danahill_4\n@sam_fen", by=priya, at=given.MONDAY + timedelta(minutes=5))
    assert open_requests() == {"sam_fen"}
    assert Sighting.objects.filter(profile=dana).latest("seen_at").relation == "FOLLOWS"


@pytest.mark.django_db
def test_where_twitter_is_asked_too_no_two_pasted_lists_make_a_known_follower_a_leaver() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    read_by_itself(account)
    dana = asks_by_number(account, "danahill_4", "700001")
    observe(school_account=account, row=dana, seen=Sighting.Relation.FOLLOWS, source=Sighting.Source.LOOKUP, at=given.MONDAY)
    for minutes in (5, 25, 45):
        paste_followers(school_account=account, text="@sam_fen", by=priya, at=given.MONDAY + timedelta(minutes=minutes))
    assert {row.profile.handle for row in Follower.objects.filter(ended_at=None)} == {"danahill_4", "sam_fen"}


@pytest.mark.django_db
def test_lines_that_were_not_understood_may_be_left_out_and_then_the_list_ends_nobody() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    paste_requests(school_account=account, text="@danahill_4", by=priya, at=given.MONDAY)
    reading = paste_requests(
        school_account=account, text="@sam_fen\nask Mrs Pryce", by=priya, at=given.MONDAY + timedelta(hours=1), leaving_out=True
    )
    assert (reading.complete, reading.count) == (False, 1)
    assert reading.why_not_complete
    assert open_requests() == {"danahill_4", "sam_fen"}
    with pytest.raises(BadValue, match="Nothing was taken in"):
        paste_requests(school_account=account, text="ask Mrs Pryce", by=priya, at=given.MONDAY, leaving_out=True)


@pytest.mark.django_db
def test_a_number_that_a_list_wrote_is_not_kept_so_that_it_can_raise_no_level() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    paste_requests(school_account=account, text="id,handle\n700001,danahill_4", by=priya, at=given.MONDAY)
    assert TwitterProfile.objects.get().twitter_user_id is None


@pytest.mark.django_db
def test_a_pasted_number_may_only_speak_against_the_profile_last_seen_under_the_name() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    asks_by_number(account, "danahill_4", "700001")
    paste_requests(school_account=account, text="id,handle\n999999,danahill_4", by=priya, at=given.MONDAY, complete=False)
    asking = {row.profile.twitter_user_id for row in FollowRequest.objects.filter(ended_at=None)}
    assert asking == {"700001", None}, "somebody else with that name asks, and nobody knows their number"
    paste_requests(school_account=account, text="id,handle\n700001,danahill_4", by=priya, at=given.MONDAY, complete=False)
    assert FollowRequest.objects.filter(ended_at=None).count() == 2


@pytest.mark.django_db
def test_the_schools_own_account_on_the_page_is_nobody_who_asks() -> None:
    school = given.a_school()
    account, priya = given.an_account(school), given.priya(school)
    paste_requests(school_account=account, text="@stexample\n@danahill_4", by=priya, at=given.MONDAY)
    assert open_requests() == {"danahill_4"}


@pytest.mark.parametrize("piece", ["follow ", "@", "follow@", "accept decline ", '"', "@a ", "· ", "click to follow ", "\0,", '"\n'])
@pytest.mark.parametrize("length", [19_000, 200_000])
def test_a_text_made_to_be_slow_is_read_or_refused_in_no_time(piece: str, length: int) -> None:
    began = time.monotonic()
    with suppress(BadValue):
        read_pasted(piece * (length // len(piece)))
    assert time.monotonic() - began < 5


PIECES = [
    "Dana Hill", "@danahill_4", "@", "Accept", "Decline", "Follows you", "Follow", "Who to follow", "handle", "id", "700001", '"', '="',
    ",", ";", "\t", "\n", "\r\n", " ", "·", "\u200b", "＠sam_fen", "https://x.com/sam_fen", "sep=;", "\0", "🌻",
]  # fmt: skip


@given_any(of=strategies.sampled_from(list(Listed)), text=strategies.lists(strategies.sampled_from(PIECES), max_size=40).map("".join))
@quickly(max_examples=400, deadline=None)
def test_whatever_is_pasted_is_read_or_refused_and_names_nobody_twice(of: Listed, text: str) -> None:
    with suppress(BadValue):
        read = read_pasted(text, of=of, own=Handle("stexample"))
        assert read.profiles or read.unread
        assert len({one.handle for one in read.profiles}) == len(read.profiles)
