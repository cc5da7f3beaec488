"""Who follows, who asks, and what their e-mails are like: the invented Twitter world, before anything is loaded."""

import collections
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from vetting.demo.accounts import SNOWFLAKE_EPOCH
from vetting.demo.mail import Letter, SenderCheck, as_email, drop_into
from vetting.demo.people import make_people
from vetting.demo.place import MAIL_SERVER
from vetting.demo.scenes import Scenes, handles_in, make_scenes
from vetting.values import Level

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return make_scenes(make_people(), now=NOW)


def test_forty_five_ask_and_a_hundred_and_eighty_follow(scenes: Scenes):
    assert len(scenes.waiting) == 45
    assert sum(len(wave) for wave in scenes.waves) + len(scenes.unknown_followers) == 180


def test_every_level_is_meant_to_occur_at_least_twice(scenes: Scenes):
    levels = collections.Counter(request.level for request in scenes.waiting)

    assert set(levels) == set(Level)
    assert min(levels.values()) >= 2


def test_nobody_is_both_let_in_and_waiting(scenes: Scenes):
    admitted = {each.adult.number for wave in scenes.waves for each in wave}
    waiting = {adult.number for request in scenes.waiting for adult in request.about}

    assert not admitted & waiting
    assert sum(len(wave) for wave in scenes.waves) == len(admitted)


def test_one_seed_tells_one_story():
    assert make_scenes(make_people(5), now=NOW, seed=5) == make_scenes(make_people(5), now=NOW, seed=5)


@pytest.mark.parametrize("seed", range(6))
def test_other_seeds_work_too(seed: int):
    assert len(make_scenes(make_people(seed), now=NOW, seed=seed).waiting) == 45


def test_accounts_differ_in_name_and_number_and_the_number_tells_the_day_they_were_made(scenes: Scenes):
    admitted = [each.account for wave in scenes.waves for each in wave]
    accounts = [*admitted, *scenes.unknown_followers, *(r.account for r in scenes.waiting), *scenes.bystanders, scenes.dana, scenes.school]

    assert len(handles_in(scenes)) == len(accounts) == len({account.user_id for account in accounts})
    for account in accounts:
        told = datetime.fromtimestamp(((int(account.user_id.value) >> 22) + SNOWFLAKE_EPOCH) / 1000, UTC)
        assert account.created_at is not None
        assert abs(told - account.created_at) < timedelta(seconds=2)


def test_every_sender_writes_from_a_domain_reserved_for_examples(scenes: Scenes):
    letters = [letter for request in scenes.waiting for letter in request.letters]
    letters += [each.letter for wave in scenes.waves for each in wave if each.letter]
    letters += scenes.other_letters

    assert len(letters) > 75
    for letter in letters:
        assert letter.from_address.endswith(("@example.org", "@example.com", "@example.net"))
        assert letter.sent_at <= NOW


def test_the_mail_servers_own_word_stands_above_what_a_forger_wrote():
    letter = Letter("Ann", "ann@example.com", "Twitter", "I am @ann_x", NOW, SenderCheck.FORGED)
    headers = message_from_bytes(as_email(letter), policy=default).items()

    verdicts = [value for name, value in headers if name == "Authentication-Results"]
    assert verdicts[0].startswith(MAIL_SERVER)
    assert "dmarc=fail" in verdicts[0]
    assert "dmarc=pass" in verdicts[1]
    names = [name for name, _ in headers]
    assert names.index("Received") < len(names) - 1 - names[::-1].index("Authentication-Results")


def test_a_letter_lands_in_the_folder_whole_and_with_the_hour_of_its_arrival(tmp_path):
    letter = Letter("Zoë Król", "zoe@example.com", "Żółw", "I am @zoe_k – thanks\n", NOW)

    path = drop_into(tmp_path / "mailbox", letter)

    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mtime == NOW.timestamp()
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert message["From"].addresses[0].display_name == "Zoë Król"
    assert message.get_content().strip() == "I am @zoe_k – thanks"
