"""Ten stories that no generator tells: what the office sees when life, or somebody with a plan, is more involved than a list."""

from dataclasses import replace
from datetime import timedelta

from tests.given_matching import (
    ADA,
    DANA,
    DANAS,
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
    number_made,
    opinion_of,
)
from vetting.matching.facts import ChildFacts, Facts, PersonFacts
from vetting.matching.rules import Opinion
from vetting.values import Level, MailAddress

BEN = ChildFacts(9, "Ben", "Frost", "Elm")
RUTH = PersonFacts(
    9,
    "Ruth",
    "Frost",
    previous_family="Hill",
    addresses=frozenset({MailAddress("ruth@brightwork.example")}),
    children=(BEN,),
    tie="Mother of Ben",
)  # Dana's sister
DAY = timedelta(days=1)


def saw(facts: Facts, pk: int = 1) -> tuple[Level, str]:
    opinion = opinion_of(facts, pk)
    return opinion.level, opinion.sentence


def said(opinion: Opinion) -> str:
    return " ".join((opinion.sentence, *(item.sentence for item in opinion.evidence)))


def test_a_sister_s_mailbox_is_in_strange_hands_and_writes_in_the_other_sister_s_name() -> None:
    facts = a_school(
        people=(DANA, TOM, RUTH),
        claims=(mail(handle="dana_new", sender="ruth@brightwork.example", sender_name="Dana Hill"),),
        lookups=(looked_up("dana_new", OTHERS),),
        requests=(asks("dana_new", OTHERS, display_name="Dana Hill"),),
    )
    assert saw(facts) == (Level.CHECK, "Sent from the address of Ruth Frost, but signed “Dana Hill”.")


def test_the_strange_hands_write_in_the_sister_s_own_name_while_her_account_is_known() -> None:
    facts = a_school(
        people=(DANA, RUTH),
        claims=(mail(handle="ruth_new", sender="ruth@brightwork.example", sender_name="Ruth Frost", child_text="Ben"),),
        lookups=(looked_up("ruth_new", OTHERS),),
        requests=(asks("ruth_new", OTHERS, display_name="Ruth Frost"),),
        approved=(approved(RUTH, "ruthfrost"),),
    )
    # Whoever holds the mailbox and the name looks like Ruth. That she has an account already is said first, and it is never one of many.
    assert saw(facts) == (Level.LIKELY, "Ruth Frost was already approved as @ruthfrost.")


def test_an_account_is_sold_together_with_its_old_name() -> None:
    facts = a_school(
        claims=(),
        lookups=(),
        approved=(approved(handle="misty_fox", profile=1),),
        requests=(asks("misty_fox", display_name="Best Deals Kent"),),
    )
    assert saw(facts) == (Level.CHECK, "Approved before as Dana Hill, but it shows the name “Best Deals Kent” now.")


def test_an_account_is_sold_and_both_its_names_are_new() -> None:
    king = replace(DANA, given="Gregory", family="King")
    facts = a_school(
        people=(king,),
        claims=(),
        lookups=(),
        approved=(approved(king, profile=1),),
        requests=(asks("cryptoking67", display_name="Best Deals", handle_since=MAIL_CAME),),
    )
    # That a word of the new name happens to be the surname tells nothing.
    assert saw(facts) == (Level.CHECK, "Approved before as Gregory King, @danahill7; since then both its names have changed.")


def test_a_name_is_shown_in_pictures_and_ornaments_only() -> None:
    pictures = a_school(requests=(asks(display_name="🌻✨"),))
    assert opinion_of(pictures).level is Level.STRONG
    ornaments = a_school(claims=(), lookups=(), requests=(asks(display_name="𝓓𝓪𝓷𝓪 𝓗𝓲𝓵𝓵"),))
    assert saw(ornaments) == (Level.NONE, "No e-mail names @danahill7 yet.")
    # Ornaments hide nothing: where Dana's own account is known, this is her name on another one.
    copied = a_school(requests=(asks("sunny_kent", OTHERS, display_name="𝓓𝓪𝓷𝓪 𝓗𝓲𝓵𝓵"), asks(pk=2)))
    assert saw(copied) == (Level.IMPOSTOR, "Shows the name of Dana Hill, whose own account is @danahill7: a different one.")
    turned = a_school(requests=(asks("sunny_kent", OTHERS, display_name="\u202elliH anaD\u202c"), asks(pk=2)))
    assert opinion_of(turned).level is Level.IMPOSTOR


def test_two_children_are_at_two_schools_of_one_trust_and_each_school_asks_for_itself() -> None:
    primary = a_school()
    secondary = a_school(claims=(), lookups=())
    assert opinion_of(primary).level is Level.STRONG
    # Nothing that one school was told lets anybody in at the other.
    assert saw(secondary) == (Level.NONE, "No e-mail names @danahill7 yet.")
    barred_there = replace(secondary, people=(replace(DANA, restricted=True), TOM, RAVI), requests=(asks(display_name="Dana Hill"),))
    assert opinion_of(barred_there).level is Level.HOLD
    assert opinion_of(primary).level is Level.STRONG


def test_a_mother_marries_again_and_her_new_husband_uses_her_mailbox() -> None:
    dana = replace(DANA, family="Frost", previous_family="Hill")
    hers = a_school(people=(dana, TOM), requests=(asks(display_name="Dana Hill"),))
    assert opinion_of(hers).level is Level.STRONG
    his = a_school(
        people=(dana, TOM),
        claims=(mail(handle="gregfrost", sender_name="Greg Frost"),),
        lookups=(looked_up("gregfrost", OTHERS),),
        requests=(asks("gregfrost", OTHERS, display_name="Greg Frost"),),
    )
    assert saw(his) == (Level.CHECK, "Sent from the address of Dana Frost, but signed “Greg Frost”.")


def test_a_child_is_adopted_and_somebody_of_the_first_family_writes() -> None:
    ada = replace(ADA, family="Frost")
    adopted = a_school(people=(replace(DANA, family="Frost", children=(ada,)), TOM), pupils=(ada,))
    assert opinion_of(adopted).level is Level.STRONG
    first_mother = mail(sender="jade.marlow@gmail.com", sender_name="Jade Marlow", child_text="Ada Marlow", handle="jademarlow")
    stranger = replace(
        adopted,
        claims=(first_mother,),
        lookups=(looked_up("jademarlow", OTHERS),),
        requests=(asks("jademarlow", OTHERS, display_name="Jade Marlow"),),
    )
    assert opinion_of(stranger).level is Level.CHECK
    jade = PersonFacts(7, "Jade", "Marlow", current=False, restricted=True)
    assert saw(replace(stranger, people=(*stranger.people, jade))) == (Level.HOLD, "This one needs the safeguarding lead.")


def test_a_family_lives_under_another_name_and_nobody_learns_it_by_asking() -> None:
    hidden = PersonFacts(8, "Anna", "Grey", previous_family="Stone", children=(ADA,), restricted=True)
    facts = a_school(people=(hidden,), claims=(), lookups=(), requests=(asks("annas_friend", OTHERS, display_name="Anna Stone"),))
    opinion = opinion_of(facts)
    assert (opinion.level, opinion.sentence) == (Level.HOLD, "This one needs the safeguarding lead.")
    assert "Grey" not in said(opinion)
    wrote = mail(sender="somebody@elsewhere.example", sender_name="Anna Stone", child_text="", handle="annas_friend")
    opinion = opinion_of(replace(facts, claims=(wrote,), lookups=(looked_up("annas_friend", OTHERS),)))
    assert opinion.level is Level.HOLD
    assert "Grey" not in said(opinion)


def test_a_neighbour_s_name_stands_in_a_mail_that_a_parent_passes_on() -> None:
    passed_on = a_school(
        claims=(mail(readings=(*named("danahill7"), *named("sam_next_door", beside=True))),),
        lookups=(looked_up(), looked_up("sam_next_door", OTHERS)),
        requests=(asks(), asks("sam_next_door", OTHERS, pk=2, display_name="Sam")),
    )
    assert opinion_of(passed_on).level is Level.STRONG
    assert saw(passed_on, 2) == (
        Level.CHECK,
        "The e-mail mentions @sam_next_door, but not as the sender’s own; ask whose it is.",
    )
    # Nor does it speak against the neighbour, who wrote as well.
    ravi = mail(2, "sam_next_door", "ravi.marsh@gmail.com", sender_name="Ravi Marsh", child_text="Kieran")
    both = replace(passed_on, claims=(*passed_on.claims, ravi))
    assert opinion_of(both, 2).level is Level.STRONG


def test_two_parents_of_one_name_each_have_an_account_and_neither_imitates_the_other() -> None:
    other = replace(DANA, pk=12, addresses=frozenset({MailAddress("dana.h@gmail.com")}), children=(BEN,))
    facts = a_school(
        people=(DANA, other), requests=(asks(display_name="Dana Hill"), asks("misty_fox", OTHERS, pk=2, display_name="Dana Hill"))
    )
    assert opinion_of(facts).level is Level.STRONG
    assert saw(facts, 2) == (Level.NONE, "No e-mail names @misty_fox yet.")
    wrote = replace(
        facts,
        claims=(mail(), mail(2, "misty_fox", "dana.h@gmail.com", child_text="Ben")),
        lookups=(looked_up(), looked_up("misty_fox", OTHERS)),
    )
    assert [opinion_of(wrote, pk).level for pk in (1, 2)] == [Level.STRONG, Level.STRONG]


def test_somebody_lies_in_wait_for_a_slip_of_the_finger() -> None:
    young = number_made(MAIL_CAME - 20 * DAY)
    facts = a_school(
        claims=(mail(handle="danahil7"),),
        lookups=(looked_up("danahil7", young),),
        requests=(asks("danahil7", young, display_name="Dana Hill"), asks(pk=2, display_name="Dana Hill")),
    )
    assert saw(facts) == (Level.CHECK, "@danahill7 asks as well, is older and almost the same as @danahil7; ask which is meant.")
    assert opinion_of(facts, 2).level is not Level.IMPOSTOR
    # A slip may make two letters look like one: "rn" is read as "m".
    heron = a_school(
        claims=(mail(handle="happyheorn"),),
        lookups=(looked_up("happyheorn", young),),
        requests=(asks("happyheorn", young, display_name="Dana Hill"), asks("happyheron", pk=2, display_name="Dana Hill")),
    )
    assert opinion_of(heron).level is Level.CHECK
    # Dana's own account is old: a newer one beside it takes nothing from her.
    turned = a_school(requests=(asks(display_name="Dana Hill"), asks("danahil7", young, pk=2, display_name="Dana Hill")))
    assert [opinion_of(turned, pk).level for pk in (1, 2)] == [Level.STRONG, Level.IMPOSTOR]


def test_of_two_names_in_one_mail_the_one_that_is_nobody_s_is_looked_at() -> None:
    facts = a_school(
        claims=(mail(readings=named("danahill7", "grey_shadow")),),
        lookups=(looked_up(), looked_up("grey_shadow", OTHERS)),
        requests=(asks(), asks("grey_shadow", OTHERS, pk=2, display_name="just watching")),
    )
    assert [opinion_of(facts, pk).level for pk in (1, 2)] == [Level.LIKELY, Level.CHECK]


def test_a_father_s_account_is_his_though_the_mother_wrote() -> None:
    facts = a_school(
        requests=(asks("kent_walker", DANAS, display_name="Tom 🌻"),),
        claims=(mail(handle="kent_walker"),),
        lookups=(looked_up("kent_walker"),),
    )
    opinion = opinion_of(facts)
    assert (opinion.level, opinion.person) == (Level.CHECK, TOM.pk)
    # And when the mother asks herself, his account is not taken for hers.
    both = replace(facts, requests=(*facts.requests, asks("misty_fox", OTHERS, pk=2, display_name="Dana Hill")))
    assert opinion_of(both, 2).level is Level.NONE


def test_families_meet_by_chance_in_what_they_call_themselves() -> None:
    other = PersonFacts(12, "Zoe", "Hill", children=(BEN,))
    facts = a_school(
        people=(DANA, TOM, RAVI, other),
        claims=(mail(handle="mumof2_hill"),),
        lookups=(looked_up("mumof2_hill"),),
        requests=(asks("mumof2_hill"), asks("mumof3_hill", OTHERS, pk=2, display_name="Zoe Hill")),
    )
    assert [opinion_of(facts, pk).level for pk in (1, 2)] == [Level.STRONG, Level.NONE]
    # In Dana's own name the same handle is an imitation.
    copied = replace(facts, requests=(facts.requests[0], asks("mumof3_hill", OTHERS, pk=2, display_name="Dana Hill")))
    assert opinion_of(copied, 2).level is Level.IMPOSTOR
