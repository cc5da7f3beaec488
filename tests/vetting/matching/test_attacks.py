"""Attacks that somebody outside may try. Each has its sentence; none is offered for approval."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.given_matching import (
    ADA,
    DANA,
    KIERAN,
    MAIL_CAME,
    OTHERS,
    RAVI,
    TOM,
    a_school,
    approved,
    asks,
    looked_up,
    mail,
    number_made,
    opinion_of,
)
from vetting.matching.facts import Facts, PersonFacts, ReadingFacts
from vetting.values import Level, MailAddress

YOUNG = number_made(MAIL_CAME + timedelta(days=3))
HOME = frozenset({MailAddress("hills@brightwork.example")})
STRANGER = "sam.stranger@gmail.com"


def unnamed(handle: str, number: str = OTHERS, **changes: object) -> Facts:
    """Dana's own account is known and asks too; a second request comes from somebody nobody named."""
    return a_school(requests=(asks(handle=handle, number=number, pk=1, **changes), asks(pk=2)))


ATTACKS: dict[str, tuple[Callable[[], Facts], Level, str]] = {
    "a capital I for the l": (
        lambda: unnamed("danahiil7"),
        Level.IMPOSTOR,
        "@danahiil7 looks like @danahill7 (i for l), which is a different account.",
    ),
    "an underscore more": (
        lambda: unnamed("dana_hill7"),
        Level.IMPOSTOR,
        "@dana_hill7 looks like @danahill7 (an underscore more or less), which is a different account.",
    ),
    "“real” put in front": (
        lambda: unnamed("realdanahill7"),
        Level.IMPOSTOR,
        "@realdanahill7 looks like @danahill7 (“real” added), which is a different account.",
    ),
    "a look-alike while the genuine account does not ask": (
        lambda: a_school(requests=(asks(handle="danahi117", number=OTHERS),)),
        Level.IMPOSTOR,
        "@danahi117 looks like @danahill7 (letters that look alike), which is a different account.",
    ),
    "a forged sender": (
        lambda: a_school(claims=(mail(authenticity="SUSPICIOUS"),)),
        Level.IMPOSTOR,
        "The e-mail shows the address of Dana Hill but failed its check: it may be forged.",
    ),
    "an account younger than the e-mail": (
        lambda: a_school(lookups=(), requests=(asks(number=YOUNG),)),
        Level.IMPOSTOR,
        "@danahill7 was only made on 12 November 2026, after the e-mail that names it.",
    ),
    "the handle taken over after the e-mail": (
        lambda: a_school(requests=(asks(number=OTHERS),)),
        Level.IMPOSTOR,
        "@danahill7 was a different account when the e-mail came on 9 November 2026.",
    ),
    "the handle that was mistyped, registered by somebody later": (
        lambda: a_school(claims=(mail(handle="danahil7"),), lookups=(looked_up("danahil7", None),), requests=(asks("danahil7", YOUNG),)),
        Level.IMPOSTOR,
        "@danahil7 was only made on 12 November 2026, after the e-mail that names it.",
    ),
    "a copied display name": (
        lambda: unnamed("sunny_kent", display_name="Dana Hill"),
        Level.IMPOSTOR,
        "Shows the name of Dana Hill, whose own account is @danahill7: a different one.",
    ),
    "a display name in letters that only look Latin": (
        lambda: unnamed("sunny_kent", display_name="D\u0430na Hill"),
        Level.IMPOSTOR,
        "The shown name “D\u0430na Hill” mixes letters of different alphabets in one word.",
    ),
    "a display name wholly in such letters": (
        lambda: a_school(
            people=(PersonFacts(1, "Caca", "Capo", addresses=DANA.addresses, children=(ADA,)),),
            claims=(mail(sender_name="Caca Capo"),),
            requests=(
                asks("sunny_kent", OTHERS, display_name="\u0421\u0430\u0441\u0430 \u0421\u0430\u0440\u043e"),
                asks(pk=2),
            ),
        ),
        Level.IMPOSTOR,
        "Shows the name of Caca Capo, whose own account is @danahill7: a different one.",
    ),
    "the handle of an approved account, recycled": (
        lambda: a_school(claims=(), lookups=(), approved=(approved(),), requests=(asks(number=OTHERS),)),
        Level.IMPOSTOR,
        "@danahill7 was approved as Dana Hill, but this is a different account.",
    ),
    "a second claimant": (
        lambda: a_school(claims=(mail(), mail(2, sender=STRANGER, sender_name="Sam Stranger"))),
        Level.HOLD,
        "Conflict: two different senders name this account, Dana Hill and Sam Stranger (not listed).",
    ),
    "two families for one account": (
        lambda: a_school(claims=(mail(), mail(2, sender="ravi.marsh@gmail.com", sender_name="Ravi Marsh", child_text="Kieran"))),
        Level.HOLD,
        "Conflict: two different senders name this account, Dana Hill and Ravi Marsh.",
    ),
    "a second e-mail of the same family that was not checked": (
        lambda: a_school(claims=(mail(), mail(2, authenticity="NOT_CHECKED"))),
        Level.CHECK,
        "Another e-mail for this account shows the same family but could not be checked.",
    ),
    "a mailbox shared with somebody restricted": (
        lambda: a_school(
            people=(replace(DANA, addresses=HOME), replace(TOM, addresses=HOME, restricted=True)),
            claims=(mail(sender="hills@brightwork.example"),),
        ),
        Level.HOLD,
        "This one needs the safeguarding lead.",
    ),
    "somebody restricted who shows only a name": (
        lambda: a_school(people=(replace(DANA, restricted=True),), claims=(), lookups=(), requests=(asks(display_name="Dana Hill"),)),
        Level.HOLD,
        "This one needs the safeguarding lead.",
    ),
    "somebody restricted writing from a new address": (
        lambda: a_school(people=(replace(DANA, restricted=True),), claims=(mail(sender="dh.new@gmail.com"),)),
        Level.HOLD,
        "This one needs the safeguarding lead.",
    ),
    "an account sold with its old name": (
        lambda: a_school(
            claims=(),
            lookups=(),
            approved=(approved(handle="danahill7", profile=1),),
            requests=(asks(handle="kent_deals", display_name="Best Deals", handle_since=MAIL_CAME - timedelta(days=5)),),
        ),
        Level.CHECK,
        "Approved before as Dana Hill, @danahill7; since then both its names have changed.",
    ),
    "an account that only a colleague's word ties to somebody": (
        lambda: a_school(claims=(), lookups=(), approved=(replace(approved(profile=1), by_word=True),)),
        Level.CHECK,
        "A colleague said that this account is Dana Hill’s; no admin has approved it yet.",
    ),
    "an account made after the one of its name was approved": (
        lambda: a_school(
            claims=(),
            lookups=(),
            approved=(approved(number=number_made(MAIL_CAME - timedelta(days=9)), profile=1),),
            requests=(asks(number=number_made(MAIL_CAME - timedelta(days=9))),),
        ),
        Level.IMPOSTOR,
        "@danahill7 was made after the account of that name was approved.",
    ),
    "an account approved before whose person left": (
        lambda: a_school(people=(replace(DANA, current=False),), claims=(), lookups=(), approved=(approved(profile=1),)),
        Level.HOLD,
        "Conflict: this is Dana Hill, who has no current link with the school.",
    ),
    "an approved account claimed by another family": (
        lambda: a_school(people=(DANA, TOM, RAVI), approved=(approved(RAVI, profile=1),)),
        Level.HOLD,
        "Conflict: this account was approved as Ravi Marsh, not as the sender.",
    ),
    "a look-alike provider": (
        lambda: a_school(claims=(mail(sender="ravi.marsh@gmai1.com", sender_name="Ravi Marsh", child_text="Kieran"),)),
        Level.IMPOSTOR,
        "The e-mail came from ravi.marsh@gmai1.com, which only looks like ravi.marsh@gmail.com.",
    ),
    "a look-alike name at the same employer": (
        lambda: a_school(claims=(mail(sender="dana.hi1l@brightwork.example"),)),
        Level.IMPOSTOR,
        "The e-mail came from dana.hi1l@brightwork.example, which only looks like dana.hill@brightwork.example.",
    ),
    "a display name typed as the Twitter name, registered by somebody": (
        lambda: a_school(
            claims=(mail(readings=(ReadingFacts("Dana Hill", "danahill", repaired=True),)),),
            lookups=(looked_up("danahill", OTHERS),),
            requests=(asks("danahill", OTHERS, display_name="Dana Hill"),),
        ),
        Level.CHECK,
        "The e-mail says “Dana Hill”. @danahill is our guess; ask which name is meant.",
    ),
    "a pupil's name": (
        lambda: a_school(claims=(), lookups=(), requests=(asks("kzz", OTHERS, display_name=f"{KIERAN.name} \U0001f525"),)),
        Level.HOLD,
        "The account carries the name of a pupil; it may belong to a child.",
    ),
    "a child's own words": (
        lambda: a_school(claims=(), lookups=(), requests=(asks("kzz", OTHERS, display_name="just me", bio="yr6 \U0001f525"),)),
        Level.HOLD,
        "The account’s own words suggest that it belongs to a child under 13.",
    ),
    "a call to the desk in the family's name": (
        lambda: a_school(claims=(replace(mail(), sender=None, told="by phone", written_by="Priya"),)),
        Level.CHECK,
        "Told by phone, written down by Priya: Dana Hill is @danahill7.",
    ),
    "two accounts with one look-up each, the wrong one named": (
        lambda: a_school(claims=(mail(handle="danahil7"),), lookups=(looked_up("danahil7", OTHERS),)),
        Level.IMPOSTOR,
        "@danahill7 looks like @danahil7 (one character different), which is a different account.",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_named_and_never_offered_for_approval(name: str) -> None:
    facts, level, sentence = ATTACKS[name]
    opinion = opinion_of(facts())
    assert (opinion.level, opinion.sentence) == (level, sentence)
    assert not opinion.level.offers_approval


def test_the_attacks_on_dana_leave_her_own_request_strong() -> None:
    for name, (facts, _, _) in ATTACKS.items():
        if any(request.pk == 2 for request in facts().requests):
            assert opinion_of(facts(), 2).level is Level.STRONG, name


def test_a_parent_whose_name_is_in_another_alphabet_is_no_impostor() -> None:
    olena = replace(DANA, given="Olena", family="Petrenko")
    facts = a_school(people=(olena,), claims=(mail(sender_name="Олена Петренко"),), requests=(asks(display_name="Олена Петренко"),))
    assert opinion_of(facts).level is Level.STRONG


def test_the_same_name_at_another_known_provider_is_only_a_new_address() -> None:
    facts = a_school(claims=(mail(sender="ravi.marsh@outlook.com", sender_name="Ravi Marsh", child_text="Kieran"),))
    assert opinion_of(facts).level is Level.CHECK


def test_a_short_name_needs_more_than_a_likeness_to_be_called_an_imitation() -> None:
    short = a_school(
        claims=(mail(handle="dana1"),), lookups=(looked_up("dana1"),), requests=(asks("danal", OTHERS, display_name="Danal P"),)
    )
    assert opinion_of(short).level is Level.NONE


def test_a_parent_and_a_teacher_may_speak_of_year_six() -> None:
    for bio in ("Mum of a yr6 boy", "Year 4 teacher"):
        assert opinion_of(a_school(requests=(asks(bio=bio),))).level is Level.STRONG
