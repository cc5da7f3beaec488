"""Writes about a school: its people and roles, its rules, its alarms and jobs."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.school.changes import EVERYTHING, RULES_CHANGED, Changed
from vetting.school.models import Alarm, CalendarEntry, ChangedFact, Invitation, Job, Membership, Policy, Role, School, SchoolAccount
from vetting.school.policies import DOMAINS, RULES
from vetting.values import BadValue, Handle, Refused

INVITATION_DAYS = 7
# Ten years: dates reckoned with it stay dates.
MOST_DAYS = 3650
NO_LEAP_YEAR = 2001
_MARK_BITS = 62


class LastOfTheirKind(Refused):
    """The last admin and the last safeguarding lead cannot be removed."""


class InvitationSpent(Refused):
    """The link was used, has expired or never existed."""


@transaction.atomic
def create_school(*, slug: str, name: str, at: datetime, is_demo: bool = False) -> School:
    """A school without people yet. Raises BadValue when the short name is taken or the name empty."""
    name = name.strip()
    if not name:
        raise BadValue("Type the school's name.")
    try:
        with transaction.atomic():
            school = School.objects.create(slug=slug, name=name, created_at=at, is_demo=is_demo)
    except IntegrityError as error:
        raise BadValue(f"There is already a school with the short name “{slug}”.") from error
    record(school_id=school.pk, event=Event.SCHOOL_CREATED, by=None, at=at, subject=school, facts={"school": name})
    return school


@transaction.atomic
def add_school_account(*, school: School, handle: Handle) -> SchoolAccount:
    """The school's own Twitter account, by name; its number is learnt from the first connection."""
    account, made = SchoolAccount.objects.get_or_create(school=school, handle=handle.value)
    if made:
        facts_changed(school.pk, EVERYTHING)
    return account


@transaction.atomic
def correct_school_account(*, school_account: SchoolAccount, handle: Handle, by: User, at: datetime) -> None:
    """Mend a slip in the school's own Twitter name. Raises BadValue once Twitter told its number: from then on Twitter tells the name."""
    if school_account.handle == handle.value:
        return
    if school_account.twitter_user_id is not None:
        raise BadValue("Twitter itself told us this name. If the school changed it, the next check will show the new one.")
    school_account.handle = handle.value
    school_account.save(update_fields=["handle"])
    words = {"handle": handle.value}
    record(school_id=school_account.school_id, event=Event.ACCOUNT_CORRECTED, by=by, at=at, subject=school_account, words=words)
    facts_changed(school_account.school_id, EVERYTHING)


@transaction.atomic
def invite(
    *, school: School, roles: Iterable[Role], by: User | None, at: datetime, email: str = "", name: str = "", sets_up: bool = False
) -> str:
    """Make a one-time link for a new colleague (or for setting the school up) and return its token.

    Only the token's hash is stored; whoever makes the link passes it on.
    """
    token = secrets.token_urlsafe(32)
    roles = [Role(role) for role in roles]
    invitation = Invitation.objects.create(
        school=school,
        email=email.strip().lower(),
        name=name.strip(),
        roles=[role.value for role in roles],
        sets_up=sets_up,
        token_hash=_hash(token),
        made_at=at,
        made_by=by,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    record(
        school_id=school.pk,
        event=Event.MEMBER_INVITED,
        by=by,
        at=at,
        subject=invitation,
        facts={"roles": _names(roles)},
        words={"name": invitation.name or "the first person"},
    )
    return token


def find_invitation(*, token: str, at: datetime) -> Invitation:
    """The open invitation behind a link. Raises InvitationSpent."""
    invitation = Invitation.objects.select_related("school").filter(token_hash=_hash(token), used_at=None, expires_at__gt=at).first()
    if invitation is None:
        raise InvitationSpent("This link was used already or is too old. Ask whoever sent it for a new one.")
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, name: str, email: str, password: str | None, at: datetime) -> User:
    """Make the person and their roles, and spend the link. Their address counts as verified: the link went to it.

    Without a password nobody can sign in by one; only the demo's people have none.

    Raises:
        InvitationSpent: used, expired or unknown.
        BadValue: somebody signs in with this address already, or a field is missing.
    """
    invitation = find_invitation(token=token, at=at)
    if not Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=at):
        raise InvitationSpent("This link was used a moment ago.")
    address = (invitation.email or email).strip().lower()
    if not name.strip() or "@" not in address:
        raise BadValue("Type your name and your e-mail address.")
    if User.objects.filter(email=address).exists():
        raise BadValue("Somebody signs in with this e-mail address already. Ask an admin to add the role to them instead.")
    user = User.objects.create_user(address, password, name=name.strip(), joined_at=at)
    _mark_address_verified(user)
    Invitation.objects.filter(pk=invitation.pk).update(used_by=user)
    roles = [Role(role) for role in invitation.roles]
    for role in roles:
        Membership.objects.create(school=invitation.school, user=user, role=role, since=at)
    record(
        school_id=invitation.school_id,
        event=Event.MEMBER_JOINED,
        by=user,
        at=at,
        subject=user,
        facts={"roles": _names(roles)},
    )
    return user


@transaction.atomic
def begin_set_up(*, token: str, school_name: str, handle: Handle, name: str, email: str, password: str, at: datetime) -> User:
    """The first answers of setting up, in one go: the school's name, its own Twitter name, and the first person.

    From here on the school counts as set up: every other set-up link for it is dead, whoever still has one.

    Raises:
        InvitationSpent: the link was used, has expired, or invites a colleague instead; or the school is set up already.
        BadValue: a field is missing, or somebody signs in with this address already.
    """
    invitation = find_invitation(token=token, at=at)
    if not invitation.sets_up:
        raise InvitationSpent("This link invites a colleague; it does not set up a school.")
    if not school_name.strip():
        raise BadValue("Type the school's name.")
    school = invitation.school
    if not School.objects.filter(pk=school.pk, set_up_at=None).update(name=school_name.strip(), set_up_at=at):
        raise InvitationSpent("This school is set up already. Ask an admin there to invite you.")
    user = accept_invitation(token=token, name=name, email=email, password=password, at=at)
    Invitation.objects.filter(school=school, sets_up=True, used_at=None).update(expires_at=at)
    add_school_account(school=school, handle=handle)
    record(school_id=school.pk, event=Event.SCHOOL_SET_UP, by=user, at=at, subject=school)
    return user


def _mark_address_verified(user: User) -> None:
    from allauth.account.models import EmailAddress  # allauth's models load after the apps are ready

    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


@transaction.atomic
def give_role(*, school: School, user: User, role: Role, by: User | None, at: datetime) -> None:
    """Nothing happens when they hold it already."""
    _, made = Membership.objects.get_or_create(school=school, user=user, role=role, until=None, defaults={"since": at})
    if made:
        record(
            school_id=school.pk, event=Event.ROLE_GIVEN, by=by, at=at, subject=user, facts={"role": role.label}, words={"name": user.name}
        )


@transaction.atomic
def end_role(*, school: School, user: User, role: Role, by: User, at: datetime) -> None:
    """Raises LastOfTheirKind for the last admin and the last safeguarding lead."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    current = Membership.objects.filter(school=school, role=role, until=None)
    if role in (Role.ADMIN, Role.LEAD) and not current.exclude(user=user).exists():
        raise LastOfTheirKind(f"{user.name} is the last {role.label.lower()}. Give somebody else the role first.")
    if current.filter(user=user).update(until=at):
        record(
            school_id=school.pk, event=Event.ROLE_ENDED, by=by, at=at, subject=user, facts={"role": role.label}, words={"name": user.name}
        )


@transaction.atomic
def set_policy(*, school: School, key: str, value: Any, by: User | None, at: datetime, why: str = "") -> Policy:
    """Add a row for a rule; the old ones stay. Raises BadValue for a value of the wrong kind."""
    rule = RULES[key]
    if rule.kind in ("number", "days", "percent") and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise BadValue(f"“{rule.title}” needs a whole number.")
    if rule.kind == "percent" and value > 100:
        raise BadValue(f"“{rule.title}” is a share: 0 to 100.")
    if rule.kind == "days" and value > MOST_DAYS:
        raise BadValue(f"“{rule.title}” can be at most {MOST_DAYS} days.")
    if rule.kind == "yes/no" and not isinstance(value, bool):
        raise BadValue(f"“{rule.title}” is yes or no.")
    if rule.kind == "text" and not _is_a_day_of_every_year(value):
        raise BadValue(f"“{rule.title}” needs a month and a day that every year has, such as 09-30.")
    if rule.kind == "domains" and not DOMAINS.fullmatch(str(value)):
        raise BadValue(f"“{rule.title}” needs domains such as pupils.st-example.org, with commas between them.")
    row = Policy.objects.create(school=school, key=key, value=value, by=by, at=at, why=why)
    event = Event.REMOVALS_PAUSED if key == "removals_paused" else Event.POLICY_SET
    record(school_id=school.pk, event=event, by=by, at=at, subject=row, facts={"key": rule.title, "value": value}, words={"why": why})
    facts_changed(school.pk, RULES_CHANGED)
    return row


def _is_a_day_of_every_year(value: Any) -> bool:
    try:
        datetime.strptime(f"{NO_LEAP_YEAR}-{value}", "%Y-%m-%d")  # noqa: DTZ007  # a day, not a moment
    except ValueError:
        return False
    return True


@transaction.atomic
def set_term(
    *, school: School, name: str, starts_on: date, ends_on: date, by: User | None, at: datetime, holiday: bool = False
) -> CalendarEntry:
    """Add a term (or a holiday inside one). Raises BadValue when it ends before it starts."""
    if ends_on < starts_on:
        raise BadValue("The last day lies before the first day.")
    kind = CalendarEntry.Kind.HOLIDAY if holiday else CalendarEntry.Kind.TERM
    entry = CalendarEntry.objects.create(school=school, kind=kind, name=name, starts_on=starts_on, ends_on=ends_on)
    record(school_id=school.pk, event=Event.CALENDAR_SET, by=by, at=at, subject=entry, facts={"name": name})
    return entry


@transaction.atomic
def remove_dates(*, entry: CalendarEntry, by: User | None, at: datetime) -> None:
    """Take a term or holiday out of the calendar, as after a slip of the keyboard."""
    record(school_id=entry.school_id, event=Event.CALENDAR_REMOVED, by=by, at=at, subject=entry, facts={"name": entry.name})
    entry.delete()


@transaction.atomic
def raise_alarm(*, school: School, kind: str, sentence: str, at: datetime, subject: str = "") -> Alarm:
    """One open alarm for a cause: raising it again only notes that it still holds."""
    sentence = sentence[:500]
    alarm, made = Alarm.objects.get_or_create(
        school=school,
        kind=kind,
        subject=subject,
        cleared_at=None,
        defaults={"sentence": sentence, "raised_at": at, "seen_again_at": at},
    )
    if made:
        record(
            school_id=school.pk, event=Event.ALARM_RAISED, by=None, at=at, subject=alarm, facts={"kind": kind}, words={"sentence": sentence}
        )
    else:
        Alarm.objects.filter(pk=alarm.pk).update(seen_again_at=at, sentence=sentence)
    return alarm


@transaction.atomic
def clear_alarm(*, school: School, kind: str, at: datetime, subject: str = "") -> bool:
    """The cause is gone. True when an alarm was open."""
    if not Alarm.objects.filter(school=school, kind=kind, subject=subject, cleared_at=None).update(cleared_at=at):
        return False
    record(school_id=school.pk, event=Event.ALARM_CLEARED, by=None, at=at, facts={"kind": kind})
    return True


@transaction.atomic(savepoint=False)
def facts_changed(school_id: int, *changed: Changed) -> None:
    """Note, in the transaction that changes them, which facts matching depends on are new. Drained by matching.rematch.

    Whoever cannot say names nothing, and everything counts as new. What is recorded in the same transaction is recorded first: on
    PostgreSQL both hold a row until the end, and two who take them in different orders wait for each other.
    """
    School.objects.filter(pk=school_id).update(facts_version=F("facts_version") + 1)
    version = School.objects.values_list("facts_version", flat=True).get(pk=school_id)
    mark = secrets.randbits(_MARK_BITS)
    ChangedFact.objects.bulk_create(
        ChangedFact(school_id=school_id, version=version, mark=mark, what=one.what, key=one.key)
        for one in dict.fromkeys(changed or (EVERYTHING,))
    )


def start_job(*, school: School, kind: str, by: User | None, at: datetime, total: int = 0, sentence: str = "") -> Job:
    return Job.objects.create(school=school, kind=kind, by=by, made_at=at, began_at=at, total=total, sentence=sentence)


def advance_job(*, job: Job, done: int, total: int | None = None, sentence: str | None = None) -> None:
    """Progress, visible at once to whoever watches."""
    job.done = done
    job.total = job.total if total is None else total
    job.sentence = job.sentence if sentence is None else sentence
    job.save(update_fields=["done", "total", "sentence"])


def end_job(*, job: Job, at: datetime, error: str = "") -> None:
    job.ended_at, job.error = at, error[:500]
    job.save(update_fields=["ended_at", "error"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _names(roles: Iterable[Role]) -> str:
    return ", ".join(role.label for role in roles)
