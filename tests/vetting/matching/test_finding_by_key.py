"""Nobody is compared with everybody: what may matter is found by key, and nothing that matters is missed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.given_matching import DANA, MAIL_CAME, RAVI, TOM, mail
from tests.vetting.matching.test_what_always_holds import schools
from vetting.matching.candidates import claims_to_weigh, people_named_in, people_shown_in, people_the_account_shows
from vetting.matching.facts import Facts, PersonFacts, RequestFacts
from vetting.matching.handles import Kind, likeness
from vetting.matching.imitations import account_exists
from vetting.matching.index import FULL_BUCKET, HandleIndex, alike_keys, handles_sharing
from vetting.matching.names import Fit, compare, compare_handle
from vetting.matching.ties import tie_of

EXAMPLES = 200
handles = st.text("abcdeilmnorsv01_", min_size=4, max_size=15)


def asks(handle: str, name: str = "") -> RequestFacts:
    return RequestFacts(1, 1, handle, "1100000000000000001", MAIL_CAME, display_name=name)


@settings(max_examples=EXAMPLES, deadline=None)
@given(handle=handles, place=st.integers(0, 14), letter=st.sampled_from("abcdeilmnorsv01_"))
def test_a_handle_with_another_letter_underscore_word_or_figure_shares_a_key(handle: str, place: int, letter: str) -> None:
    others = [handle[:place] + letter + handle[place:], f"real{handle}", f"{handle}uk", f"{handle}2019", handle.replace("_", "")]
    for other in others:
        like = likeness(other, handle)
        if like is not None and like.kind in (Kind.CONFUSABLE, Kind.AFFIX):
            assert set(alike_keys(other)) & set(alike_keys(handle)), (handle, other)


@pytest.mark.parametrize(
    ("asking", "named"),
    [
        ("danahi11", "danahill"),
        ("dana_hill", "danahill"),
        ("danahilll", "danahill"),
        ("danahil", "danahill"),
        ("dnaahill", "danahill"),
        ("danahxll", "danahill"),
        ("thedanahill", "danahill"),
        ("danahill84", "danahill"),
        ("danahill8", "danahill84"),
        ("dana84hill", "dana97hill"),
    ],
)
def test_slips_look_alikes_and_added_words_are_found_among_many(asking: str, named: str) -> None:
    index = HandleIndex([*(f"somebody{number}x" for number in range(2_000)), named])
    assert named in handles_sharing(asking, index)


def test_a_key_that_hundreds_share_finds_none_of_them_by_itself() -> None:
    many = [f"mumoftwo{number}" for number in range(1_000, 1_000 + FULL_BUCKET + 1)]
    assert handles_sharing("mumoftwo", HandleIndex(many)) == set()
    assert handles_sharing("mumoftwo", HandleIndex(many[:-1])) == set(many[:-1])
    assert handles_sharing(many[7], HandleIndex(many)) >= {many[7]}


@settings(max_examples=EXAMPLES, deadline=None)
@given(facts=schools())
def test_every_claim_that_names_or_resembles_is_weighed(facts: Facts) -> None:
    for request in facts.requests:
        weighed = {claim.pk for claim in claims_to_weigh(request, facts)}
        for claim in facts.claims:
            read = [reading.handle for reading in claim.readings if reading.handle]
            tied = any(tie_of(request, handle, claim, facts) for handle in read)
            free = not any(account_exists(handle, request, facts) for handle in read)
            like = any(
                (found := likeness(request.handle, handle)) is not None and found.kind is not Kind.TWO_SLIPS for handle in read if free
            )
            holders = facts.holders.get(claim.sender.mailbox, ()) if claim.sender is not None else ()
            shown = any(_shows(request, holder) for holder in holders)
            assert claim.pk in weighed or not (tied or like or shown)


def _shows(request: RequestFacts, person: PersonFacts) -> bool:
    return max(compare(request.display_name, person.keys), compare_handle(request.handle, person.keys)) >= Fit.INITIAL


names = st.sampled_from(
    [
        "Dana Hill",
        "D Hill",
        "danahill",
        "Mrs Dana Hil",
        "Ravi Marsch",
        "Marsh, Ravi",
        "Дана Хілл",
        "Раві Марш",
        "Tommy Hill",
        "Hill",
        "Ravi",
        "",
    ]
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(name=names, handle=st.sampled_from(["danahill7", "marsh_r", "rmarsh", "tomhill", "kzz", "hillside"]))
def test_everybody_whose_name_an_account_may_show_is_found_without_going_through_the_list(name: str, handle: str) -> None:
    facts = Facts(people=(DANA, TOM, RAVI), claims=(mail(),))
    request = asks(handle, name)
    by_name = {person.pk for person in facts.people if compare(name, person.keys) >= Fit.INITIAL}
    assert by_name <= {person.pk for person in people_shown_in(name, facts)}
    assert {person.pk for person in facts.people if _shows(request, person)} <= {p.pk for p in people_the_account_shows(request, facts)}


def test_a_surname_in_another_alphabet_is_found_by_how_it_sounds() -> None:
    facts = Facts(people=(DANA, RAVI))
    assert people_named_in("Раві Марш", facts) == (RAVI,)
