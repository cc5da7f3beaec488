"""What vouches for a request: a claim that names it, an approval before, or nothing. Each ground carries the guards of its own message."""

from dataclasses import dataclass

from vetting.matching import answers, meant, renames
from vetting.matching import evidence as say
from vetting.matching.candidates import approvals_to_weigh, claims_to_weigh
from vetting.matching.facts import ClaimFacts, Facts, PersonFacts, ReadingFacts, RequestFacts
from vetting.matching.handles import likeness
from vetting.matching.households import fits_better, of_one_stranger, shows
from vetting.matching.imitations import account_exists, imitated_address, same_account
from vetting.matching.names import Fit, compare, compare_handle
from vetting.matching.ranking import account_bits, child_fit, linked_person, who_wrote
from vetting.matching.ties import Tie, tie_of
from vetting.matching.weights import CHILD_CONTRADICTS
from vetting.values import Evidence, Level

# From the best standing to the one that needs the most care. A guard may only move to the right.
_ORDER = (Level.STRONG, Level.LIKELY, Level.CHECK, Level.NONE, Level.IMPOSTOR, Level.HOLD)


def worse(one: Level, other: Level) -> Level:
    """The lower of two levels."""
    return max(one, other, key=_ORDER.index)


@dataclass(frozen=True)
class Finding:
    """A guard's word: the level may be no better than `ceiling`, because of `evidence`."""

    ceiling: Level
    evidence: Evidence


@dataclass(frozen=True)
class Ground:
    """One thing that vouches for a request, at the level its own guards left it.

    `named`: it is of exactly this account. `proven`: and it is a checked e-mail of somebody on the list, or an approval that stands.
    `mentioned`: it speaks of exactly this account in its sender's words, and not as their own.
    """

    level: Level
    claim: ClaimFacts | None
    person: PersonFacts | None
    support: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    named: bool = False
    proven: bool = False
    mentioned: bool = False


def holders_of(claim: ClaimFacts, facts: Facts) -> tuple[PersonFacts, ...]:
    """The people on the list whom the sender's mailbox reaches."""
    return facts.holders.get(claim.sender.mailbox, ()) if claim.sender is not None else ()


def grounds_for(request: RequestFacts, facts: Facts) -> list[Ground]:
    """Everything that vouches for a request, best first; what names this very account goes before any resemblance."""
    found = [ground for claim in claims_to_weigh(request, facts) if (ground := _from_claim(request, claim, facts)) is not None]
    found += _from_approval(request, facts)
    return sorted(found, key=lambda g: (not g.named, _ORDER.index(g.level), g.claim is None))


def _from_claim(request: RequestFacts, claim: ClaimFacts, facts: Facts) -> Ground | None:
    ties = [
        (reading, tie)
        for reading in claim.readings
        if reading.handle and (tie := tie_of(request, reading.handle, claim, facts)) is not None
    ]
    if ties:
        reading, tie = min(
            ties,
            key=lambda pair: (
                not pair[0].claimed,
                list(Tie).index(pair[1]),
                not pair[0].verbatim,
                pair[0].handle or "",
                pair[0].text,
            ),
        )
        return _named(request, claim, reading, tie, facts)
    return _resembling(request, claim, facts)


def _named(request: RequestFacts, claim: ClaimFacts, reading: ReadingFacts, tie: Tie, facts: Facts) -> Ground:
    holders = holders_of(claim, facts)
    person = _person_meant(request, claim, holders)
    account = [*_account_findings(request, claim, reading, tie, facts), *_several_names(request, claim, reading, person)]
    sender = [*_sender_findings(request, claim, holders, person, facts), *_link_findings(claim, holders, person, facts)]
    support = (*_support(request, claim, reading, tie, person), *_link_support(claim, holders, facts))
    ceilings = [finding.ceiling for finding in (*account, *sender)]
    level = Level.STRONG
    for ceiling in ceilings:
        level = worse(level, ceiling)
    person_meant = next((facts.person[f.evidence.facts["person"]] for f in sender if f.evidence.code == "ANOTHER_IN_HOUSEHOLD"), person)
    tied = tie in (Tie.BOUND, Tie.RENAMED)
    return Ground(
        level=level,
        claim=claim,
        person=person_meant,
        support=support,
        findings=(*account, *sender),
        named=reading.claimed,
        mentioned=reading.mentioned and not reading.claimed,
        proven=tied and reading.verbatim and reading.claimed and not reading.answered and bool(holders) and claim.by_mail and claim.checked,
    )


def _person_meant(request: RequestFacts, claim: ClaimFacts, holders: tuple[PersonFacts, ...]) -> PersonFacts | None:
    """Among the people of a mailbox, the one whom the account and the signature fit best."""
    if not holders:
        return None
    return max(holders, key=lambda p: (account_bits(request, p) + 2 * compare(claim.sender_name, p.keys), -p.pk))


def _support(request: RequestFacts, claim: ClaimFacts, reading: ReadingFacts, tie: Tie, person: PersonFacts | None) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    if person is not None and claim.confirmed_at is not None:
        found.append(answers.confirmed(person, claim, request))
    elif person is not None and claim.checked and tie is Tie.BOUND and reading.verbatim:
        found.append(say.bound(person, claim, request))
    found += _fitting(request, claim, person)
    return tuple(found) or (say.named_by(request),)


def _fitting(request: RequestFacts, claim: ClaimFacts, person: PersonFacts | None) -> list[Evidence]:
    """What fits the person, whichever account is meant."""
    if person is None:
        return []
    found = [say.sender_on_list(person)] if claim.by_mail and claim.checked and claim.confirmed_at is None else []
    if child := child_fit(claim, person)[1]:
        found.append(say.child_named(person, child))
    if compare(request.display_name, person.keys) >= Fit.INITIAL:
        found.append(say.name_shown(request, person))
    return found


def _account_findings(request: RequestFacts, claim: ClaimFacts, reading: ReadingFacts, tie: Tie, facts: Facts) -> list[Finding]:
    """Guards G1 to G3 and G10: which account was meant."""
    handle = reading.handle or request.handle
    found: list[Finding] = []
    if tie is Tie.NUMBER_UNKNOWN:
        found.append(Finding(Level.CHECK, say.number_unknown(request)))
    elif tie is Tie.ANOTHER:
        found.append(Finding(Level.IMPOSTOR, renames.another_account(handle, claim)))
    elif tie is Tie.NONE_THEN:
        found.append(Finding(Level.CHECK, renames.none_then(handle)))
    elif tie is Tie.SUSPENDED_THEN:
        found.append(Finding(Level.CHECK, renames.suspended_then(handle)))
    elif tie is Tie.MOVED:
        found.append(Finding(Level.CHECK, renames.moved_since(handle)))
    elif tie is Tie.LATE:
        late = next(look for look in facts.lookups_of[handle] if look.asked_at >= claim.made_at and look.user_id is not None)
        found.append(Finding(Level.CHECK, say.looked_up_late(handle, late.asked_at)))
    elif tie is Tie.NOT_LOOKED_UP:
        found.append(Finding(Level.CHECK, say.not_looked_up(handle)))
    elif tie is Tie.RENAMED:
        found.append(Finding(Level.LIKELY, renames.renamed(request, handle)))
        if _is_anothers_now(handle, request, facts):
            found.append(Finding(Level.LIKELY, renames.name_taken_since(handle)))
    if tie not in (Tie.BOUND, Tie.RENAMED) and _was_called_otherwise(request, claim):
        found.append(Finding(Level.CHECK, renames.called_otherwise(request, request.handle_since or claim.made_at)))
    if request.born is not None and request.born > claim.made_at:
        found.append(Finding(Level.IMPOSTOR, say.younger(request, request.born)))
    return found + _reading_findings(claim, reading, tie, handle)


def _is_anothers_now(handle: str, request: RequestFacts, facts: Facts) -> bool:
    """Whether the name this account had is another's by now: one that asks under it, or the last look-up's."""
    held = [look.user_id for look in facts.lookups_of.get(handle, ()) if look.user_id is not None]
    asking = any(other.user_id not in (None, request.user_id) for other in facts.requests_by_handle.get(handle, ()))
    return asking or (bool(held) and held[-1] != request.user_id)


def _was_called_otherwise(request: RequestFacts, claim: ClaimFacts) -> bool:
    return bool(request.previous_handle) and request.handle_since is not None and request.handle_since > claim.made_at


def _reading_findings(claim: ClaimFacts, reading: ReadingFacts, tie: Tie, handle: str) -> list[Finding]:
    """Guard G3: how the name came to be read."""
    found: list[Finding] = []
    if not reading.claimed:
        found.append(Finding(Level.CHECK, meant.named_beside(handle)))
    if not reading.verbatim:
        chosen = reading.chosen and tie in (Tie.BOUND, Tie.RENAMED)
        said = say.read_from_text(reading.text, handle) if chosen else say.guessed(reading.text, handle)
        found.append(Finding(Level.LIKELY if chosen else Level.CHECK, said))
    elif reading.typed and claim.by_mail:
        found.append(Finding(Level.LIKELY, say.typed(handle)))
    elif reading.answered and reading.chosen:
        found.append(Finding(Level.LIKELY, answers.typed_on_page(handle)))
    elif reading.repaired:
        found.append(Finding(Level.LIKELY, say.read_from_text(reading.text, handle)))
    return found


def _several_names(request: RequestFacts, claim: ClaimFacts, reading: ReadingFacts, person: PersonFacts | None) -> list[Finding]:
    """Of several names in one message each may be the sender's. One that carries nothing of the sender's name may be anybody's."""
    if reading.chosen or len({r.handle for r in claim.readings if r.verbatim and r.claimed}) < 2:
        return []
    carries = (
        person is not None and max(compare(request.display_name, person.keys), compare_handle(request.handle, person.keys)) > Fit.ABSENT
    )
    return [Finding(Level.LIKELY if carries else Level.CHECK, meant.several_names(claim))]


def _sender_findings(
    request: RequestFacts, claim: ClaimFacts, holders: tuple[PersonFacts, ...], person: PersonFacts | None, facts: Facts
) -> list[Finding]:
    """Guards G4, G5, G6 and G12: who sent it, and what the school knows of everybody with that mailbox."""
    found = _answers(claim)
    if not claim.by_mail:
        return [*found, Finding(Level.CHECK, say.told(claim, request))]
    for address in (claim.sender, claim.came_from):
        if address is not None and (like := imitated_address(address, facts)):
            return [*found, Finding(Level.IMPOSTOR, say.imitated_address(claim, address, like))]
    if person is None:
        return [*found, Finding(Level.CHECK, say.sender_unknown(claim, request))]
    if claim.suspicious:
        found.append(Finding(Level.IMPOSTOR, say.forged(person)))
    elif not claim.checked:
        found.append(Finding(Level.CHECK, say.not_checked(person)))
    left = [holder for holder in holders if not holder.current]
    if len(left) == len(holders):
        found.append(Finding(Level.HOLD, say.leaver(person)))
    elif left:
        found.append(Finding(Level.CHECK, say.shared_with_leaver(left[0])))
    if len(holders) > 1:
        found.append(Finding(Level.LIKELY, say.shared_mailbox(holders)))
    found += _meant_for_another(request, claim, person, facts)
    if child_fit(claim, person)[0] == CHILD_CONTRADICTS and not any(child_fit(claim, holder)[1] for holder in holders):
        found.append(Finding(Level.LIKELY, say.other_child(claim, person)))
    others = [a for a in facts.approvals_of_person.get(person.pk, ()) if not same_account(a, request)]
    if others:
        found.append(Finding(Level.LIKELY, renames.has_another(person, others[0].handles[-1], others[0].away)))
    return found


def _answers(claim: ClaimFacts) -> list[Finding]:
    """What came back from a link to confirm, where it does not vouch: not me, another name, a mailbox that is not on the list."""
    found = []
    if claim.disowned:
        found.append(Finding(Level.IMPOSTOR, answers.disowned(claim)))
    if claim.another_name:
        found.append(Finding(Level.CHECK, answers.another_name_typed(claim)))
    if claim.confirmed_elsewhere is not None:
        found.append(Finding(Level.CHECK, answers.confirmed_elsewhere(claim)))
    return found


def _link_findings(claim: ClaimFacts, holders: tuple[PersonFacts, ...], person: PersonFacts | None, facts: Facts) -> list[Finding]:
    """What a colleague's word about the sender takes away; it never adds anything, since an impostor may have misled them."""
    linked = linked_person(claim, facts)
    if linked is None:
        return []
    if not linked.current:
        return [Finding(Level.HOLD, say.leaver(linked))]
    if holders and linked not in holders:
        return [Finding(Level.CHECK, say.linked_otherwise(claim, linked, holders[0]))]
    # In a shared mailbox the guards looked at whom the words fit best; for somebody else they would have to look again.
    return [Finding(Level.CHECK, say.linked(claim, linked))] if person is not None and linked != person else []


def _link_support(claim: ClaimFacts, holders: tuple[PersonFacts, ...], facts: Facts) -> tuple[Evidence, ...]:
    linked = linked_person(claim, facts)
    return () if linked is None or (holders and linked not in holders) else (say.linked(claim, linked),)


def _meant_for_another(request: RequestFacts, claim: ClaimFacts, person: PersonFacts, facts: Facts) -> list[Finding]:
    """The account looks like another person's of the household, or the message is signed by somebody else on the list."""
    for pk in sorted(facts.households[person.pk] - {person.pk}):
        if fits_better(request, facts.person[pk], person):
            return [Finding(Level.CHECK, say.other_in_household(person, facts.person[pk]))]
    if compare(claim.sender_name, person.keys) <= Fit.ABSENT:
        ranked = [c.person for c in who_wrote(claim, facts) if c.person.pk not in facts.households[person.pk]]
        if any(compare(claim.sender_name, other.keys) is Fit.FULL for other in ranked):
            return [Finding(Level.CHECK, say.signed_as_other(claim, person))]
    if of_one_stranger(request, claim, facts.holders[claim.sender.mailbox] if claim.sender is not None else ()):
        return [Finding(Level.CHECK, say.signed_as_other(claim, person))]
    return []


def _resembling(request: RequestFacts, claim: ClaimFacts, facts: Facts) -> Ground | None:
    """The message names no account that exists, and this one is a slip away or shows the sender's name: worth a look, never more."""
    if any(r.handle and account_exists(r.handle, request, facts) for r in claim.readings):
        return None
    holders = holders_of(claim, facts)
    person = next(iter(holders), None)
    linked = linked_person(claim, facts)
    found: list[Finding] = []
    for reading in sorted(claim.readings, key=lambda r: (r.handle or "", r.text)):
        if reading.handle and (like := likeness(request.handle, reading.handle)):
            found.append(Finding(Level.CHECK, say.slip(request, reading.handle, like.words)))
            break
    if not found:
        if claim.suspicious:
            return None
        if person is not None and claim.readings and shows(request, person):
            found.append(Finding(Level.CHECK, say.wrong_name(request, person, claim.readings[0].text)))
        elif linked is not None and shows(request, linked):
            found.append(Finding(Level.CHECK, say.linked_and_named(claim, linked, request)))
        else:
            return None
    if request.born is not None and request.born > claim.made_at:
        found.append(Finding(Level.IMPOSTOR, say.younger(request, request.born)))
    found += [*_sender_findings(request, claim, holders, person, facts), *_link_findings(claim, holders, person, facts)]
    level = Level.CHECK
    for finding in found:
        level = worse(level, finding.ceiling)
    support = (*_fitting(request, claim, person), *_link_support(claim, holders, facts))
    return Ground(level, claim, person, support, tuple(found))


def _from_approval(request: RequestFacts, facts: Facts) -> list[Ground]:
    """An account approved before, by its number. Approved once and ended since: a look."""
    weighed = (a for a in approvals_to_weigh(request, facts) if same_account(a, request))
    known = sorted(weighed, key=lambda a: (not a.standing, -a.since.timestamp(), a.person))
    if not known:
        return []
    last = known[0]
    person = facts.person.get(last.person)
    if person is None:
        return []
    found: list[Finding] = []
    if not last.standing:
        found.append(Finding(Level.CHECK, say.approval_ended(person)))
    if request.user_id is None:
        found.append(Finding(Level.CHECK, say.number_unknown(request)))
    if last.by_word:
        found.append(Finding(Level.CHECK, meant.said_by_a_colleague(person)))
    if request.born is not None and request.born > last.since:
        # Approved by its name alone: whoever took the name afterwards is somebody else.
        found.append(Finding(Level.IMPOSTOR, meant.made_since_approval(request)))
    if not person.current:
        found.append(Finding(Level.HOLD, say.leaver(person)))
    if request.handle_since is not None and request.handle_since > last.since:
        fit = max(compare(request.display_name, person.keys), compare_handle(request.handle, person.keys))
        another = compare(request.display_name, person.keys) is Fit.CONTRADICTS and fit < Fit.INITIAL
        if fit <= Fit.ABSENT or another:
            found.append(Finding(Level.CHECK, say.changed_since_approval(person, last.handles[-1])))
    elif compare(request.display_name, person.keys) is Fit.CONTRADICTS and compare_handle(request.handle, person.keys) is Fit.ABSENT:
        found.append(Finding(Level.CHECK, meant.shows_another_name(request, person)))
    level = Level.LIKELY
    for finding in found:
        level = worse(level, finding.ceiling)
    return [
        Ground(
            level,
            None,
            person,
            (say.approved_before(person, last.since),),
            tuple(found),
            named=True,
            proven=last.standing and not last.by_word,
        )
    ]
