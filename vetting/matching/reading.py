"""A school's rows from the database: all of them in a constant number of queries, or only those that changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q

from vetting.identities.models import Identification
from vetting.intake.confirming import CONFIRMED, TYPED_THERE
from vetting.intake.models import Claim, ClaimReading
from vetting.intake.parsing import is_mentioned, stands_beside
from vetting.matching.facts import ApprovedFacts, ChildFacts, ClaimFacts, LookupFacts, ReadingFacts, RequestFacts
from vetting.matching.models import ClaimLink
from vetting.matching.rows import BasisRow, ClaimRow, PersonRow, PupilRow, Rules, SchoolRows, with_rows
from vetting.matching.young import domains_in
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction
from vetting.school.changes import Changed, What
from vetting.school.models import School
from vetting.school.queries import policies
from vetting.twitter.models import FollowRequest, HandleLookup, TwitterProfile
from vetting.values import BadValue, MailAddress

_TYPED_RULES = ("by hand", "corrected")
_FORGED = "SUSPICIOUS"
_AWAY: dict[str, str] = {TwitterProfile.Standing.SUSPENDED: "suspended", TwitterProfile.Standing.GONE: "gone"}
_ALL = Q()
_OF_CLAIMS = (
    "channel",
    "made_at",
    "sender_address",
    "sender_name",
    "child_text",
    "class_text",
    "authenticity",
    "disowned_at",
    "confirmed_at",
    "confirmed_address",
    "entered_by__name",
    "email__set_aside_at",
)


@dataclass(frozen=True)
class Named:
    """Which rows a stretch of the log names, by kind."""

    keys: Mapping[What, frozenset[int]] = field(default_factory=dict)
    rules: bool = False

    def of(self, what: What) -> frozenset[int]:
        return self.keys.get(what, frozenset())


def named_in(changes: Iterable[Changed]) -> Named | None:
    """None where everything counts as changed."""
    keys: defaultdict[What, set[int]] = defaultdict(set)
    rules = False
    for change in changes:
        if change.what is What.EVERYTHING:
            return None
        rules = rules or change.what is What.RULES
        if change.key is not None:
            keys[change.what].add(change.key)
    return Named({what: frozenset(found) for what, found in keys.items()}, rules)


def read_rows(*, school: School) -> SchoolRows:
    """Everything matching depends on, as it stands."""
    return SchoolRows(
        people=_people(school, _ALL),
        pupils=_pupils(school, _ALL),
        claims=_claims(school, _ALL),
        lookups=_lookups(school, _ALL),
        requests=_requests(school, _ALL),
        approved=_approved(school, _ALL),
        rules=_rules(school),
    )


def read_changed_rows(*, school: School, was: SchoolRows, named: Named) -> SchoolRows:
    """The rows as they stood, with those named read anew."""
    people, pupils, looks, profiles = (set(named.of(what)) for what in (What.PERSON, What.PUPIL, What.LOOKUP, What.PROFILE))
    asking, known = _of_profiles(was.requests, profiles), _of_profiles(was.approved, profiles)
    return SchoolRows(
        people=with_rows(was.people, _people(school, Q(pk__in=people)), people) if people else was.people,
        pupils=with_rows(was.pupils, _pupils(school, Q(pk__in=pupils)), pupils) if pupils else was.pupils,
        claims=_changed_claims(school, was.claims, named),
        lookups=with_rows(was.lookups, _lookups(school, Q(pk__in=looks)), looks) if looks else was.lookups,
        requests=with_rows(was.requests, _requests(school, Q(profile__in=profiles)), asking) if profiles else was.requests,
        approved=with_rows(was.approved, _approved(school, Q(profile__in=profiles)), known) if profiles else was.approved,
        rules=_rules(school) if named.rules else was.rules,
    )


def _of_profiles(rows: Mapping[int, RequestFacts] | Mapping[int, ApprovedFacts], profiles: Collection[int]) -> set[int]:
    return {pk for pk, row in rows.items() if row.profile in profiles}


def _changed_claims(school: School, was: Mapping[int, ClaimRow], named: Named) -> Mapping[int, ClaimRow]:
    claims, emails = set(named.of(What.CLAIM)), named.of(What.EMAIL)
    if emails:
        claims |= set(Claim.objects.filter(school=school, email__in=emails).values_list("pk", flat=True))
    return with_rows(was, _claims(school, Q(pk__in=claims)), claims) if claims else was


def _rules(school: School) -> Rules:
    set_now = policies(school)
    return Rules(
        lookup_within=timedelta(hours=set_now["lookup_within_hours"]),
        pupil_domains=domains_in(set_now["pupil_mail_domains"]),
        own_domains=domains_in(set_now["own_mail_domains"]),
    )


def _pupils(school: School, which: Q) -> dict[int, PupilRow]:
    rows = Pupil.objects.filter(which, school=school)
    return {p.pk: PupilRow(ChildFacts(p.pk, p.given, p.family, p.class_name), p.left_on is None) for p in rows}


def _people(school: School, which: Q) -> dict[int, PersonRow]:
    found = {person.pk: person for person in Person.objects.filter(which, school=school)}
    these = Q() if which == _ALL else Q(person__in=list(found))
    bases: defaultdict[int, list[BasisRow]] = defaultdict(list)
    for basis in Basis.objects.filter(these, person__school=school).order_by("starts_on", "pk"):
        row = BasisRow(Basis.Kind(basis.kind).label, basis.pupil_id, basis.relationship, basis.starts_on, basis.ends_on)
        bases[basis.person_id].append(row)
    addresses: defaultdict[int, list[str]] = defaultdict(list)
    for held in PersonAddress.objects.filter(these, school=school, until=None):
        addresses[held.person_id].append(held.address)
    restricted = set(Restriction.objects.filter(these, school=school, lifted_at=None).values_list("person_id", flat=True))
    # Concerns are a sibling stage: their rows are reached through the person, never imported.
    worried = Person.objects.filter(which, school=school, concerns__isnull=False, concerns__closed_at=None).values_list("pk", flat=True)
    concerned = set(worried)
    return {
        person.pk: PersonRow(
            pk=person.pk,
            given=person.given,
            family=person.family,
            previous_family=person.previous_family,
            bases=tuple(bases[person.pk]),
            addresses=_addresses(addresses[person.pk]),
            restricted=person.pk in restricted,
            concern=person.pk in concerned,
        )
        for person in found.values()
    }


def _addresses(texts: Iterable[str]) -> frozenset[MailAddress]:
    return frozenset(address for text in texts if (address := _address(text)) is not None)


def _address(text: str) -> MailAddress | None:
    """An address that was stored; None for an e-mail whose sender could not be read."""
    try:
        return MailAddress.parse(text)
    except BadValue:
        return None


def _claims(school: School, which: Q) -> dict[int, ClaimRow]:
    these = Q() if which == _ALL else Q(claim__in=Claim.objects.filter(which).values("pk"))
    readings, typed = _readings(school, these)
    links = {link.claim_id: link for link in ClaimLink.objects.filter(these, claim__school=school, ended_at=None).select_related("by")}
    # That a family disowned a message speaks against its account, also when there is nothing left to do with the message itself.
    counts = Q(email__set_aside_at=None) | Q(disowned_at__isnull=False)
    worried = Claim.objects.filter(pk=OuterRef("pk"), email__concerns__isnull=False, email__concerns__closed_at=None)
    live = Claim.objects.filter(which, counts, school=school, withdrawn_at=None).annotate(concern=Exists(worried))
    live = live.select_related("entered_by", "email").only(*_OF_CLAIMS)
    return {
        claim.pk: ClaimRow(
            _claim(claim, _chosen(readings[claim.pk]), links.get(claim.pk), concern=claim.concern),
            frozenset(typed[claim.pk]),
            claim.confirmed_at,
            _address(claim.confirmed_address),
        )
        for claim in live
    }


def _readings(school: School, which: Q) -> tuple[Mapping[int, list[ReadingFacts]], Mapping[int, set[str]]]:
    """The names read in each claim, without the school's own; and those that were typed on the confirmation page and stand."""
    own = set(school.school_accounts.values_list("handle", flat=True))
    readings: defaultdict[int, list[ReadingFacts]] = defaultdict(list)
    typed: defaultdict[int, set[str]] = defaultdict(set)
    rows = ClaimReading.objects.filter(which, claim__school=school, claim__withdrawn_at=None).annotate(
        sender=F("claim__sender_address"), carrier=F("claim__email__from_address"), inner=F("claim__email__forwarded_address")
    )
    for reading in rows.order_by("pk"):
        if reading.use != ClaimReading.Use.NOT_THIS and reading.handle not in own:
            chosen = reading.use == ClaimReading.Use.THIS
            by_colleague = reading.rule in _TYPED_RULES
            answered = reading.rule == TYPED_THERE
            # Where a colleague passed a message on, the claim is the inner sender's.
            passed_on = bool(reading.sender) and reading.sender == reading.inner and reading.sender != reading.carrier
            readings[reading.claim_id].append(
                ReadingFacts(
                    text=reading.text_as_written,
                    handle=reading.handle,
                    repaired=reading.repaired,
                    chosen=chosen,
                    typed=by_colleague,
                    answered=answered,
                    beside=stands_beside(reading.zone, reading.rule, own_forward=passed_on),
                    mentioned=is_mentioned(reading.zone, reading.rule, own_forward=passed_on),
                )
            )
            if reading.rule == CONFIRMED and chosen and reading.handle is not None:
                typed[reading.claim_id].add(reading.handle)
    return readings, typed


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


def _lookups(school: School, which: Q) -> dict[int, LookupFacts]:
    rows = HandleLookup.objects.filter(which, school=school)
    return {look.pk: LookupFacts(look.handle, look.asked_at, look.twitter_user_id, look.outcome == look.Outcome.SUSPENDED) for look in rows}


def _requests(school: School, which: Q) -> dict[int, RequestFacts]:
    rows = FollowRequest.objects.filter(which, school_account__school=school, ended_at=None).select_related("profile")
    these = Q() if which == _ALL else Q(pk__in=[row.profile_id for row in rows])
    worried = TwitterProfile.objects.filter(these, school=school, concerns__isnull=False, concerns__closed_at=None)
    concerned = set(worried.values_list("pk", flat=True))
    return {
        row.pk: RequestFacts(
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
            concern=row.profile_id in concerned,
        )
        for row in rows
    }


def _approved(school: School, which: Q) -> dict[int, ApprovedFacts]:
    rows = Identification.objects.filter(which, school=school).select_related("profile")
    return {
        row.pk: ApprovedFacts(
            profile=row.profile_id,
            user_id=row.profile.twitter_user_id,
            handles=tuple(handle for handle in (row.profile.previous_handle, row.profile.handle) if handle),
            person=row.person_id,
            since=row.since,
            standing=row.until is None,
            away=_AWAY.get(row.profile.standing, ""),
            by_word=row.decision_id is None,
        )
        for row in rows
    }
