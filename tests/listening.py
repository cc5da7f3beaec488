"""Everything the suite writes to a log, at DEBUG, held against what is secret and personal in each test: nothing of it may stand there.

After every test its own database is asked what there is to give away: children's names, the words of e-mails, keys, tokens
and passwords. A plugin of the suite (see conftest); `manage.py test -p no:tests.listening` leaves it out.
"""

import logging
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from tests.sandbox import SECRET
from vetting.encrypted import EncryptedTextField
from vetting.intake.models import VerificationEmail
from vetting.roster.models import Pupil
from vetting.twitter.sandbox import keys

# Twitter's tokens and ours are at least this long; nothing else in a log is.
TOKEN = re.compile(r"(?<![\w-])[\w-]{80,}(?![\w-])")
BEARER = re.compile(r"(?i)bearer\s+[\w%~+/.-]{12,}|oauth_(?:token|signature|consumer_key)\W{1,3}\w{12,}")
SHORTEST_LINE, SHORTEST_NAME = 24, 4
# Libraries that print what they send when they are asked for DEBUG. The suite asks them.
TALKATIVE = ("tweepy", "oauthlib", "requests_oauthlib", "allauth")


class Listener(logging.Handler):
    """Keeps what was said since it was last emptied."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))

    def empty(self) -> str:
        said, self.said = "\n".join(self.said), []
        return said


LISTENER = Listener()


@contextmanager
def said_on_purpose() -> Iterator[Listener]:
    """What is logged in this block is not held against the test; the ear it gives has heard it."""
    ear, before = Listener(), list(LISTENER.said)
    logging.getLogger().addHandler(ear)
    try:
        yield ear
    finally:
        logging.getLogger().removeHandler(ear)
        LISTENER.said = before


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Listen to everybody, and have everybody speak. Before each test: one that starts Django anew sets the levels back."""
    root = logging.getLogger()
    root.addHandler(LISTENER)
    root.setLevel(logging.DEBUG)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Before the test's database is put back: does anything in it stand in the log?"""
    said = LISTENER.empty()
    found = given_away(said, secrets_of(item)) if said.strip() else []
    yield
    if found:
        pytest.fail(f"The log of this test gives away: {', '.join(found)}.", pytrace=False)


def given_away(said: str, secrets: Iterable[str]) -> list[str]:
    """What of the secrets, or of anything that looks like a token, stands in a text. Named by its kind and beginning, no more."""
    found = [f"a token or key ({match.group()[:12]}…)" for pattern in (TOKEN, BEARER) for match in pattern.finditer(said)]
    return found + [f"“{secret[:24]}…”" for secret in secrets if secret in said]


def secrets_of(item: pytest.Item) -> set[str]:
    always = {value for value in vars(keys(SECRET)).values() if value}
    if "db" not in item.fixturenames and "transactional_db" not in item.fixturenames and item.get_closest_marker("django_db") is None:
        return always
    if connection.needs_rollback:
        return always
    return always | set(_personal()) | set(_encrypted())


def _personal() -> Iterator[str]:
    for given, family in Pupil.objects.values_list("given", "family"):
        yield f"{given} {family}".strip()
        yield from (name for name in (given, family) if len(name) > SHORTEST_NAME)
    for subject, text in VerificationEmail.objects.values_list("subject", "text"):
        yield from lines_worth_hiding(f"{subject}\n{text}")


def lines_worth_hiding(text: str) -> Iterator[str]:
    """Lines long enough that they are somebody's own words."""
    return (line.strip() for line in text.splitlines() if len(line.strip()) >= SHORTEST_LINE)


def _encrypted() -> Iterator[str]:
    """Keys, tokens, passwords, and what only the safeguarding lead may read."""
    for model in apps.get_models():
        fields = [field.name for field in model._meta.get_fields() if isinstance(field, EncryptedTextField)]
        if fields:
            for row in model._base_manager.values_list(*fields):
                yield from (value for value in row if value and len(value) > SHORTEST_NAME)


def personal_in(folder: Path) -> set[str]:
    """The same of a register that ran as a program of its own, from its SQLite file."""
    found: set[str] = set()
    for file in folder.glob("*.sqlite3"):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            if "vetting_pupil" not in tables:
                continue
            found |= {f"{given} {family}" for given, family in database.execute("SELECT given, family FROM vetting_pupil")}
            for subject, text in database.execute("SELECT subject, text FROM vetting_verificationemail"):
                found |= set(lines_worth_hiding(f"{subject}\n{text or ''}"))
    return found
