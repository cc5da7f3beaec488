"""The letters to families: short, no child named, nothing confirmed to strangers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from vetting.values import BadValue

LONGEST_SUBJECT = 120
LONGEST_BODY = 3000


@dataclass(frozen=True)
class Letter:
    """A subject and a body; in a wording with blanks, in a composed letter without."""

    subject: str
    body: str


@dataclass(frozen=True)
class Template:
    """One kind of letter: what it is called and for, its own wording, and the blanks a school may use in it.

    `account` is the school's Twitter name, `school` its name, `link` the one-time link, `days` the days that count in this letter.
    """

    key: str
    title: str
    purpose: str
    default: Letter
    may_use: frozenset[str]
    must_use: frozenset[str] = frozenset()


_ALWAYS = frozenset({"account", "school"})
_SUBJECT = "Your request to follow {account}"

TEMPLATES: Mapping[str, Template] = {
    template.key: template
    for template in (
        Template(
            "acknowledgement",
            "Got it",
            "Answers a family's e-mail by itself, where the school's rules switch that on.",
            Letter(
                "We have your message",
                "Hello,\n\nWe have your message about following {account} on Twitter (X). We check each request ourselves; this takes up "
                "to two school days. There is nothing else you need to do.\n\n{school}\n",
            ),
            _ALWAYS,
        ),
        Template(
            "need_more",
            "We need more",
            "Asks for what is missing when the office cannot tell which request is whose.",
            Letter(
                _SUBJECT,
                "Hello,\n\nWe could not tell which request to follow {account} on Twitter (X) is yours. Please reply with your name, "
                "your child's class and your exact Twitter name, from the address the school has for you.\n\n{school}\n",
            ),
            _ALWAYS,
        ),
        Template(
            "confirm",
            "Please confirm",
            "Carries a link under which whoever reads this mailbox types their Twitter name once more.",
            Letter(
                "Please confirm your Twitter name",
                "Hello,\n\nWe were told that somebody who reads this mailbox would like to follow {account} on Twitter (X). If that is "
                "you, please open this link and type your Twitter name:\n\n{link}\n\nIf it was not you, the same page lets you tell us. "
                "The link works once, for {days} days.\n\n{school}\n",
            ),
            _ALWAYS | {"link", "days"},
            must_use=frozenset({"link"}),
        ),
        Template(
            "yes",
            "Yes",
            "Says that the request was accepted.",
            Letter(_SUBJECT, "Hello,\n\nYour request to follow {account} on Twitter (X) has been accepted.\n\n{school}\n"),
            _ALWAYS,
        ),
        Template(
            "not_now",
            "Not now",
            "The same words for every reason: a family learns nothing from it but that the office is there.",
            Letter(
                _SUBJECT,
                "Hello,\n\nWe have not been able to accept this request to follow {account} on Twitter (X). "
                "If you are part of our school community, speak to the office.\n\n{school}\n",
            ),
            _ALWAYS,
        ),
        Template(
            "leaving_soon",
            "Leaving soon",
            "Tells a family whose last child leaves that they will stop following.",
            Letter(
                "Following {account}",
                "Hello,\n\nFamilies who leave us in the summer stop following {account} on Twitter (X) after {until}, "
                "others about {days} days after they have left. Thank you for being part of the school.\n\n{school}\n",
            ),
            _ALWAYS | {"days", "until"},
        ),
    )
}
BLANKS: Mapping[str, str] = {
    "account": "the school's Twitter name",
    "school": "the school's name",
    "link": "the one-time link",
    "days": "how many days",
    "until": "the day until which families that leave in summer keep following",
}
SAMPLE: Mapping[str, str] = {"link": "https://register.example/confirm/0f3…", "days": "7", "until": "30 September"}


def checked(template: str, *, subject: str, body: str) -> Letter:
    """A wording as a school typed it, fit to be stored.

    Raises:
        BadValue: empty or too long, a line break in the subject, a blank we do not know or cannot fill here, a stray brace, or the
            link missing where the letter is nothing without it.
        KeyError: there is no such template.
    """
    kind = TEMPLATES[template]
    letter = Letter(subject.strip(), body.replace("\r\n", "\n").strip() + "\n")
    if not letter.subject or not letter.body.strip():
        raise BadValue("A letter needs a subject and a text.")
    if any(not c.isprintable() for c in letter.subject):
        raise BadValue("The subject is one line, without line breaks.")
    if any(not c.isprintable() and c not in "\n\t" for c in letter.body):
        raise BadValue("The text holds a sign that cannot be printed. Type that line again instead of pasting it.")
    if len(letter.subject) > LONGEST_SUBJECT or len(letter.body) > LONGEST_BODY:
        raise BadValue(f"The subject may have {LONGEST_SUBJECT} characters, the text {LONGEST_BODY}.")
    in_subject, in_body = _blanks_of(letter.subject), _blanks_of(letter.body)
    unknown = sorted((in_subject | in_body) - kind.may_use)
    if unknown:
        usable = ", ".join(f"{{{name}}}" for name in BLANKS if name in kind.may_use)
        raise BadValue(f"This letter has nothing to put in for {{{unknown[0]}}}. It can use {usable}.")
    missing = sorted(kind.must_use - in_body)
    if missing:
        raise BadValue(f"The text needs {{{missing[0]}}} where {BLANKS[missing[0]]} shall stand.")
    if "link" in in_subject:
        raise BadValue("The link belongs in the text, not in the subject.")
    return letter


def _blanks_of(text: str) -> set[str]:
    """The names in braces. A brace that begins or ends nothing, or holds anything but a plain name, is refused."""
    stray = BadValue("A brace { or } stands alone. Braces are only for blanks such as {account}.")
    if "{{" in text or "}}" in text:
        raise stray
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise stray from error
    names = set()
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise BadValue(f"“{{{name}}}” is not a blank this letter knows. Write, for example, {{account}}.")
        names.add(name)
    return names


def compose(wording: Letter, *, account: str, school: str, days: int | None = None, until: str = "") -> Letter:
    """The letter with its blanks filled, all but `{link}`: that one is made when the letter is sent."""
    known = {"account": account, "school": school, "link": "{link}", "days": "" if days is None else str(days), "until": until}
    subject = " ".join(wording.subject.format(**known).split())
    return Letter(subject[:200], wording.body.format(**known))
