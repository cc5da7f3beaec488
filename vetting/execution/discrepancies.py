"""What does not fit: found by a complete reading of the followers, ended when Twitter and the register agree, noted by a person.

A partial or failed reading finds nothing and ends nothing of what is about following. A block is another thing: it is seen
whenever somebody is looked up by number.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.decisions.answering import WATCH_FOR
from vetting.decisions.models import Decision
from vetting.decisions.policies import NEEDS_THE_LEAD, NotNow, NotSafe, NotYours
from vetting.decisions.states import State
from vetting.execution.drift import Drift, what_does_not_fit
from vetting.execution.gathering import blocked_now, complete_readings, for_the_lead, gather
from vetting.execution.lifting import taken_as_lifted
from vetting.execution.models import Comparison, Discrepancy, OwedLift
from vetting.identities.models import Identification
from vetting.school.models import Role, SchoolAccount
from vetting.school.queries import policy, roles_of
from vetting.twitter.models import Block, Connection, ListReading, TwitterProfile, WatchedUser
from vetting.twitter.operations import stop_watching, watch
from vetting.values import BadValue

BLOCKED = "blocked"
_OF_A_READING = [Discrepancy.Kind.ACCEPTED_WITHOUT_US, Discrepancy.Kind.BACK_AGAIN, Discrepancy.Kind.ABSENT]


def accounts_to_look_at() -> QuerySet[SchoolAccount]:
    """Accounts with a complete reading nobody has compared, or with a block or a discrepancy that is open."""
    complete = ListReading.objects.filter(
        school_account=OuterRef("pk"), kind=ListReading.Kind.FOLLOWERS, complete=True, ended_at__isnull=False
    )
    newest = complete.order_by("-ended_at", "-pk").values("pk")[:1]
    return SchoolAccount.objects.annotate(newest=Subquery(newest)).filter(
        Q(newest__isnull=False) & ~Exists(Comparison.objects.filter(reading=OuterRef("newest")))
        | Exists(Block.objects.filter(school_account=OuterRef("pk"), ended_at=None))
        | Exists(OwedLift.objects.filter(item__school_account=OuterRef("pk"), lifted_at=None))
        | Exists(Discrepancy.objects.filter(school_account=OuterRef("pk"), ended_at=None))
    )


def look_for_discrepancies(*, school_account: SchoolAccount, at: datetime) -> int:
    """Everything that is due of one account: its newest complete reading, its blocks, and what was answered here since."""
    reading = complete_readings(school_account).order_by("-ended_at", "-pk").first()
    found = 0
    if reading is not None and not Comparison.objects.filter(reading=reading).exists():
        found = find_discrepancies(school_account=school_account, reading=reading, at=at)
    end_what_was_answered(school_account=school_account, at=at)
    return found + find_blocks(school_account=school_account, at=at)


@transaction.atomic
def find_discrepancies(*, school_account: SchoolAccount, reading: ListReading, at: datetime) -> int:
    """Compare one complete reading of the followers with the register, once. Returns how many new things do not fit.

    A reading that is not complete says nothing: it finds nothing and ends nothing.
    """
    if reading.kind != ListReading.Kind.FOLLOWERS or not reading.complete or reading.ended_at is None:
        return 0
    gathered = gather(school_account, at)
    is_public = bool(policy(school_account.school, "account_is_public"))
    kinds = {
        profile: kind
        for profile, account in gathered.accounts.items()
        if (kind := what_does_not_fit(account, reading_began=reading.began_at, asks_nobody=is_public)) is not None
    }
    rows = Discrepancy.objects.filter(school_account=school_account, kind__in=_OF_A_READING, ended_at=None)
    found, ended = _bring_up_to_date(school_account, rows, kinds, reading, at)
    try:
        with transaction.atomic():
            Comparison.objects.create(reading=reading, at=at, found=found, ended=ended)
    except IntegrityError:
        return 0  # compared by somebody else this moment: their rows are ours
    if found or ended:
        facts = {"found": found, "ended": ended}
        record(school_id=school_account.school_id, event=Event.DISCREPANCIES_FOUND, by=None, at=at, subject=reading, facts=facts)
    return found


def _bring_up_to_date(
    school_account: SchoolAccount, open_rows: QuerySet[Discrepancy], kinds: Mapping[int, Drift], reading: ListReading | None, at: datetime
) -> tuple[int, int]:
    """Open what is new, end what is no longer so. Returns how many of each."""
    still = {(row.profile_id, row.kind): row.pk for row in open_rows}
    over = [pk for (profile, kind), pk in still.items() if kinds.get(profile) != kind]
    ended = Discrepancy.objects.filter(pk__in=over, ended_at=None).update(ended_at=at)
    new = [(profile, kind.value) for profile, kind in kinds.items() if (profile, kind.value) not in still]
    for profile, kind in new:
        Discrepancy.objects.get_or_create(
            school_account=school_account, profile_id=profile, kind=kind, ended_at=None, defaults={"found_at": at, "reading": reading}
        )
    return len(new), ended


@transaction.atomic
def find_blocks(*, school_account: SchoolAccount, at: datetime) -> int:
    """List whom the school account blocks though nobody is about to unblock them, and keep looking at everybody blocked."""
    kinds = dict.fromkeys(blocked_now(school_account, at), Drift.STILL_BLOCKED)
    rows = Discrepancy.objects.filter(school_account=school_account, kind=Discrepancy.Kind.STILL_BLOCKED, ended_at=None)
    found, _ = _bring_up_to_date(school_account, rows, kinds, None, at)
    _keep_looking(school_account, at)
    return found


def _keep_looking(school_account: SchoolAccount, at: datetime) -> None:
    """Whoever is blocked is read by number, so that unblocking is noticed; whoever no longer is, is let alone."""
    blocked = Block.objects.filter(school_account=school_account, ended_at=None)
    watched = WatchedUser.objects.filter(school_account=school_account, why=BLOCKED)
    for row in watched.exclude(profile__in=blocked.values("profile")).select_related("profile"):
        stop_watching(school_account=school_account, profile=row.profile, why=BLOCKED)
    unwatched = TwitterProfile.objects.filter(pk__in=blocked.values("profile"), twitter_user_id__isnull=False)
    for profile in unwatched.exclude(pk__in=watched.filter(until__gt=at).values("profile")):
        watch(school_account=school_account, profile=profile, why=BLOCKED, at=at, until=at + WATCH_FOR)


def end_what_was_answered(*, school_account: SchoolAccount, at: datetime) -> int:
    """A follower who did not fit was approved, kept, said to be somebody, or proved to be removed: no reading is needed to know."""
    answers = Decision.objects.filter(
        item__profile=OuterRef("profile"), item__school_account=OuterRef("school_account"), undone_at=None, at__gt=OuterRef("found_at")
    )
    approved = answers.filter(outcome=Decision.Outcome.APPROVE, item__state=State.DONE)
    kept_or_gone = answers.filter(outcome=Decision.Outcome.KEEP) | answers.filter(outcome=Decision.Outcome.REMOVE, item__state=State.DONE)
    known = Identification.objects.filter(profile=OuterRef("profile"), school_id=school_account.school_id, until=None)
    rows = Discrepancy.objects.filter(school_account=school_account, ended_at=None)
    of_followers = rows.filter(kind__in=[Discrepancy.Kind.ACCEPTED_WITHOUT_US, Discrepancy.Kind.BACK_AGAIN])
    over = of_followers.filter(Exists(approved) | Exists(kept_or_gone)).values_list("pk", flat=True)
    known_now = rows.filter(Exists(known), kind=Discrepancy.Kind.ACCEPTED_WITHOUT_US).values_list("pk", flat=True)
    return rows.filter(pk__in=[*over, *known_now]).update(ended_at=at)


@transaction.atomic
def note_discrepancy(*, discrepancy: Discrepancy, note: str, by: User, at: datetime) -> Discrepancy:
    """An admin has looked, and says in a few words why it may stand. It no longer counts as work; it ends by itself as before.

    Raises:
        NotYours, NotSafe: not an admin; or only the safeguarding lead may.
        NotNow: it has ended, or somebody noted it already.
        BadValue: without a word.
    """
    row = Discrepancy.objects.select_related("school_account__school", "profile").get(pk=discrepancy.pk)
    school = row.school_account.school
    roles = roles_of(school=school, user=by)
    if not roles & {Role.ADMIN, Role.LEAD}:
        raise NotYours("Only an admin or the safeguarding lead can do this.")
    persons = gather(row.school_account, at, {row.profile_id}).persons
    of_the_lead = bool(for_the_lead(school, persons, {row.profile_id}))
    if of_the_lead and Role.LEAD not in roles:
        raise NotSafe(NEEDS_THE_LEAD)
    if not note.strip():
        raise BadValue("Write in a few words what you found.")
    noted = {"noted_at": at, "noted_by": by, "note": note.strip()[:300]}
    if not Discrepancy.objects.filter(pk=row.pk, ended_at=None, noted_at=None).update(**noted):
        raise NotNow("This is settled already, or somebody has noted it.")
    said = {"note": "", "note_of_the_lead": note.strip()} if of_the_lead else {"note": note.strip()}
    words = {"handle": row.profile.handle, **said}
    record(school_id=school.pk, event=Event.DISCREPANCY_NOTED, by=by, at=at, subject=row, facts={"kind": row.kind}, words=words)
    row.refresh_from_db()
    return row


def can_only_be_said(discrepancy: Discrepancy) -> bool:
    """A block where Twitter cannot be read: nothing but a person's word tells that it was lifted."""
    read = Connection.objects.filter(school_account=discrepancy.school_account_id).exclude(kind=Connection.Kind.BY_HAND)
    return discrepancy.kind == Discrepancy.Kind.STILL_BLOCKED and not read.exists()


@transaction.atomic
def say_unblocked(*, discrepancy: Discrepancy, by: User, at: datetime) -> Discrepancy:
    """ "I unblocked them on Twitter": a named person's word, where Twitter cannot be read. Raises as note_discrepancy does."""
    if not can_only_be_said(discrepancy):
        raise NotNow("Twitter is read here: unblock them there, and the next look shows it.")
    row = note_discrepancy(discrepancy=discrepancy, note="Unblocked on Twitter; Twitter could not be read.", by=by, at=at)
    taken_as_lifted(profile=row.profile, school_account=row.school_account, at=at)
    return row
