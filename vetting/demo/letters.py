"""What parents write: short e-mails, each naming a Twitter name in its own way, most a child and a class."""

import random
from collections.abc import Sequence
from datetime import datetime

from vetting.demo.mail import Letter, SenderCheck
from vetting.demo.names import SHORT_FORMS
from vetting.demo.people import Adult, Child

_SUBJECTS = (
    "Twitter",
    "Following the school on Twitter",
    "twitter request",
    "School Twitter account",
    "Follow request",
    "Hazelbrook Twitter",
    "{child} ({class_name}) and Twitter",
    "Re: Newsletter: we are on Twitter",
)
# {name} is the Twitter name in the form drawn for this letter; {child} and {class_name} the child's.
_BODIES = (
    "Hello,\n\nI've just asked to follow the school. My Twitter name is {name}. I'm {child}'s {role} ({class_name}).\n\n{thanks}",
    "Hi,\n\nPlease could you accept my follow request? I am {name} on Twitter. {child} is in {class_name}.\n\n{thanks}",
    "Good morning\n\nI'd like to follow the school. Twitter name: {name}\nChild: {child} {surname}, {class_name}\n\n{thanks}",
    "Hi there, saw it in the newsletter so here goes - my twitter is {name}, {child} in {class_name} is mine :)\n\n{thanks}",
    "Dear office,\n\nAs asked in the letter home, my Twitter username is {name} and I am {child} {surname}'s {role} ({year}).\n\n{thanks}",
    "hiya could you let me in on twitter please, its {name}. {child}s {role}\n\n{thanks}",
    "Hello, we have just joined Twitter to see the trip. Our account is {name}. {child} ({class_name}) can't wait!\n\n{thanks}",
    "Good afternoon,\n\nThe request from {name} is me. {child} {surname}, {class_name} class.\n\n{thanks}",
    "To whom it may concern,\n\nPlease add {name} to the school's followers. I am happy for you to use my Twitter name for this check."
    "\n\nParent of {child} {surname} ({year})\n\n{thanks}",
    "Hi Priya\n\nMe again! Twitter this time. I'm {name}. {child} says the class guinea pig is on there.\n\n{thanks}",
)
_THANKS = (
    "Thanks\n{first}",
    "Many thanks,\n{full}",
    "Thank you\n{full}",
    "Kind regards\n\n{full}",
    "Ta, {first}",
    "Best wishes\n{first}\n\nSent from my phone",
    "Thanks so much\n{short} x",
)
_ROLES = {"Mother": "mum", "Father": "dad", "Grandmother": "nan", "Foster Carer": "foster carer", "Uncle": "uncle"}


def a_letter(
    dice: random.Random,
    adult: Adult,
    children: Sequence[Child],
    name: str,
    sent_at: datetime,
    *,
    address: str = "",
    check: SenderCheck = SenderCheck.GENUINE,
) -> Letter:
    """An e-mail by `adult` who calls themselves `name` on Twitter. `address` when it is not the one the school holds."""
    child = dice.choice(children)
    short = SHORT_FORMS.get(adult.given, adult.given)
    words = {
        "name": as_written(dice, name),
        "child": child.given,
        "surname": child.family,
        "class_name": child.class_name,
        "year": child.year,
        "role": _ROLES.get(adult.relationship, "parent"),
        "thanks": dice.choice(_THANKS).format(first=adult.given, full=adult.name, short=short),
    }
    subject = dice.choice(_SUBJECTS).format(**words)
    return Letter(adult.name, address or adult.address, subject, dice.choice(_BODIES).format(**words) + "\n", sent_at, check)


def as_written(dice: random.Random, name: str) -> str:
    """The forms in which people write their Twitter name: mostly with the @, sometimes as a link."""
    form = dice.choices(("@{}", "@{}", "https://twitter.com/{}", "x.com/{}"), weights=(60, 20, 12, 8))[0]
    return form.format(name)
