"""The demo school as somebody set it up five months ago: people with roles, terms, a mailbox, a Twitter account, the parent list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from vetting.demo.cast import CAST, MR_OKAFOR, MRS_LANE, MS_REID, PRIYA
from vetting.demo.people import Adult, People, Sort
from vetting.demo.place import MAIL_SERVER, SCHOOL_HANDLE, SCHOOL_NAME, SCHOOL_SLUG
from vetting.demo.places import mailbox_folder
from vetting.demo.roster_files import full_list
from vetting.intake.models import IntakeSource
from vetting.intake.operations import add_source, declare_trusted_receiver
from vetting.roster.models import Basis, Person
from vetting.roster.operations import add_person, apply_import, rehearse_import
from vetting.school.models import Role, School, SchoolAccount
from vetting.school.operations import (
    accept_invitation,
    add_school_account,
    create_school,
    invite,
    set_policy,
    set_term,
)
from vetting.twitter.models import Connection
from vetting.twitter.operations import connect, keep_app
from vetting.twitter.sandbox import Keys
from vetting.values import MailAddress, PersonName

_WHY = "Demo: so that a visitor need not wait."
_KINDS = {Sort.STAFF: Basis.Kind.STAFF, Sort.GOVERNOR: Basis.Kind.GOVERNOR}


@dataclass(frozen=True)
class Stage:
    """Everything the story needs to be played."""

    school: School
    account: SchoolAccount
    source: IntakeSource
    cast: dict[str, User]
    # By the adult's number in the invented school.
    people: dict[str, Person]

    @property
    def office(self) -> User:
        return self.cast[PRIYA.name]

    @property
    def admin(self) -> User:
        return self.cast[MR_OKAFOR.name]

    @property
    def second_admin(self) -> User:
        return self.cast[MRS_LANE.name]

    @property
    def lead(self) -> User:
        return self.cast[MS_REID.name]


def set_up(*, people: People, at: datetime) -> Stage:
    """The school before the first request."""
    school = create_school(slug=SCHOOL_SLUG, name=SCHOOL_NAME, at=at, is_demo=True)
    cast = {member.name: _colleague(school, member.name, member.email, member.roles, at) for member in CAST}
    admin = cast[MR_OKAFOR.name]
    _terms(school, admin, at)
    set_policy(school=school, key="requests_every_minutes", value=1, by=admin, at=at, why=_WHY)
    account = add_school_account(school=school, handle=SCHOOL_HANDLE)
    mailbox = mailbox_folder()
    mailbox.mkdir(parents=True, exist_ok=True)
    source = add_source(school=school, kind=IntakeSource.Kind.FOLDER, name="School mailbox", by=admin, at=at, folder=str(mailbox))
    declare_trusted_receiver(source=source, receiver=MAIL_SERVER, by=admin, at=at)
    load_list(school, full_list(people), by=cast[PRIYA.name], at=at, file_name="hazelbrook-parents.csv")
    known = {person.source_id: person for person in Person.objects.filter(school=school).exclude(source_id="")}
    known |= {adult.number: _worker(school, adult, cast[PRIYA.name], at) for adult in (*people.staff, *people.governors)}
    source.refresh_from_db()
    return Stage(school, account, source, cast, known)


def load_list(school: School, contents: bytes, *, by: User, at: datetime, file_name: str) -> None:
    """Rehearse and apply a parent list, as the Import page does."""
    rehearsed = rehearse_import(school=school, file_name=file_name, contents=contents, by=by, at=at)
    apply_import(roster_import=rehearsed, by=by, at=at + timedelta(minutes=1))


def connect_to_sandbox(*, account: SchoolAccount, url: str, keys: Keys, by: User | None, at: datetime) -> Connection:
    """The practice Twitter at `url`, or another place it moved to. Its app is kept too, so that a visitor can sign in there."""
    connection = connect(
        school_account=account,
        kind=Connection.Kind.SANDBOX,
        by=by,
        at=at,
        base_url=url,
        pages_url=url,
        consumer_key=keys.consumer_key,
        consumer_secret=keys.consumer_secret,
        access_token=keys.access_token,
        access_secret=keys.access_secret,
    )
    return keep_app(school_account=connection.school_account, client_id=keys.client_id, client_secret=keys.client_secret, by=by, at=at)


def _colleague(school: School, name: str, email: str, roles: tuple[Role, ...], at: datetime) -> User:
    """Joined by a link, without a password: the demo's people are entered with one click and in no other way."""
    token = invite(school=school, roles=roles, by=None, at=at, email=email, name=name)
    return accept_invitation(token=token, name=name, email=email, password=None, at=at)


def _worker(school: School, adult: Adult, by: User, at: datetime) -> Person:
    name = PersonName(adult.given, adult.family, adult.title)
    return add_person(school=school, name=name, kind=_KINDS[adult.sort], by=by, at=at, addresses=[MailAddress.parse(adult.address)])


def _terms(school: School, by: User, at: datetime) -> None:
    """The school year around `at` and the next, with the usual half-terms."""
    first = at.year if at.month >= 9 else at.year - 1
    for year in (first, first + 1):
        for name, starts_on, ends_on in (
            (f"Autumn term {year}", date(year, 9, 2), date(year, 12, 18)),
            (f"Spring term {year + 1}", date(year + 1, 1, 5), date(year + 1, 3, 27)),
            (f"Summer term {year + 1}", date(year + 1, 4, 13), date(year + 1, 7, 21)),
        ):
            set_term(school=school, name=name, starts_on=starts_on, ends_on=ends_on, by=by, at=at)
        half_term = date(year, 10, 25)
        monday = half_term - timedelta(days=half_term.weekday())
        set_term(school=school, name="Autumn half-term", starts_on=monday, ends_on=monday + timedelta(days=4), by=by, at=at, holiday=True)
