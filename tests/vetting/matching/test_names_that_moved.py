"""Names that changed hands, as the engine sees them: values only, no database."""

from dataclasses import replace
from datetime import timedelta

from tests.given_matching import DANAS, MAIL_CAME, OTHERS, a_school, approved, asks, looked_up, opinion_of
from vetting.matching.facts import Facts
from vetting.values import Level

HOURS = timedelta(hours=1)


def _said(facts: Facts) -> list[str]:
    return [one.sentence for one in opinion_of(facts).evidence]


def test_a_renamed_account_whose_old_name_is_anothers_says_both() -> None:
    facts = a_school(requests=(asks(handle="hill_dana"),), lookups=(looked_up(), looked_up(number=OTHERS, after=timedelta(days=2))))
    assert opinion_of(facts).level is Level.LIKELY
    assert "The e-mail named @danahill7; that same account is now called @hill_dana." in _said(facts)
    assert "@danahill7 belongs to a different account now; this one is known by its number." in _said(facts)


def test_an_account_whose_old_name_is_its_own_again_or_nobodys_is_not_said_to_have_lost_it() -> None:
    facts = a_school(requests=(asks(handle="hill_dana"),))
    assert not any("belongs to a different account" in sentence for sentence in _said(facts))


def test_a_later_look_up_never_makes_up_for_a_first_one_that_found_nobody() -> None:
    nobody, later = looked_up(number=None), looked_up(number=DANAS, after=23 * HOURS)
    for lookups in ((nobody, later), (later, nobody)):
        opinion = opinion_of(a_school(lookups=lookups))
        assert opinion.level is Level.CHECK
        assert opinion.sentence == "No account was called @danahill7 when the e-mail came; this one took the name later."


def test_a_name_that_was_suspended_then_has_a_sentence_of_its_own() -> None:
    opinion = opinion_of(a_school(lookups=(replace(looked_up(number=None), suspended=True),)))
    assert opinion.level is Level.CHECK
    assert opinion.sentence == "Twitter had suspended @danahill7 when the e-mail came, so nobody could see whose account that was."


def test_a_requester_who_was_called_otherwise_when_the_message_came_is_shown_so() -> None:
    took_it = MAIL_CAME + timedelta(days=3)
    facts = a_school(lookups=(), requests=(asks(first_seen_at=MAIL_CAME, previous_handle="some_name", handle_since=took_it),))
    assert "This account was still called @some_name when the e-mail came; it took this name on 12 November 2026." in _said(facts)
    assert opinion_of(facts).level is Level.CHECK


def test_somebody_whose_approved_account_is_suspended_or_gone_asks_with_another() -> None:
    for away, words in (("suspended", ", which Twitter has suspended."), ("gone", ", which is no longer on Twitter."), ("", ".")):
        before = replace(approved(handle="dana_before", number=OTHERS), away=away)
        assert f"Dana Hill was already approved as @dana_before{words}" in _said(a_school(approved=(before,)))
