"""What a child writes of itself, and what grown-ups write of children: the first is held for the safeguarding lead, the second is not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.given_matching import DANA, a_school, asks, mail, opinion_of
from tests.vetting.matching.test_what_always_holds import never_raised, schools
from vetting.matching.facts import Facts
from vetting.matching.rules import decide_all
from vetting.matching.young import domains_in, young_words
from vetting.values import Level, MailAddress

A_CHILDS = [
    "born 2015",
    "b. 2015 📍 Leeds",
    "Born in 2013 and proud",
    "DOB 04/07/2014",
    "class of 2031",
    "Class of '31",
    "Leavers 2027",
    "yr 5",
    "Year 5 | football",
    "Y6 at Elm",
    "aged 9",
    "Age 12",
    "I'm 10 and I love horses",
    "i am eleven",
    "10 yo gamer",
    "nine years old",
    "12-year-old YouTuber",
    "turning 11 soon",
    "my mum made me this. Im in year 4",
    "ten years old, my dad is the best",
    "Account run by my mum",
    "Monitored by parents",
    "I go to St Example Primary",
]
A_GROWN_UPS = [
    "mum of two, Y3 and Y5",
    "Dad to Ava (Y2) and Ben, born 2015",
    "Proud parent of a 7 year old",
    "Two kids in Y3 and Y5",
    "Y4 teacher, SENCo",
    "Form tutor, class of 2031",
    "Nana to three, aged 5, 7 and 9",
    "my 10 year old plays for Elm United",
    "wife, runner, year 5 of the PhD",
    "Class of 1998",
    "born 1985",
    "I’m 5 miles from anywhere",
    "married 2015",
    "est. 2015",
    "Brownie leader, ages 7 to 10",
    "I'm 42",
    "aged 35 and a half",
    "20 years old",
    "Plumber in Leeds for 12 years",
    "",
]


@pytest.mark.parametrize("bio", A_CHILDS)
def test_a_childs_words_are_seen(bio: str) -> None:
    assert young_words(bio, 2026) is not None
    opinion = opinion_of(a_school(requests=(asks(bio=bio),)))
    assert (opinion.level, opinion.sentence) == (Level.HOLD, "The account’s own words suggest that it belongs to a child under 13.")


@pytest.mark.parametrize("bio", A_GROWN_UPS)
def test_a_grown_ups_words_about_children_hold_nobody(bio: str) -> None:
    assert opinion_of(a_school(requests=(asks(bio=bio),))).level is Level.STRONG


def test_years_are_counted_from_the_day_the_request_was_seen() -> None:
    assert young_words("class of 2031", 2031) is not None
    assert young_words("class of 2031", 2032) is None
    assert young_words("born 2015", 2028) is not None
    assert young_words("born 2015", 2029) is None
    assert young_words("born 2027", 2026) is None


PUPILS = domains_in("@pupils.st-example.org, kids.example")


@pytest.mark.parametrize("address", ["k.marsh@pupils.st-example.org", "k@y5.kids.example"])
def test_a_message_from_a_pupils_address_is_held_whoever_it_names(address: str) -> None:
    held = opinion_of(a_school(claims=(mail(sender=address),), pupil_domains=PUPILS))
    assert (held.level, held.evidence[0].code) == (Level.HOLD, "PUPIL_ADDRESS")
    assert "k.marsh" not in held.sentence


def test_a_pupils_address_on_the_list_is_held_all_the_same() -> None:
    person = replace(DANA, addresses=frozenset({MailAddress("dana@pupils.st-example.org")}))
    facts = a_school(people=(person,), claims=(mail(sender="dana@pupils.st-example.org"),), pupil_domains=PUPILS)
    assert opinion_of(facts).level is Level.HOLD


def test_the_schools_own_domain_is_held_only_where_nobody_on_the_list_has_the_address() -> None:
    own = frozenset({"st-example.org"})
    assert opinion_of(a_school(claims=(mail(sender="k.marsh@st-example.org"),), own_domains=own)).level is Level.HOLD
    teacher = replace(DANA, addresses=frozenset({MailAddress("d.hill@st-example.org")}))
    assert opinion_of(a_school(people=(teacher,), claims=(mail(sender="d.hill@st-example.org"),), own_domains=own)).level is Level.STRONG


def test_a_domain_that_only_ends_alike_is_another() -> None:
    assert opinion_of(a_school(claims=(mail(sender="a@notkids.example"),), pupil_domains=PUPILS)).level is Level.CHECK


def test_a_message_in_a_pupils_name_is_held_unless_it_came_from_a_listed_address() -> None:
    strange = opinion_of(a_school(claims=(mail(sender="kieran07@gmail.com", sender_name="Kieran Marsh"),)))
    assert (strange.level, strange.evidence[0].code) == (Level.HOLD, "PUPIL_SIGNED")
    assert opinion_of(a_school(claims=(mail(sender_name="Kieran Marsh"),))).level is not Level.HOLD


def test_a_pupils_message_about_somebody_elses_account_does_not_touch_others() -> None:
    facts = a_school(
        claims=(mail(), mail(pk=2, handle="kieran_m", sender="kieran07@gmail.com", sender_name="Kieran Marsh")),
        requests=(asks(), asks("kieran_m", "1180000000000000003", pk=2, display_name="K")),
    )
    assert (opinion_of(facts, 1).level, opinion_of(facts, 2).level) == (Level.STRONG, Level.HOLD)


@settings(max_examples=40, deadline=None)
@given(facts=schools())
def test_a_sign_always_reaches_the_lead_and_raises_nobody(facts: Facts) -> None:
    said = replace(facts, requests=tuple(replace(request, bio="yr 5") for request in facts.requests))
    assert {opinion.level for opinion in decide_all(said)} <= {Level.HOLD}
    from_school = replace(facts, pupil_domains=frozenset({"brightwork.example"}), own_domains=frozenset({"gmail.com"}))
    never_raised(facts, from_school)
