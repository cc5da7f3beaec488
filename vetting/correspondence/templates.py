"""The letters to families: short, no child named, nothing confirmed to strangers. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A template: `{account}` is the school's Twitter name, `{school}` its name."""

    subject: str
    body: str


LETTERS: dict[str, Letter] = {
    "need_more": Letter(
        "Your request to follow {account}",
        "Hello,\n\nWe could not tell which request to follow {account} on Twitter (X) is yours. Please reply with your name, "
        "your child's class and your exact Twitter name, from the address the school has for you.\n\n{school}\n",
    ),
    "yes": Letter(
        "Your request to follow {account}",
        "Hello,\n\nYour request to follow {account} on Twitter (X) has been accepted.\n\n{school}\n",
    ),
    "not_now": Letter(
        "Your request to follow {account}",
        "Hello,\n\nWe have not been able to accept this request to follow {account} on Twitter (X). "
        "If you are part of our school community, speak to the office.\n\n{school}\n",
    ),
}


def compose(template: str, *, account: str, school: str) -> Letter:
    """The letter with its blanks filled. Raises KeyError for a template that does not exist."""
    letter = LETTERS[template]
    return Letter(letter.subject.format(account=account, school=school), letter.body.format(account=account, school=school))
