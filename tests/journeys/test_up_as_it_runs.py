"""The demo as `up` starts it: quick enough to watch, and nothing lost when its processes are killed in the middle."""

import json
import os
import signal
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.at_the_screen import Screen, over_http
from tests.given_processes import PATIENCE, Demo
from vetting.demo.mail import Letter, as_email

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the processes it kills in /proc")
PRIYA, OKAFOR = "Office: Priya", "Admin: Mr Okafor"


def test_what_arrives_is_seen_and_what_is_killed_loses_nothing(demo: Demo) -> None:
    """One story, because each part begins where the one before ended.

    The times it prints are the figures to look at; the limits are only there so that it ends.
    """
    office, admin = _signs_in(demo, PRIYA), _signs_in(demo, OKAFOR)
    _on_twitter(demo, "add_user", handle="tessa_abbott9", name="Tessa A")
    _on_twitter(demo, "ask_to_follow", handle="tessa_abbott9")
    _drop_an_email(demo, "tessa_abbott9")
    seen = _until(lambda: _row_of(office, "tessa_abbott9"), seconds=PATIENCE)

    _kill(demo, "worker")
    _kill(demo, "web")
    _on_twitter(demo, "add_user", handle="oliver_dunn77", name="Oliver D")
    _on_twitter(demo, "ask_to_follow", handle="oliver_dunn77")
    _drop_an_email(demo, "oliver_dunn77")
    _until(lambda: _row_of(office, "oliver_dunn77"), seconds=PATIENCE)

    _row_of(office, "tessa_abbott9")
    office.press("Add and verify", given="Tessa", family="Abbott", child_given="Wren", child_family="Abbott", how="IN_PERSON")
    assert office.status == 200, office.text
    assert _row_of(admin, "tessa_abbott9")
    admin.press("Approve")
    _kill(demo, "worker")
    _on_twitter(demo, "accept", who="tessa_abbott9")
    confirmed = _until(lambda: "@tessa_abbott9 follows the school now" in admin.open("/to-do/").text, seconds=PATIENCE)

    assert _row_of(office, "oliver_dunn77")
    office.press("Add and verify", given="Oliver", family="Dunn", child_given="Ivy", child_family="Dunn", how="IN_PERSON")
    assert office.status == 200, office.text
    assert _row_of(admin, "oliver_dunn77")
    admin.press("Approve")
    _on_twitter(demo, "accept", who="oliver_dunn77")
    quick = _until(lambda: "@oliver_dunn77 follows the school now" in admin.open("/to-do/").text, seconds=PATIENCE)

    for handle in ("tessa_abbott9", "oliver_dunn77"):
        assert _count(demo, "vetting_claimreading", "handle", handle) == 1
        assert _decisions_about(demo, handle) == 1
    print(f"\ne-mail to screen {seen:.1f} s; accepted to Confirmed {quick:.1f} s, {confirmed:.1f} s with the worker killed in between")


def _signs_in(demo: Demo, who: str) -> Screen:
    return over_http(demo.url).open("/").press(who)


def _row_of(screen: Screen, handle: str) -> bool:
    """Open the request of this Twitter name, wherever it stands in Requests."""
    for tab in ("look", "ready", "waiting"):
        try:
            screen.open(f"/requests/?tab={tab}")
        except requests.RequestException:
            return False  # the web server was killed a moment ago
        if f"@{handle}" in screen.text:
            screen.follow(f"@{handle}")
            return tab != "waiting"
    return False


def _until(happened: Callable[[], bool], *, seconds: float) -> float:
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.3)
    return time.monotonic() - began


def _drop_an_email(demo: Demo, handle: str) -> None:
    body = f"Hello, please let me follow the school. My Twitter name is @{handle}."
    letter = Letter("A Parent", f"{handle}@example.org", "Twitter", body, datetime.now(UTC))
    path = demo.data_dir / "demo-mailbox" / f"dropped-{handle}.eml"
    path.write_bytes(as_email(letter))


def _on_twitter(demo: Demo, verb: str, **facts: str) -> None:
    secret = (demo.data_dir / "secrets" / "sandbox").read_text("utf-8").strip()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{demo.port + 2}/world/{verb}", json.dumps(facts).encode(), {"Authorization": f"Bearer {secret}"}, method="POST"
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 200


def _kill(demo: Demo, command: str) -> None:
    """`kill -9` the process of this `up` that runs the given command."""
    os.kill(demo.child(command), signal.SIGKILL)


def _count(demo: Demo, table: str, column: str, value: str) -> int:
    with sqlite3.connect(_database(demo)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", [value]).fetchone()[0])  # noqa: S608  # our own names


def _decisions_about(demo: Demo, handle: str) -> int:
    with sqlite3.connect(_database(demo)) as database:
        found = database.execute(
            "SELECT count(*) FROM vetting_decision d JOIN vetting_queueitem i ON i.id = d.item_id "
            "JOIN vetting_twitterprofile p ON p.id = i.profile_id WHERE p.handle = ?",
            [handle],
        )
        return int(found.fetchone()[0])


def _database(demo: Demo) -> Path:
    return demo.data_dir / "demo.sqlite3"
