"""The guards that look at a request as a whole: safeguarding, competitors, imitations. Each may only lower."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vetting.matching import alphabets, meant, names, renames, young
from vetting.matching import evidence as say
from vetting.matching.candidates import family_accounts_like, family_accounts_of, people_in_words, people_named_in, pupil_in_handle
from vetting.matching.facts import ClaimFacts, Facts, FamilyAccount, PersonFacts, RequestFacts
from vetting.matching.grounds import Finding, Ground, holders_of
from vetting.matching.handles import SHORT, likeness
from vetting.matching.imitations import (
    account_exists,
    has_an_unknown_namesake,
    is_older_twin,
    is_theirs,
    older_twin,
    same_account,
    shown_fit,
    shows_somebody_else,
)
from vetting.matching.names import Fit, compare
from vetting.matching.ranking import linked_person
from vetting.matching.ties import tie_of
from vetting.values import Evidence, Level


@dataclass(frozen=True)
class Case:
    """One request with everything said for it, as the guards see it."""

    request: RequestFacts
    facts: Facts
    best: Ground
    grounds: tuple[Ground, ...]

    @property
    def vouched(self) -> bool:
        """A checked e-mail of somebody on the list names this account, even if nobody looked it up in time."""
        return any(
            ground.named and ground.claim is not None and ground.claim.checked and ground.person is not None
            for ground in self.grounds
            if ground.level in (Level.STRONG, Level.LIKELY, Level.CHECK)
        )

    @property
    def proven(self) -> bool:
        """Something other than resemblance ties this account to a person."""
        return any(ground.proven for ground in self.grounds)

    def people(self) -> list[PersonFacts]:
        """Everybody this request may concern: senders' whole mailboxes and households, approved people, whoever the account names."""
        found: set[int] = set()
        for ground in self.grounds:
            if ground.person is not None:
                found |= self.facts.households[ground.person.pk]
            if ground.claim is not None:
                for holder in holders_of(ground.claim, self.facts):
                    found |= self.facts.households[holder.pk]
                if (linked := linked_person(ground.claim, self.facts)) is not None:
                    found |= self.facts.households[linked.pk]
        return [self.facts.person[pk] for pk in sorted(found)]


Guard = Callable[[Case], Iterator[Finding]]


def safeguarding(case: Case) -> Iterator[Finding]:
    """G5, G6: a restriction or an open concern anywhere near goes to the lead, who alone is told why."""
    named = people_in_words(case.request.display_name, case.facts)
    shown = [p for p in named if p.restricted and compare(case.request.display_name, p.keys) is Fit.FULL]
    told = [
        p
        for ground in case.grounds
        if ground.claim is not None and not holders_of(ground.claim, case.facts)
        for p in people_named_in(ground.claim.sender_name, case.facts)
        if p.restricted and compare(ground.claim.sender_name, p.keys) is Fit.FULL
    ]
    near = any(person.restricted or person.concern for person in case.people())
    written = any(ground.claim is not None and ground.claim.concern for ground in case.grounds)
    if shown or told or near or written or case.request.concern:
        yield Finding(Level.HOLD, say.needs_lead())


def a_child(case: Case) -> Iterator[Finding]:
    """A pupil's whole name, or words that a child under 13 writes."""
    whole = "".join(names.words(case.request.display_name))
    if whole in case.facts.pupils_by_name or pupil_in_handle(case.request, case.facts):
        yield Finding(Level.HOLD, say.pupil_name())
    if young.young_words(f"{case.request.display_name}. {case.request.bio}", case.request.first_seen_at.year) is not None:
        yield Finding(Level.HOLD, young.words_found())
    for ground in case.grounds:
        if ground.claim is not None and (ground.named or ground is case.best):
            yield from (Finding(Level.HOLD, said) for said in _from_a_child(ground.claim, case.facts))


def _from_a_child(claim: ClaimFacts, facts: Facts) -> Iterator[Evidence]:
    """A message for this account from a pupil's address, from the school's own without a person, or in a pupil's name."""
    listed = bool(holders_of(claim, facts))
    if claim.sender is not None and young.is_under(claim.sender, facts.pupil_domains):
        yield young.pupil_address(claim.sender)
    elif claim.sender is not None and not listed and young.is_under(claim.sender, facts.own_domains):
        yield young.own_address()
    if not listed and "".join(names.words(claim.sender_name)) in facts.pupils_by_name:
        yield young.pupil_signed()


def competing_senders(case: Case) -> Iterator[Finding]:
    """G8, G14: another message for the same account, not a checked one of the same household."""
    home = _household(case.best, case.facts)
    if case.best.named:
        yield from _against_messages(case, home)
    yield from _against_approval(case, home)
    yield from _against_others(case)


def _against_messages(case: Case, home: set[int]) -> Iterator[Finding]:
    best = case.best
    for other in case.grounds:
        if other is best or other.claim is None or not (other.named or other.mentioned) or other.claim.aside:
            continue
        at_home = bool(home & {holder.pk for holder in holders_of(other.claim, case.facts)})
        if other.mentioned:
            if not at_home and not _same_sender(best.claim, other.claim):
                yield Finding(Level.CHECK, meant.also_mentioned(other.claim))
        elif not other.claim.by_mail:
            if best.person is not None and compare(other.claim.sender_name, best.person.keys) <= Fit.ABSENT:
                yield Finding(Level.CHECK, say.also_told(other.claim))
        elif at_home:
            if not other.claim.checked:
                yield Finding(Level.CHECK, say.second_unchecked(other.claim))
        elif not _same_sender(best.claim, other.claim):
            yield Finding(Level.HOLD, say.two_senders(_who(best, case.facts), _who(other, case.facts)))


def _against_approval(case: Case, home: set[int]) -> Iterator[Finding]:
    """The account was approved as somebody else, or as somebody who has since left, whoever writes of it now."""
    for ground in case.grounds:
        if ground is case.best or ground.claim is not None or ground.person is None:
            continue
        if ground.proven and ground.person.pk not in home:
            yield Finding(Level.HOLD, say.approved_as_other(ground.person))
        if not ground.person.current:
            yield Finding(Level.HOLD, say.leaver(ground.person))


def _against_others(case: Case) -> Iterator[Finding]:
    """What made an earlier message an imitation is not undone by writing again, unless the new one proves more."""
    if case.best.proven:
        return
    for ground in case.grounds:
        if ground is not case.best and ground.claim is not None:
            yield from (finding for finding in ground.findings if finding.ceiling in (Level.IMPOSTOR, Level.HOLD))


def _household(ground: Ground, facts: Facts) -> set[int]:
    people = holders_of(ground.claim, facts) if ground.claim is not None else ()
    start = [*people, *([ground.person] if ground.person is not None else [])]
    return {pk for person in start for pk in facts.households[person.pk]}


def _same_sender(one: ClaimFacts | None, other: ClaimFacts) -> bool:
    return one is not None and one.sender is not None and other.sender is not None and one.sender.mailbox == other.sender.mailbox


def _who(ground: Ground, facts: Facts) -> str:
    """A sender in a few words: the person on the list, or the name given with "not on the list"."""
    if ground.claim is None:
        return ground.person.name if ground.person is not None else "somebody"
    holder = next(iter(holders_of(ground.claim, facts)), None)
    return holder.name if holder is not None else f"{ground.claim.sender_name[:18] or 'somebody'} (not listed)"


def taken_over(case: Case) -> Iterator[Finding]:
    """G9: the handle of an approved account, now held by another number."""
    for approved in case.facts.approvals_by_handle.get(case.request.handle, ()):
        if case.request.user_id is not None and approved.user_id is not None and approved.user_id != case.request.user_id:
            yield Finding(Level.IMPOSTOR, renames.recycled(case.request.handle, case.facts.person.get(approved.person)))
            return


def mixed_alphabets(case: Case) -> Iterator[Finding]:
    """G11: one word in two alphabets."""
    if alphabets.mixes_alphabets(case.request.display_name):
        yield Finding(Level.IMPOSTOR, say.mixed_alphabets(case.request))


def looks_like_another(case: Case) -> Iterator[Finding]:
    """G7, G13: a handle made to look like one that exists; short ones need the name as well. What is vouched for is no imitation."""
    if case.proven or case.vouched:
        return
    for account in family_accounts_like(case.request, case.facts):
        like = likeness(case.request.handle, account.handle)
        if like is None or not _is_another(account, case):
            continue
        person = case.facts.person[account.person]
        if len(account.handle) <= SHORT and shown_fit(case.request, person) < Fit.INITIAL:
            continue
        by_chance = shows_somebody_else(case.request, person, case.facts) or _came_before(case, account, person)
        yield Finding(Level.CHECK if by_chance else Level.IMPOSTOR, say.look_alike(case.request, account.handle, like.words))


def _came_before(case: Case, account: FamilyAccount, person: PersonFacts) -> bool:
    """The account of the message is the newer one of two that look alike."""
    return any(is_older_twin(case.request, other, person) for other in case.facts.requests_by_handle.get(account.handle, ()))


def newer_of_two(case: Case) -> Iterator[Finding]:
    """G7, G10: whoever lay in wait for a slip is named by it. Where an older account a slip away asks as well, the family says which."""
    if case.best.claim is None or not case.best.proven or case.best.person is None:
        return
    other = older_twin(case.request, case.best.person, case.facts)
    if other is not None:
        yield Finding(Level.CHECK, meant.older_twin(case.request, other))
        return


def copied_name(case: Case) -> Iterator[Finding]:
    """G7: the name of somebody whose own account is known and is another one."""
    if case.proven or case.vouched:
        return
    shown = alphabets.by_eye(case.request.display_name)
    named = {p.pk: p for text in (case.request.display_name, shown) for p in people_named_in(text, case.facts)}
    for account in family_accounts_of(named.values(), case.facts):
        if account.handle == case.request.handle:
            continue
        person = case.facts.person[account.person]
        if shown_fit(case.request, person) is Fit.FULL and is_theirs(account, case.facts) and _is_another(account, case):
            by_birth = has_an_unknown_namesake(case.request, person, case.facts) or _came_before(case, account, person)
            yield Finding(Level.CHECK if by_birth else Level.IMPOSTOR, say.copied_name(case.request, person, account.handle))
            return


def _is_another(account: FamilyAccount, case: Case) -> bool:
    """The family's account exists and is not the one that asks, renamed or approved."""
    if (
        account.claim is not None
        and account.handle != case.request.handle
        and tie_of(case.request, account.handle, account.claim, case.facts)
    ):
        return False
    if account.approved is not None and same_account(account.approved, case.request):
        return False
    return account_exists(account.handle, case.request, case.facts)


REQUEST_GUARDS: tuple[Guard, ...] = (
    safeguarding,
    a_child,
    competing_senders,
    taken_over,
    mixed_alphabets,
    looks_like_another,
    newer_of_two,
    copied_name,
)
