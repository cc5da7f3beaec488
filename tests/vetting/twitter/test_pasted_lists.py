"""What a person copies from Twitter's page is read; what cannot be a Twitter name is said, and nothing is taken in."""

from datetime import timedelta

import pytest

from tests import given
from vetting.audit.queries import lines
from vetting.twitter.models import Follower, FollowRequest, ListReading, Sighting, TwitterProfile
from vetting.twitter.operations import paste_followers, paste_requests
from vetting.twitter.pasted import PastedProfile, read_pasted
from vetting.values import BadValue, Handle

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
