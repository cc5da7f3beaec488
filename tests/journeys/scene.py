"""The scene of the journeys: what arrives, who looks, how the clock runs."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from tests import given
from tests.at_the_screen import Screen, at_practice_twitter, at_the_register
from vetting.decisions.models import QueueItem
from vetting.intake.mailbox.folder import drop
from vetting.intake.models import IntakeSource
from vetting.intake.operations import add_source, declare_trusted_receiver
from vetting.roster.models import Basis, Person
from vetting.roster.operations import ChildName, add_person
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import create_school
from vetting.twitter.models import Connection
from vetting.twitter.operations import connect
from vetting.values import MailAddress, PersonName

RECEIVER = "mx.hazelbrook.example"
HAS_DOVECOT = shutil.which("dovecot") is not None


@dataclass
class Scene:
    """A school on a Monday morning."""

    school: School
    account: SchoolAccount
    priya: User
    okafor: User
    lane: User
    reid: User
    sandbox: Any
    clock: Any
    deliver: Any
    now: datetime

    @classmethod
    def make(cls, *, tmp_path: Path, sandbox: Any, clock: Any, dovecot: Any) -> "Scene":
        at = given.MONDAY
        clock.move_to(at)
        school = create_school(slug="hazelbrook", name="Hazelbrook Primary School", at=at, is_demo=True)
        account = given.an_account(school, "hazelbrookpri")
        people = [given.priya(school), given.mr_okafor(school), given.mrs_lane(school), given.ms_reid(school)]
        if sandbox is None:
            connect(school_account=account, kind=Connection.Kind.BY_HAND, by=people[1], at=at)
        else:
            sandbox.connect(account, by=people[1], at=at)
        deliver = _mailbox(school, people[1], at, tmp_path, dovecot)
        return cls(school, account, *people, sandbox, clock, deliver, at)

    def dana(self, address: str = "dana.hill@example.org") -> Person:
        """Dana Hill, mother of Ada in Year 3, as the school's list has her."""
        return add_person(
            school=self.school,
            name=PersonName("Dana", "Hill"),
            kind=Basis.Kind.PARENT_OR_CARER,
            by=self.priya,
            at=self.now,
            addresses=[MailAddress.parse(address)] if address else [],
            child=ChildName("Ada", "Hill", "Year 3", "3 Willow"),
            relationship="Mother",
            starts_on=datetime(2024, 9, 1, tzinfo=UTC).date(),
        )

    def dana_writes(self, words: str, *, sender: str = "dana.hill@example.org", dmarc: str = "pass") -> None:
        self.deliver(a_message(words, sender=sender, dmarc=dmarc, at=self.now))

    def asks_on_twitter(self, handle: str = "danahill_mum", name: str = "Dana H") -> None:
        """Somebody presses Follow on the school's protected account."""
        world = self.sandbox.world
        if world.by_handle(handle) is None:
            world.add_user(handle, name=name)
        world.ask_to_follow(handle)

    def time_passes(self, **amount: float) -> None:
        """Later, with the clock of the register having run: every drain, several times, as its beat does."""
        self.now += timedelta(**amount)
        self.clock.move_to(self.now)
        for _ in range(3):
            call_command("run_once", verbosity=0, stdout=_Nowhere())
            self.now += timedelta(seconds=20)
            self.clock.move_to(self.now)

    def screen(self, person: User) -> Screen:
        """Somebody signs in and looks at the register."""
        return at_the_register(person)

    @property
    def twitter(self) -> Screen:
        return at_practice_twitter(self.sandbox.url)

    def item(self, handle: str = "danahill_mum") -> QueueItem:
        items = QueueItem.objects.select_related("person", "profile", "school").filter(school=self.school, kind=QueueItem.Kind.APPROVAL)
        return items.filter(profile__handle=handle).latest("pk")

    def removals(self) -> list[QueueItem]:
        return list(QueueItem.objects.select_related("profile").filter(school=self.school, kind=QueueItem.Kind.REMOVAL))


class _Nowhere:
    def write(self, _: str) -> None:
        """What run_once prints is not part of a story."""

    def flush(self) -> None: ...


def a_message(words: str, *, sender: str, dmarc: str, at: datetime, name: str = "Dana Hill") -> bytes:
    """A message as the school's mail server stores it: its verdict and its Received line on top."""
    message = EmailMessage()
    message["Authentication-Results"] = f"{RECEIVER}; dmarc={dmarc} header.from={sender.partition('@')[2]}"
    message["Received"] = (
        f"from mail.example.org (mail.example.org [203.0.113.5]) by {RECEIVER} with ESMTPS; {at:%a, %d %b %Y %H:%M:%S} +0000"
    )
    message["From"] = f"{name} <{sender}>"
    message["To"] = "twitter@hazelbrook.example"
    message["Subject"] = "Following the school on Twitter"
    message["Date"] = f"{at:%a, %d %b %Y %H:%M:%S} +0000"
    message["Message-ID"] = f"<{at.timestamp()}.{abs(hash(words))}@mail.example.org>"
    message.set_content(words)
    return message.as_bytes()


def _mailbox(school: School, by: User, at: datetime, tmp_path: Path, dovecot: Any) -> Any:
    if dovecot is not None:
        mailbox = dovecot.new_user()
        source = add_source(
            school=school,
            kind=IntakeSource.Kind.IMAP,
            name="Parents' e-mails",
            by=by,
            at=at,
            host=dovecot.host,
            port=dovecot.imap_port,
            security=IntakeSource.Security.LOOPBACK,
            username=mailbox,
            password=dovecot.password,
        )

        def deliver(raw: bytes) -> None:
            dovecot.deliver(raw, mailbox)

    else:
        folder = tmp_path / "mailbox"
        folder.mkdir()
        source = add_source(school=school, kind=IntakeSource.Kind.FOLDER, name="Parents' e-mails", by=by, at=at, folder=str(folder))

        def deliver(raw: bytes) -> None:
            drop(folder, raw, received_at=timezone.now())

    declare_trusted_receiver(source=source, receiver=RECEIVER, by=by, at=at)
    return deliver
