"""What Sam does at each press of "Try to trick it": the accounts and the e-mails, before the register has seen anything."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from vetting.demo.accounts import SNOWFLAKE_EPOCH
from vetting.demo.imitated import GARETH, HEATHER, IMITATED, NICOLA, SIMONE
from vetting.demo.people import make_people
from vetting.demo.scenes import handles_in, make_scenes
from vetting.demo.tricks import BY_KEY, LOOKED_UP_WITHIN, TRICKS, Stranger
from vetting.matching.handles import Kind, likeness
from vetting.twitter.sandbox import SandboxProfile, World
from vetting.values import BadValue, Handle

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class Sam:
    """Sam at the phone, with a clock of his own."""

    mailbox: Path
    world: World = field(default_factory=lambda: World(handle="hazelbrookpri"))
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.stranger = Stranger(self.world, self.mailbox)
        self.world.add_user(SIMONE.handle.value, name=SIMONE.name, bio=SIMONE.bio)
        self.world.follow(SIMONE.handle.value)

    def tries(self, key: str, *, after: timedelta = timedelta()) -> str:
        self.now += after
        return self.stranger.try_it(key, self.now)

    def account(self, key: str) -> SandboxProfile:
        return self.world.user(BY_KEY[key].handle)

    def asks(self) -> list[str]:
        return [asker.handle for asker in self.world.requests()]

    def button(self, key: str) -> str:
        return next(one.button for one in self.stranger.shown() if one.trick.key == key)

    def letters(self) -> Sequence[EmailMessage]:
        paths = sorted(self.mailbox.glob("*.eml"), key=lambda path: path.stat().st_mtime)
        return [message_from_bytes(path.read_bytes(), policy=default) for path in paths]


@pytest.fixture
def sam(tmp_path: Path) -> Sam:
    return Sam(tmp_path / "mailbox")


def test_the_double_differs_by_a_capital_i_for_the_l_and_copies_what_her_account_shows(sam: Sam) -> None:
    sam.tries("double")

    double, hers = sam.account("double"), sam.world.user(NICOLA.handle.value)
    assert double.handle.replace("I", "l") == hers.handle
    assert (double.name, double.bio) == (hers.name, hers.bio)
    assert sam.asks() == [double.handle], "she herself does not ask"
    (letter,) = sam.letters()
    assert letter["From"].addresses[0].addr_spec == NICOLA.address
    assert "dmarc=pass" in letter["Authentication-Results"]
    assert f"@{hers.handle}." in letter.get_content()
    like = likeness(Handle.parse(double.handle).value, hers.handle)
    assert like is not None
    assert (like.kind, like.words) == (Kind.CONFUSABLE, "i for l")


def test_the_forged_email_shows_the_parents_address_and_names_sams_account(sam: Sam) -> None:
    sam.tries("forged")

    (letter,) = sam.letters()
    assert letter["From"].addresses[0].addr_spec == GARETH.address
    assert "dmarc=fail" in letter["Authentication-Results"]
    assert f"@{BY_KEY['forged'].handle}." in letter.get_content()
    assert sam.asks() == [BY_KEY["forged"].handle]


def test_the_name_in_the_email_is_nobodys_until_sam_takes_it_at_the_second_press(sam: Sam) -> None:
    sam.tries("later")
    handle = BY_KEY["later"].handle
    assert sam.world.by_handle(handle) is None
    assert sam.button("later") == BY_KEY["later"].second
    (letter,) = sam.letters()
    assert (letter["From"].addresses[0].addr_spec, f"@{handle}." in letter.get_content()) == (HEATHER.address, True)

    sam.tries("later", after=LOOKED_UP_WITHIN)

    assert sam.asks() == [handle]
    assert datetime.fromisoformat(sam.account("later").created_at) == sam.now
    assert len(sam.letters()) == 1


def test_sam_waits_until_the_register_has_looked_the_name_up(sam: Sam) -> None:
    sam.tries("later")

    with pytest.raises(BadValue, match="quarter of a minute"):
        sam.tries("later", after=LOOKED_UP_WITHIN - timedelta(seconds=1))
    assert sam.asks() == []


def test_a_phone_that_was_started_anew_in_between_begins_with_the_email_again(sam: Sam) -> None:
    sam.tries("later")
    sam.stranger = Stranger(sam.world, sam.mailbox)

    assert sam.button("later") == BY_KEY["later"].button
    sam.tries("later", after=timedelta(minutes=5))
    assert len(sam.letters()) == 2
    assert sam.asks() == []


def test_the_copy_shows_the_followers_name_and_words_under_a_name_of_its_own_and_writes_nothing(sam: Sam) -> None:
    sam.tries("copied")

    copy = sam.account("copied")
    assert (copy.name, copy.bio) == (SIMONE.name, SIMONE.bio)
    assert likeness(copy.handle, SIMONE.handle.value) is None
    assert sam.asks() == [copy.handle]
    assert sam.letters() == []


def test_nobody_is_copied_who_does_not_follow_any_more(sam: Sam) -> None:
    sam.world.remove(SIMONE.handle.value)

    with pytest.raises(BadValue, match="nobody to copy"):
        sam.tries("copied")
    assert sam.asks() == []


@pytest.mark.parametrize("key", ["double", "forged", "copied"])
def test_a_second_press_says_that_sam_asks_already_and_does_nothing(sam: Sam, key: str) -> None:
    sam.tries(key)
    written, asking = len(sam.letters()), sam.asks()

    assert "asks as" in sam.tries(key)
    assert (len(sam.letters()), sam.asks()) == (written, asking)
    assert sam.button(key) == ""


def test_whoever_was_declined_asks_again_with_the_same_account_and_whoever_was_blocked_cannot(sam: Sam) -> None:
    sam.tries("copied")
    number = sam.account("copied").user_id
    sam.world.decline(number)

    assert "again" in sam.tries("copied")
    assert [asker.user_id for asker in sam.world.requests()] == [number]
    sam.world.block(number)
    with pytest.raises(BadValue, match="blocked"):
        sam.tries("copied")


def test_a_stranger_who_was_let_in_is_said_to_follow(sam: Sam) -> None:
    sam.tries("copied")
    sam.world.accept(sam.account("copied").user_id)

    assert "Somebody let Sam in" in sam.tries("copied")


def test_a_name_the_visitor_took_is_not_sams(sam: Sam) -> None:
    sam.world.add_user(BY_KEY["forged"].handle, name="Dana Hill")

    with pytest.raises(BadValue, match="somebody else"):
        sam.tries("forged")
    assert sam.letters() == []
    assert sam.asks() == []


def test_the_numbers_of_sams_accounts_tell_the_day_they_were_made(sam: Sam) -> None:
    sam.tries("double")

    account = sam.account("double")
    told = datetime.fromtimestamp(((int(account.user_id) >> 22) + SNOWFLAKE_EPOCH) / 1000, UTC)
    assert told == datetime.fromisoformat(account.created_at)


def test_nobody_else_of_the_story_has_one_of_sams_names_or_one_like_it() -> None:
    taken = {handle.value for handle in handles_in(make_scenes(make_people(), now=NOW))}
    own = {trick.victim.handle.value for trick in TRICKS}

    for trick in TRICKS:
        name = trick.handle.lower()
        assert name not in taken
        assert [other for other in taken - own if likeness(name, other)] == []


def test_those_whom_sam_imitates_are_on_the_list_and_only_simone_was_let_in() -> None:
    people = make_people()
    scenes = make_scenes(people, now=NOW)
    admitted = {each.adult.number: each.account.handle for wave in scenes.waves for each in wave}
    waiting = {adult.number for request in scenes.waiting for adult in request.about}

    for one in IMITATED:
        (adult,) = people.imitated[one].adults
        assert (adult.name, adult.address) == (one.name, one.address)
        assert adult.number not in waiting
        assert admitted.get(adult.number) == (one.handle if one is SIMONE else None)
    standing_by = {account.handle for account in scenes.bystanders}
    assert {one.handle for one in IMITATED if one is not SIMONE} <= standing_by
