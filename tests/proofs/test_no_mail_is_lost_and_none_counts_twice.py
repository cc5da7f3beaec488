"""A real mail server, real processes, and everything that goes wrong at once: every mail is recorded exactly once.

The small story is part of every run. The whole one (300 mails, 20 kills) has its own command and prints its figures:

    python3 manage.py test tests/proofs -m slow -s
    DATABASE_URL=postgres://… python3 manage.py test tests/proofs -m slow -s
"""

import imaplib
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.dovecot import Dovecot
from tests.given_intake import a_message
from tests.given_processes import clean_environment
from vetting.env import BASE_DIR
from vetting.intake.fingerprint import fingerprint

PATIENCE = 240
# Later than the fastest clock of a killed worker can have run: while its lease held, the next one would find nothing to do.
LONG_AFTER = 7 * 24 * 60.0


@contextmanager
def a_database(folder: Path) -> Iterator[str]:
    """The address of a database of its own: a file, or on the PostgreSQL server of this run."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite://{folder / 'proof.sqlite3'}"
        return
    import psycopg

    name = f"proof_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass
class Office:
    """The school's mailbox on the server, and the processes that read it."""

    server: Dovecot
    user: str
    database: str
    folder: Path
    chance: random.Random
    minutes: float = 0.0
    kills: int = 0
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, *words: str) -> str:
        done = subprocess.run(self._command(*words), env=self._environment(), cwd=BASE_DIR, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def start(self, *, step: float, after: float = 10) -> subprocess.Popen[str]:
        """A worker whose clock begins so many minutes after the beginning of the one before it."""
        self.minutes += after
        said = (self.folder / f"said-{time.monotonic_ns()}.txt").open("w+")
        command = self._command("work", str(self.minutes), str(step))
        worker = subprocess.Popen(command, env=self._environment(), cwd=BASE_DIR, stdout=said, stderr=subprocess.STDOUT, text=True)
        worker.said = said.name  # type: ignore[attr-defined]  # kept beside its process
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[str], after: float) -> None:
        """SIGKILL so many seconds after it began to work."""
        while "at work" not in self.said(worker) and worker.poll() is None:
            time.sleep(0.01)
        try:
            worker.wait(after)
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGKILL)
            worker.wait(10)
            self.kills += 1
            self.workers.remove(worker)
            return
        raise AssertionError(f"The worker ended by itself: {self.said(worker)}")

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait(10)
        self.workers.clear()

    def wait_until_idle(self, worker: subprocess.Popen[str]) -> None:
        """Three turns in a row, from now on, in which there was nothing to do."""
        deadline = time.monotonic() + PATIENCE
        before = len(self.said(worker))
        while self.said(worker)[before:].count("idle \n") < 3:
            assert worker.poll() is None, self.said(worker)
            assert time.monotonic() < deadline, self.said(worker)
            time.sleep(0.05)

    def said(self, worker: subprocess.Popen[str]) -> str:
        return Path(worker.said).read_text()  # type: ignore[attr-defined]  # see start

    def tell(self) -> dict[str, object]:
        return dict(json.loads(self.run("tell")))

    def staff(self) -> imaplib.IMAP4:
        """A colleague's own mail program."""
        box = imaplib.IMAP4(self.server.host, self.server.imap_port)
        box.login(self.user, self.server.password)
        box.select("INBOX")
        return box

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tests.proofs.mail_office", *words]

    def _environment(self) -> dict[str, str]:
        return {**clean_environment(), "DATA_DIR": str(self.folder), "DATABASE_URL": self.database, "LOG_LEVEL": "ERROR"}


def a_mail(number: int) -> bytes:
    """Some with other parts, some large, some in Latin-1, all with one Twitter name."""
    padding = "x" * 70 + "\n"
    raw = a_message(f"My Twitter name is @dana_{number}.\n\n" + padding * (number % 7 * 150), number=number, subject=f"Twitter {number}")
    return raw.replace(b"\n", b"\r\n")


def move_out_and_back(office: Office, numbers: range) -> None:
    box = office.staff()
    box.create("Elsewhere")
    chosen = ",".join(map(str, numbers))
    assert box.uid("MOVE", chosen, "Elsewhere")[0] == "OK"
    box.select("Elsewhere")
    assert box.uid("MOVE", "1:*", "INBOX")[0] == "OK"
    box.logout()


def copy(office: Office, count: int) -> None:
    box = office.staff()
    assert box.copy(f"1:{count}", "INBOX")[0] == "OK"
    box.logout()


def in_the_folder(office: Office) -> tuple[int, int, int]:
    """How many mails there are, how many are marked as opened, and how many as deleted."""
    flags = office.server.flags(office.user)
    return len(flags), sum("S" in flag for flag in flags), sum("T" in flag for flag in flags)


def everything_goes_wrong(server: Dovecot, folder: Path, *, mails: int, kills: int, copies: int) -> dict[str, object]:
    seed = int(os.environ.get("PROOF_SEED", "0")) or secrets.randbelow(10**6) + 1
    began = time.monotonic()
    with a_database(folder) as database:
        chance = random.Random(seed)  # noqa: S311  # not for secrets: PROOF_SEED repeats a run
        office = Office(server, server.new_user(), database, folder, chance)
        try:
            figures = the_story(office, mails=mails, kills=kills, copies=copies)
        finally:
            office.stop()
    return {"seed": seed, **figures, "seconds": round(time.monotonic() - began, 1), "database": database.partition(":")[0]}


def the_story(office: Office, *, mails: int, kills: int, copies: int) -> dict[str, object]:
    sent = [a_mail(number) for number in range(mails)]
    opened = set(office.chance.sample(range(mails), mails * 2 // 5))
    early, late = sent[: mails // 3], sent[mails // 3 :]
    for number, raw in enumerate(early):
        office.server.deliver(raw, office.user, read_by_staff=number in opened)
    office.run("prepare", office.server.host, str(office.server.imap_port), office.user, office.server.password)

    # Two read at once; one of them is killed at some point, again and again, while more mail comes in. Every other time the two
    # clocks run so fast that each takes the mailbox from the other in the middle.
    other = office.start(step=0)
    arriving = iter(enumerate(late, len(early)))
    for number in range(kills):
        worker = office.start(step=(0, 4)[number % 2])
        for place, raw in [next(arriving, (0, b"")) for _ in range(len(late) // kills + 1)]:
            if raw:
                office.server.deliver(raw, office.user, read_by_staff=place in opened)
        if number % 4 == 3:
            office.kill(other, after=office.chance.uniform(0, 0.5))
            other = worker
        else:
            office.kill(worker, after=office.chance.uniform(0, 0.8))
    office.stop()
    last = office.start(step=1, after=LONG_AFTER)
    office.wait_until_idle(last)
    assert in_the_folder(office) == (mails, len(opened), 0)

    # Colleagues move mails out and back and copy some; then the server numbers everything anew.
    move_out_and_back(office, range(1, mails // 6))
    copy(office, copies)
    office.wait_until_idle(last)
    office.stop()
    office.server.renumber(office.user)
    office.wait_until_idle(office.start(step=1, after=LONG_AFTER))
    office.stop()
    told = office.tell()

    stored = dict(told.pop("emails"))
    there, seen, deleted = in_the_folder(office)
    assert sorted(stored) == sorted(fingerprint(raw, size=len(raw)) for raw in sent)
    assert sorted(stored.values()) == sorted(raw.decode("latin-1") for raw in sent)
    assert (told["claims"], told["claims_of_one"], told["unread"], told["failed"]) == (mails, 1, 0, 0)
    assert (told["numberings"], told["renumbered"], told["positions_now"]) == (2, 1, mails + copies)
    assert there == mails + copies
    assert len(opened) <= seen <= len(opened) + copies
    assert deleted == 0
    return {"mails": mails, "opened first": len(opened), "kills": office.kills, "recorded": len(stored), "seen flags": seen, **told}


@pytest.mark.slow
def test_three_hundred_mails_and_twenty_kills(dovecot: Dovecot, tmp_path: Path) -> None:
    figures = everything_goes_wrong(dovecot, tmp_path, mails=300, kills=20, copies=20)
    print("\n" + ", ".join(f"{name} {value}" for name, value in figures.items()))
    assert figures["kills"] == 20
