"""What the office reads at each level, word for word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.given_matching import (
    DANA,
    MAIL_CAME,
    OTHERS,
    RAVI,
    TOM,
    a_school,
    approved,
    asks,
    looked_up,
    mail,
    named,
    opinion_of,
)
from vetting.matching.facts import Facts, ReadingFacts
from vetting.values import Level, MailAddress

SHARED = frozenset({MailAddress("hills@brightwork.example")})
DAYS_LATER = timedelta(days=3)

SAID: list[tuple[str, Facts, Level, str]] = [
    (
        "everything proven",
        a_school(),
        Level.STRONG,
        "Checked e-mail from Dana Hill’s address names @danahill7; the same account since 9 November 2026. Mother of Ada (Oak).",
    ),
    (
        "asked before the e-mail came, under this name",
        a_school(lookups=(), requests=(asks(first_seen_at=MAIL_CAME - DAYS_LATER),)),
        Level.STRONG,
        "Checked e-mail from Dana Hill’s address names @danahill7; the same account since 9 November 2026. Mother of Ada (Oak).",
    ),
    (
        "renamed since",
        a_school(requests=(asks(handle="hill_dana"),)),
        Level.LIKELY,
        "The e-mail named @danahill7; that same account is now called @hill_dana.",
    ),
    (
        "approved before",
        a_school(claims=(), lookups=(), approved=(approved(profile=1),)),
        Level.LIKELY,
        "This account was approved before as Dana Hill, on 23 April 2026.",
    ),
    (
        "a mailbox of two",
        a_school(
            people=(replace(DANA, addresses=SHARED), replace(TOM, addresses=SHARED)), claims=(mail(sender="hills@brightwork.example"),)
        ),
        Level.LIKELY,
        "The e-mail’s mailbox is shared by Dana Hill and Tom Hill.",
    ),
    (
        "two names in one e-mail",
        a_school(claims=(mail(readings=named("danahill7", "danas_other")),)),
        Level.LIKELY,
        "The e-mail names more than one Twitter name as the sender’s.",
    ),
    (
        "a colleague chose the reading",
        a_school(claims=(mail(readings=(ReadingFacts("Dana Hill 7", "danahill7", repaired=True, chosen=True),)),)),
        Level.LIKELY,
        "The e-mail says “Dana Hill 7”; that was read as @danahill7, and the account existed then.",
    ),
    (
        "a guessed reading",
        a_school(claims=(mail(readings=(ReadingFacts("Dana Hill 7", "danahill7", repaired=True),)),)),
        Level.CHECK,
        "The e-mail says “Dana Hill 7”. @danahill7 is our guess; ask which name is meant.",
    ),
    (
        "not looked up in time",
        a_school(lookups=()),
        Level.CHECK,
        "Nobody looked up @danahill7 when the e-mail came, so the account may have changed since.",
    ),
    (
        "looked up three days later",
        a_school(lookups=(looked_up(after=DAYS_LATER),)),
        Level.CHECK,
        "@danahill7 was first looked up on 12 November 2026, too long after the e-mail to be sure.",
    ),
    (
        "no such account when the e-mail came",
        a_school(lookups=(looked_up(number=None),)),
        Level.CHECK,
        "No account was called @danahill7 when the e-mail came; this one took the name later.",
    ),
    (
        "the sender could not be checked",
        a_school(claims=(mail(authenticity="PARTLY"),)),
        Level.CHECK,
        "The e-mail shows the address of Dana Hill, but cannot be shown to come from it.",
    ),
    (
        "nobody on the list",
        a_school(claims=(mail(sender="someone.else@gmail.com"),)),
        Level.CHECK,
        "E-mail names @danahill7, but its address is not on the school’s list; signed Dana Hill.",
    ),
    (
        "told at the desk",
        a_school(claims=(replace(mail(), sender=None, told="at the desk", written_by="Priya"),)),
        Level.CHECK,
        "Told at the desk, written down by Priya: Dana Hill is @danahill7.",
    ),
    (
        "a pasted list",
        a_school(lookups=(), requests=(asks(number=None),)),
        Level.CHECK,
        "@danahill7 comes from a pasted list, so its account number is not known.",
    ),
    (
        "a slip of the finger",
        a_school(claims=(mail(handle="danahil7"),), lookups=(looked_up("danahil7", None),)),
        Level.CHECK,
        "The e-mail names @danahil7; this account is @danahill7 (one character different).",
    ),
    (
        "a name in place of the Twitter name",
        a_school(
            claims=(mail(readings=(ReadingFacts("Dana Hill", None),)),),
            lookups=(),
            requests=(asks(handle="sunny_oak", display_name="D. Hill"),),
        ),
        Level.CHECK,
        "Dana Hill wrote “Dana Hill”, which is no account; @sunny_oak shows a fitting name.",
    ),
    (
        "the partner's account",
        a_school(requests=(asks(display_name="Tom Hill"),)),
        Level.CHECK,
        "Dana Hill wrote, but the account looks like Tom Hill’s.",
    ),
    (
        "another account already",
        a_school(approved=(approved(handle="danas_first", number=OTHERS),)),
        Level.LIKELY,
        "Dana Hill was already approved as @danas_first.",
    ),
    (
        "a concern about the account",
        a_school(requests=(asks(concern=True),)),
        Level.HOLD,
        "This one needs the safeguarding lead.",
    ),
    (
        "somebody who left",
        a_school(people=(replace(DANA, current=False, left_on="24 July 2026"), TOM, RAVI)),
        Level.HOLD,
        "Conflict: this is Dana Hill, who has no current link with the school since 24 July 2026.",
    ),
    ("nothing at all", a_school(claims=(), lookups=()), Level.NONE, "No e-mail names @danahill7 yet."),
]


@pytest.mark.parametrize(("facts", "level", "sentence"), [case[1:] for case in SAID], ids=[case[0] for case in SAID])
def test_each_level_says_its_fact_first(facts: Facts, level: Level, sentence: str) -> None:
    opinion = opinion_of(facts)
    assert (opinion.level, opinion.sentence) == (level, sentence)


def test_the_person_proposed_is_the_one_of_the_mailbox_whom_the_account_fits() -> None:
    people = (replace(DANA, addresses=SHARED), replace(TOM, addresses=SHARED))
    facts = a_school(
        people=people,
        claims=(mail(sender="hills@brightwork.example", sender_name="The Hills"),),
        requests=(asks(handle="oakfans", display_name="Tom Hill"),),
    )
    assert opinion_of(facts).person == TOM.pk


def test_an_unknown_sender_leaves_the_best_guess_with_a_reason_for_each_candidate() -> None:
    opinion = opinion_of(a_school(claims=(mail(sender="d.hill@gmail.com", sender_name="D Hill"),)))
    assert opinion.level is Level.CHECK
    assert {opinion.person, *(person for person, _ in opinion.candidates)} == {DANA.pk, TOM.pk}
    assert any("it names their child Ada" in sentence for _, sentence in opinion.candidates)


def test_a_restriction_says_nothing_of_why_or_of_whom() -> None:
    opinion = opinion_of(a_school(people=(DANA, replace(TOM, restricted=True), RAVI)))
    assert opinion.level is Level.HOLD
    assert opinion.sentence == "This one needs the safeguarding lead."
    assert opinion.evidence[0].facts == {}
    assert not any("Tom" in item.sentence or "restrict" in item.sentence.lower() for item in opinion.evidence)


def test_a_child_at_another_address_is_shown_as_disagreeing() -> None:
    opinion = opinion_of(a_school(claims=(mail(child_text="Zed"),)))
    assert opinion.level is Level.LIKELY
    assert opinion.sentence == "The e-mail names Zed, who is not on the list as a child of Dana Hill."
