"""Signs that an account or a message may be a child's: words, years and school addresses. They only ever hold a request for the lead.

A parent's, grandparent's or teacher's words about children are no sign of a child.
"""

import re
from enum import StrEnum

from vetting.matching.evidence import DISAGREES, one_line, short
from vetting.values import Evidence, MailAddress

OLDEST_YEAR_GROUP = 8
UNDER = 13

_NUMBERS = {"five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}
_AGE = rf"(?:[5-9]|1[0-2]|{'|'.join(_NUMBERS)})"
_YEARS = r"(?:yrs?|years?)"

_NO_AGE = r"(?!\s?(?:mins?|minutes|hours?|miles|months|weeks|days|times|%|/))"
_IS_AGED = re.compile(rf"\b(?:age|aged|i[’']?m|i am|turning|nearly|almost|just turned)\s?{_AGE}\b{_NO_AGE}", re.I)
_YEARS_OLD = re.compile(rf"\b{_AGE}(?:\s|-)?(?:{_YEARS}(?:\s|-)?old|y[/.]?o)\b", re.I)
_YEAR_GROUP = re.compile(rf"\b(?:y|yr|year)\s?[1-{OLDEST_YEAR_GROUP}]\b(?!\s?(?:years?|of)\b)", re.I)
_BORN = re.compile(r"(?:\bborn|\bb\.?|\bborn in|\bdob:?|🎂)\s?(?:in\s)?(?:\d{1,2}[./-]\d{1,2}[./-])?((?:19|20)\d\d)\b", re.I)
_CLASS_OF = re.compile(r"\b(?:class|co) of [’']?((?:20)?\d\d)\b|\bleavers?[’']? (20\d\d)\b", re.I)
_PUPIL_AT = re.compile(
    r"\b(?:i go to|i attend|pupil (?:at|in)|student at|i[’']?m in class)\b[^.!\n]{0,40}\b(?:primary|junior|infants?|class)\b", re.I
)
_MINDED = re.compile(r"\b(?:run|managed|monitored|watched|checked) by (?:my |his |her )?(?:mum|mummy|mam|mom|dad|daddy|parents?)\b", re.I)

# A child's words for the grown-ups they belong to; without them no grown-up is left in "my mum made me this".
_MY_GROWN_UPS = re.compile(
    r"\b(?:my|our) (?:mum|mummy|mam|mom|mother|dad|daddy|father|parents?|nan|nana|gran|grandad|grandma|teacher|coach)\b", re.I
)
_SOMEBODY_ELSES = re.compile(rf"\b(?:my|our|a|an|her|his|their|the) {_AGE}(?:\s|-)?{_YEARS}(?:\s|-)?olds?\b", re.I)
_GROWN = re.compile(
    r"\b(?:mum|mums|mummy|mam|mom|mother|dad|dads|daddy|father|parent|parents|carer|carers|guardian|step\w*|foster\w*|nan|nana|nanny|gran|granny"
    r"|grandad|grandpa|grandma|grandparent|aunt|auntie|aunty|uncle|husband|hubby|wife|married|kids?|children|child|sons?|daughters?|twins"
    r"|teach\w*|ta|tutor|sen?co|governor|coach|head ?teacher|headmaster|headmistress|childminder|leader|pta)\b",
    re.I,
)


class Sign(StrEnum):
    """Why words look like a child's."""

    WATCHED_OVER = "WATCHED_OVER"
    AGE = "AGE"
    YEAR_GROUP = "YEAR_GROUP"
    BORN = "BORN"
    CLASS_OF = "CLASS_OF"
    PUPIL = "PUPIL"


def young_words(text: str, year: int) -> Sign | None:
    """The sign in what an account shows of itself, if there is one; `year` is the year in which it was read."""
    if _MINDED.search(text):
        return Sign.WATCHED_OVER
    text = _MY_GROWN_UPS.sub(" ", text)
    if _GROWN.search(text):
        return None
    text = _SOMEBODY_ELSES.sub(" ", text)
    if _IS_AGED.search(text) or _YEARS_OLD.search(text):
        return Sign.AGE
    if _YEAR_GROUP.search(text):
        return Sign.YEAR_GROUP
    if any(year - UNDER <= int(born) <= year for born in _BORN.findall(text)):
        return Sign.BORN
    if any(_in_full(one or other) >= year for one, other in _CLASS_OF.findall(text)):
        return Sign.CLASS_OF
    return Sign.PUPIL if _PUPIL_AT.search(text) else None


def _in_full(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def domains_in(text: str) -> frozenset[str]:
    """The mail domains in a rule of the school: "pupils.st-example.org, @kids.example"."""
    return frozenset(one.lstrip("@").strip(".") for one in re.split(r"[,;\s]+", text.lower()) if "." in one)


def is_under(address: MailAddress, domains: frozenset[str]) -> bool:
    """Whether an address belongs to one of the domains or to a part of one."""
    return any(address.domain == domain or address.domain.endswith(f".{domain}") for domain in domains)


def words_found() -> Evidence:
    return Evidence("YOUNG_WORDS", DISAGREES, "The account’s own words suggest that it belongs to a child under 13.", {})


def pupil_address(address: MailAddress) -> Evidence:
    return Evidence("PUPIL_ADDRESS", DISAGREES, one_line(f"The e-mail came from a pupil’s address ({short(address.domain, 50)})."), {})


def own_address() -> Evidence:
    return Evidence(
        "OWN_ADDRESS", DISAGREES, "The e-mail came from the school’s own domain, but from nobody on the list; it may be a pupil’s.", {}
    )


def pupil_signed() -> Evidence:
    return Evidence("PUPIL_SIGNED", DISAGREES, "The message carries the name of a pupil; a child may have written it.", {})
