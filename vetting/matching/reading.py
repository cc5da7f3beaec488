"""A school's rows as the engine's immutable facts, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import F, Q

from vetting.identities.models import Identification
from vetting.intake.confirming import CONFIRMED, TYPED_THERE
from vetting.intake.models import Claim, ClaimReading
from vetting.intake.parsing import stands_beside
from vetting.matching.facts import (
    ApprovedFacts,
    ChildFacts,
    ClaimFacts,
    Facts,
    LookupFacts,
    PersonFacts,
    ReadingFacts,
    RequestFacts,
)
from vetting.matching.models import ClaimLink
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction
from vetting.school.models import School
from vetting.school.queries import local_day, policy
from vetting.twitter.models import FollowRequest, HandleLookup, TwitterProfile
from vetting.values import BadValue, MailAddress

_MOST_CHILDREN_SHOWN = 2
_TYPED_RULES = ("by hand", "corrected")
_FORGED = "SUSPICIOUS"
_AWAY: dict[str, str] = {TwitterProfile.Standing.SUSPENDED: "suspended", TwitterProfile.Standing.GONE: "gone"}


def read_facts(*, school: School, at: datetime) -> Facts:
    """Everything matching depends on, as it is at `at`. Sixteen queries, whatever the size of the school."""
    day = local_day(school, at)
    children = {p.pk: _child(p) for p in Pupil.objects.filter(school=school)}
    on_roll = set(Pupil.objects.filter(school=school, left_on=None).values_list("pk", flat=True))
    return Facts(
        people=_people(school, day, children),
        pupils=tuple(child for pk, child in sorted(children.items()) if pk in on_roll),
        claims=_claims(school),
        lookups=_lookups(school),
        requests=_requests(school),
        approved=_approved(school),
        lookup_within=timedelta(hours=policy(school, "lookup_within_hours")),
    )


def _child(pupil: Pupil) -> ChildFacts:
    return ChildFacts(pupil.pk, pupil.given, pupil.family, pupil.class_name)


def _people(school: School, day: date, children: dict[int, ChildFacts]) -> tuple[PersonFacts, ...]:
    bases: defaultdict[int, list[Basis]] = defaultdict(list)
    for basis in Basis.objects.filter(person__school=school).order_by("starts_on", "pk"):
        bases[basis.person_id].append(basis)
    addresses: defaultdict[int, list[str]] = defaultdict(list)
    for row in PersonAddress.objects.filter(school=school, until=None):
        addresses[row.person_id].append(row.address)
    restricted = set(Restriction.objects.filter(school=school, lifted_at=None).values_list("person_id", flat=True))
    # Concerns are a sibling stage: their rows are reached through the person, never imported.
    worried = set(
        Person.objects.filter(school=school, concerns__isnull=False, concerns__closed_at=None).values_list("pk", flat=True).distinct()
    )
    return tuple(
        _person(
            person,
            bases=bases[person.pk],
            addresses=_addresses(addresses[person.pk]),
            children=children,
            day=day,
            restricted=person.pk in restricted,
            concern=person.pk in worried,
        )
        for person in Person.objects.filter(school=school).order_by("pk")
    )


def _addresses(texts: Iterable[str]) -> frozenset[MailAddress]:
    return frozenset(address for text in texts if (address := _address(text)) is not None)


def _address(text: str) -> MailAddress | None:
    """An address that was stored; None for an e-mail whose sender could not be read."""
    try:
        return MailAddress.parse(text)
    except BadValue:
        return None


def _person(
    person: Person,
    *,
    bases: list[Basis],
    addresses: frozenset[MailAddress],
    children: dict[int, ChildFacts],
    day: date,
    restricted: bool,
    concern: bool,
) -> PersonFacts:
    now = [basis for basis in bases if basis.starts_on <= day and (basis.ends_on is None or basis.ends_on >= day)]
    theirs = {basis.pupil_id: children[basis.pupil_id] for basis in now or bases if basis.pupil_id in children}
    ended = [basis.ends_on for basis in bases if basis.ends_on is not None and basis.ends_on < day]
    return PersonFacts(
        pk=person.pk,
        given=person.given,
        family=person.family,
        previous_family=person.previous_family,
        addresses=addresses,
        children=tuple(theirs.values()),
        tie=_tie(now, children),
        current=bool(now),
        left_on="" if now or not ended else f"{max(ended).day} {max(ended):%B %Y}",
        restricted=restricted,
        concern=concern,
    )


def _tie(now: list[Basis], children: dict[int, ChildFacts]) -> str:
    """What links somebody to the school, in a few words: "Mother of Ada (Oak) and Ben (Elm)"."""
    shown = [
        f"{child.given} ({child.class_name})" if child.class_name else child.given
        for basis in now
        if basis.pupil_id is not None and (child := children.get(basis.pupil_id)) is not None
    ]
    if shown:
        relationship = next((basis.relationship for basis in now if basis.pupil_id is not None and basis.relationship), "parent or carer")
        more = f" and {len(shown) - _MOST_CHILDREN_SHOWN} more" if len(shown) > _MOST_CHILDREN_SHOWN else ""
        return f"{relationship[:1].upper()}{relationship[1:]} of {' and '.join(shown[:_MOST_CHILDREN_SHOWN])}{more}"
    return Basis.Kind(now[0].kind).label if now else ""


def _claims(school: School) -> tuple[ClaimFacts, ...]:
    own = set(school.school_accounts.values_list("handle", flat=True))
    readings: defaultdict[int, list[ReadingFacts]] = defaultdict(list)
    confirmed: defaultdict[int, set[str]] = defaultdict(set)
    passed_on = set(
        Claim.objects.filter(school=school, email__isnull=False, sender_address=F("email__forwarded_address"))
        .exclude(sender_address="")
        .exclude(sender_address=F("email__from_address"))
        .values_list("pk", flat=True)
    )
    for reading in ClaimReading.objects.filter(claim__school=school, claim__withdrawn_at=None).order_by("pk"):
        if reading.use != ClaimReading.Use.NOT_THIS and reading.handle not in own:
            chosen = reading.use == ClaimReading.Use.THIS
            typed = reading.rule in _TYPED_RULES
            answered = reading.rule == TYPED_THERE
            beside = stands_beside(reading.zone, reading.rule, own_forward=reading.claim_id in passed_on)
            read = ReadingFacts(reading.text_as_written, reading.handle, reading.repaired, chosen, typed, answered, beside)
            readings[reading.claim_id].append(read)
            if reading.rule == CONFIRMED and chosen and reading.handle is not None:
                confirmed[reading.claim_id].add(reading.handle)
    worried = set(
        Claim.objects.filter(school=school, email__concerns__isnull=False, email__concerns__closed_at=None).values_list("pk", flat=True)
    )
    held = set(PersonAddress.objects.filter(school=school, until=None).values_list("mailbox", flat=True))
    links = {link.claim_id: link for link in ClaimLink.objects.filter(claim__school=school, ended_at=None).select_related("by")}
    # That a family disowned a message speaks against its account, also when there is nothing left to do with the message itself.
    counts = Q(email__set_aside_at=None) | Q(disowned_at__isnull=False)
    live = Claim.objects.filter(counts, school=school, withdrawn_at=None).select_related("entered_by", "email")
    live = live.defer("note", "email__raw", "email__text", "email__zones")
    return tuple(
        _with_answer(
            _claim(claim, _chosen(readings[claim.pk]), links.get(claim.pk), concern=claim.pk in worried), claim, confirmed[claim.pk], held
        )
        for claim in live.order_by("pk")
    )


def _chosen(readings: list[ReadingFacts]) -> tuple[ReadingFacts, ...]:
    """Where a colleague said "use this", that reading alone counts."""
    return tuple(reading for reading in readings if reading.chosen) or tuple(readings)


def _claim(claim: Claim, readings: tuple[ReadingFacts, ...], link: ClaimLink | None, *, concern: bool) -> ClaimFacts:
    by_mail = claim.channel == Claim.Channel.EMAIL
    return ClaimFacts(
        pk=claim.pk,
        made_at=claim.made_at,
        readings=readings,
        sender=_address(claim.sender_address) if by_mail else None,
        sender_name=claim.sender_name,
        child_text=claim.child_text,
        class_text=claim.class_text,
        authenticity=_FORGED if claim.disowned_at is not None else claim.authenticity,
        told="" if by_mail else Claim.Channel(claim.channel).label,
        written_by=claim.entered_by.name if claim.entered_by is not None else "",
        concern=concern,
        disowned=claim.disowned_at is not None,
        aside=claim.email is not None and claim.email.set_aside_at is not None,
        linked=link.person_id if link is not None else None,
        linked_by=link.by.name if link is not None else "",
    )


def _with_answer(facts: ClaimFacts, claim: Claim, confirmed: set[str], held: set[str]) -> ClaimFacts:
    """A claim that was confirmed counts as a checked e-mail of the mailbox that confirmed it, if the school holds that mailbox.

    Only as long as the very name that was typed on the page is the one in use: a colleague may have corrected it since.
    """
    in_use = {reading.handle for reading in facts.readings if reading.chosen}
    address = _address(claim.confirmed_address)
    if claim.confirmed_at is None or address is None or facts.disowned or len(confirmed) != 1 or in_use != confirmed:
        return facts
    if address.mailbox not in held:
        return replace(facts, confirmed_elsewhere=claim.confirmed_at)
    (handle,) = confirmed
    typed_there = ReadingFacts(f"@{handle}", handle, chosen=True)
    return replace(
        facts,
        readings=(typed_there,),
        sender=address,
        came_from=facts.sender,
        authenticity="CHECKED",
        told="",
        confirmed_at=claim.confirmed_at,
    )


def _lookups(school: School) -> tuple[LookupFacts, ...]:
    rows = HandleLookup.objects.filter(school=school).order_by("pk")
    return tuple(LookupFacts(look.handle, look.asked_at, look.twitter_user_id, look.outcome == look.Outcome.SUSPENDED) for look in rows)


def _requests(school: School) -> tuple[RequestFacts, ...]:
    worried = set(
        TwitterProfile.objects.filter(school=school, concerns__isnull=False, concerns__closed_at=None).values_list("pk", flat=True)
    )
    rows = FollowRequest.objects.filter(school_account__school=school, ended_at=None).select_related("profile").order_by("pk")
    return tuple(
        RequestFacts(
            pk=row.pk,
            profile=row.profile_id,
            handle=row.profile.handle,
            user_id=row.profile.twitter_user_id,
            first_seen_at=row.first_seen_at,
            display_name=row.profile.display_name,
            bio=row.profile.bio,
            created_at=row.profile.account_created_at,
            handle_since=row.profile.handle_changed_at,
            previous_handle=row.profile.previous_handle,
            concern=row.profile_id in worried,
        )
        for row in rows
    )


def _approved(school: School) -> tuple[ApprovedFacts, ...]:
    rows = Identification.objects.filter(school=school).select_related("profile").order_by("pk")
    return tuple(
        ApprovedFacts(
            profile=row.profile_id,
            user_id=row.profile.twitter_user_id,
            handles=tuple(handle for handle in (row.profile.previous_handle, row.profile.handle) if handle),
            person=row.person_id,
            since=row.since,
            standing=row.until is None,
            away=_AWAY.get(row.profile.standing, ""),
        )
        for row in rows
    )
