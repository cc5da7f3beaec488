"""What `manage.py bench` measures. Each bench sets two ways side by side, so that a figure holds on any machine: the ratio.

Add one by writing a function that returns a Bench and naming it in BENCHES.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, transaction

from vetting.audit.events import Event
from vetting.audit.models import AuditEvent, AuditText
from vetting.audit.operations import record
from vetting.audit.queries import check_chain
from vetting.values import BadValue, Handle

AT = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
SLACK = 3


@dataclass(frozen=True)
class Way:
    """One of the two: what it is called and what it does."""

    name: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """An absolute figure and what it should be on an ordinary machine; only three times that is too much, since machines differ."""

    name: str
    value: float
    unit: str
    guide: float

    @property
    def too_much(self) -> bool:
        return self.value > SLACK * self.guide


@dataclass(frozen=True)
class Bench:
    """Two ways, what their ratio (second by first) should stay under, and what that means.

    `most_rounds` where one takes long; `after` puts away what the ways needed; `figures` are asked for once both have run.
    """

    title: str
    first: Way
    second: Way
    ceiling: float
    meaning: str
    most_rounds: int | None = None
    after: Callable[[], object] = lambda: None
    figures: Callable[[], Sequence[Figure]] = tuple


class NotHere(Exception):
    """What a bench needs is not on this machine; the text says what."""


@dataclass(frozen=True)
class Result:
    """Medians in seconds over the rounds."""

    first: float
    second: float

    @property
    def ratio(self) -> float:
        return self.second / self.first


def measure(bench: Bench, *, rounds: int) -> Result:
    """Run both ways in turn (A B A B …), so that a busy moment of the machine hits both, and take the medians."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(min(rounds, bench.most_rounds or rounds)):
        for times, way in zip(taken, (bench.first, bench.second), strict=True):
            began = time.perf_counter()
            way.run()
            times.append(time.perf_counter() - began)
    return Result(statistics.median(taken[0]), statistics.median(taken[1]))


def audit_record() -> Bench:
    """What the hash chain costs when something is recorded, against the same rows without a chain."""

    def plain() -> None:
        with transaction.atomic():
            for number in range(100):
                event = AuditEvent.objects.create(
                    school_id=1, sequence=number, at=AT, event=Event.POLICY_SET.value, previous_hash=str(number), hash=str(number)
                )
                AuditText.objects.create(event=event, words={"why": "Agreed by the governors."})
            transaction.set_rollback(True)

    def chained() -> None:
        with transaction.atomic():
            for number in range(100):
                record(school_id=2, event=Event.POLICY_SET, by=None, at=AT, facts={"n": number}, words={"why": "Agreed by the governors."})
            transaction.set_rollback(True)

    return Bench("audit: record 100 events", Way("rows only", plain), Way("chained", chained), 6.0, "the chain's price in each act")


def audit_verify() -> Bench:
    """Whether checking the chain grows in step with its length."""
    with transaction.atomic():
        for school, events in ((3, 500), (4, 1000)):
            for number in range(events):
                record(school_id=school, event=Event.POLICY_SET, by=None, at=AT, facts={"n": number}, words={"why": "Agreed."})
    return Bench(
        "audit: verify the chain",
        Way("500 events", lambda: check_chain(school_id=3)),
        Way("1,000 events", lambda: check_chain(school_id=4)),
        2.3,
        "twice the length, about twice the time",
    )


def handles() -> Bench:
    """Whether cleaning Twitter names at the border grows in step with their number, also where nearly all are malformed."""
    texts = [" @MumOfTwo ", "hilltop_school", "@" + "a" * 16, "two words", "＠wide", "x" * 5000] * 250

    def parse(many: list[str]) -> None:
        for text in many:
            try:
                Handle.parse(text)
            except BadValue:
                continue

    return Bench(
        "names: clean Twitter names",
        Way("1,500 names", lambda: parse(texts)),
        Way("3,000 names", lambda: parse(texts * 2)),
        2.3,
        "twice as many, about twice the time",
    )


def intake() -> Bench:
    """Whether fetching, recording and reading mail grows in step with its number: 100 and 200 mails."""
    from vetting.management.bench_intake import from_server_to_register

    return from_server_to_register(200)


def intake_5000() -> Bench:
    """The same with 2,500 and 5,000 mails; the aim is 5,000 within 60 s on two processors."""
    from vetting.management.bench_intake import from_server_to_register

    return from_server_to_register(5000)


def parsing() -> Bench:
    """Reading e-mails in full, against only taking their fields and text with the standard library's newer reader."""
    from vetting.management.bench_parsing import parsing as build  # which needs Bench from here

    return build()


def matching_full() -> Bench:
    """Deciding one school of 250 families in full, the engine alone; whether the time grows in step with the school."""
    from vetting.management.bench_matching import full  # which needs Bench from here

    return full()


def matching_one_mail() -> Bench:
    """One new mail in a school of 250 families, from its facts to the written match, with the database: p50 and p95."""
    from vetting.management.bench_matching import one_mail  # which needs Bench from here

    return one_mail()


def handle_index() -> Bench:
    """Finding likenesses among 100,000 Twitter names: time and memory."""
    from vetting.management.bench_matching import handle_index as build  # which needs Bench from here

    return build()


BENCHES: dict[str, tuple[Callable[[], Bench], bool]] = {
    "audit-record": (audit_record, True),
    "audit-verify": (audit_verify, True),
    "handles": (handles, False),
    "intake": (intake, True),
    "parsing": (parsing, False),
    "matching-full": (matching_full, False),
    "matching-one-mail": (matching_one_mail, True),
    "handle-index": (handle_index, False),
}
"""Name, how to build it, whether it needs a database of its own."""

LONG_BENCHES: dict[str, tuple[Callable[[], Bench], bool]] = {"intake-5000": (intake_5000, True)}
"""Those that run only when they are named."""

ALL_BENCHES = BENCHES | LONG_BENCHES


@contextmanager
def _scratch_database() -> Iterator[None]:
    from django.test.utils import setup_databases, teardown_databases

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if connection.vendor == "sqlite":
            # In a file as a school's own is; the default would be memory, and too quick to be true.
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        made = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            teardown_databases(made, verbosity=0)


def workplace(names: list[str]) -> AbstractContextManager[None]:
    """A scratch database for as long as the benches run, where one of them needs it; a school's own is never touched."""
    return _scratch_database() if any(ALL_BENCHES[name][1] for name in names) else nullcontext()
