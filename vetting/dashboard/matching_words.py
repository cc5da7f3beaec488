"""The words of the evidence card: the next step, where a fact comes from, the guards, and how an opinion was worked out."""

from collections.abc import Mapping
from typing import NamedTuple

from vetting.decisions.remembering import Same
from vetting.matching.catalogue import Guard, Source
from vetting.matching.next_action import NextAction
from vetting.matching.workings import Field
from vetting.values import Verdict


class Step(NamedTuple):
    """One thing to do next, and why or how."""

    title: str
    sentence: str


NEXT_ACTIONS: Mapping[NextAction, Step] = {
    NextAction.APPROVE: Step("Verify it; an admin approves.", "The proof is complete and nothing speaks against it."),
    NextAction.APPROVE_SINGLY: Step("Read the difference, then verify it.", "The proof is complete but for one harmless difference."),
    NextAction.CHOOSE_NAME: Step(
        "Say which Twitter name is meant.", "The family gave another one. Choose it on the e-mail’s page, or ask."
    ),
    NextAction.ASK: Step(
        "Ask the family at the address the school holds.",
        "There is a plausible person and no proof yet. What they answer is compared again by itself.",
    ),
    NextAction.FIND_OUT: Step(
        "Find out who this is.", "The school holds no address to ask. Speak to the family, and write down here what they say."
    ),
    NextAction.COMPARE: Step(
        "Compare the accounts side by side.", "This one may imitate another. Speak to the family; do not answer from the e-mail alone."
    ),
    NextAction.REFER: Step("Leave it to the safeguarding lead.", "Nobody else answers this one."),
    NextAction.WAIT: Step(
        "Wait for an e-mail.", "Nobody has written about this Twitter name. When somebody does, it is compared by itself."
    ),
}

# Where the question itself already stands somewhere else, that comes before what the facts would offer.
ASKED = Step("Wait for the family’s answer.", "They were asked. When they answer, it is compared by itself.")
LEAD_ANSWERS = Step("Release it or decline it.", "It waits for you alone.")
RELEASED = Step("Check who this is, then verify it.", "The safeguarding lead looked at it and let it go on.")
ADMIN_ANSWERS = Step("An admin approves or declines.", "The office has verified who it is.")
SECOND_ANSWERS = Step("A second admin agrees, or takes it back.", "The school’s rule wants two people.")
DO_IT = Step("Do it on Twitter, then tick it under To do.", "It was answered here; Twitter does not know of it yet.")

VERDICT_TITLES: Mapping[Verdict, str] = {
    Verdict.AGREES: "Speaks for it",
    Verdict.DISAGREES: "Speaks against it",
    Verdict.UNKNOWN: "Not known or not certain",
}
NOTHING: Mapping[Verdict, str] = {
    Verdict.AGREES: "Nothing speaks for it yet.",
    Verdict.DISAGREES: "Nothing was found that speaks against it.",
    Verdict.UNKNOWN: "Nothing else is open.",
}

SOURCES: Mapping[Source, str] = {
    Source.EMAIL: "e-mail",
    Source.TWITTER: "Twitter",
    Source.LIST: "school’s list",
    Source.COLLEAGUE: "a colleague",
    Source.ANSWERS: "earlier answers",
    Source.LETTER: "answer to our letter",
}

SAME: Mapping[Same, str] = {
    Same.NUMBER: "the same account",
    Same.HANDLE: "the same Twitter name",
    Same.ADDRESS: "the same e-mail address",
    Same.NAME: "the same person or name",
}

GUARDS: Mapping[Guard, str] = {
    Guard.MESSAGE: "A message names this account",
    Guard.ACCOUNT: "By its number it is the account that had this name when the message came",
    Guard.ACCOUNT_AGE: "The account is older than the message",
    Guard.READING: "The Twitter name stands in the message as it is",
    Guard.SENDER: "The e-mail was checked and came from an address on the school’s list",
    Guard.MAILBOX: "One person reads that mailbox, and belongs to the school now",
    Guard.OWNER: "Sender, child and account fit the same person",
    Guard.COMPETING: "No other message or answer gives this account to somebody else",
    Guard.EARLIER: "Nothing changed hands since an earlier approval",
    Guard.IMITATION: "It imitates no account and no name that exists",
    Guard.YOUNG: "Nothing suggests a child",
    Guard.LEAD: "Nothing here is for the safeguarding lead",
}

FIELDS: Mapping[Field, str] = {
    Field.LISTED: "Before anything is compared",
    Field.ADDRESS: "E-mail address",
    Field.NAME: "Name in the e-mail",
    Field.FIRST_NAME_RARITY: "How rare the first name is",
    Field.SURNAME_RARITY: "How rare the surname is",
    Field.CHILD: "Child named",
    Field.ASKING: "Before anything is compared",
    Field.ACCOUNT: "The Twitter name given",
    Field.SHOWN_NAME: "Name the account shows",
    Field.MADE_NAME: "Name in its Twitter name",
}

_NAME_FITS = {
    "FULL": "the whole name",
    "NEAR": "a short form or another spelling",
    "INITIAL": "initial and surname",
    "FAMILY": "the surname only",
    "GIVEN": "the first name only",
    "CONTRADICTS": "another name",
}
FITS: Mapping[Field, Mapping[str, str]] = {
    Field.LISTED: {"": "one of everybody on the list"},
    Field.ADDRESS: {
        "HELD": "the one the school holds",
        "NEW": "one that nobody on the list has",
        "ANOTHERS": "one of somebody else on the list",
    },
    Field.NAME: _NAME_FITS,
    Field.FIRST_NAME_RARITY: {"": "counted on the school’s list"},
    Field.SURNAME_RARITY: {"": "counted on the school’s list"},
    Field.CHILD: {
        "CHILD_AND_CLASS": "theirs, and the right class",
        "CHILD": "theirs",
        "WRONG_CLASS": "theirs, but another class",
        "NOT_THEIRS": "not on the list as theirs",
        "UNKNOWN": "no child on the list to compare",
    },
    Field.ASKING: {"": "one of the accounts that ask, or none"},
    Field.ACCOUNT: {
        "NUMBER": "this very account, by its number",
        "NAME": "the same letters",
        "SLIP": "one slip away",
        "TWO_SLIPS": "two slips away",
        "CONFUSABLE": "letters that look alike",
        "AFFIX": "something added or left out",
        "TEXT": "the words that the account shows",
        "APPROVED": "approved before",
    },
    Field.SHOWN_NAME: _NAME_FITS,
    Field.MADE_NAME: _NAME_FITS,
}


def fit_words(field: str, fit: str) -> str:
    """How one field fits; of what an older register wrote, nothing."""
    return FITS[Field(field)].get(fit, "") if field in set(Field) else ""


def sources_words(sources: tuple[Source, ...]) -> str:
    """ "e-mail and school’s list" """
    words = [SOURCES[source] for source in sources]
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
