"""What families write to the office, and what whoever pretends to be a family writes."""

from datetime import date
from typing import Any

from tests.schools.world import Person, World

PASSED = {"dmarc": "pass", "spf": "pass", "dkim": "pass"}
FAILED = {"dmarc": "fail", "spf": "fail", "dkim": "none"}
NOTHING = {"dmarc": "none", "spf": "fail", "dkim": "none"}
_NO_POLICY = {"dmarc": "none", "spf": "pass", "dkim": "pass"}
_UNSIGNED = {"dmarc": "pass", "spf": "pass", "dkim": "none"}
_UNCHECKED = {"dmarc": "none", "spf": "pass", "dkim": "none"}

_OPENINGS = ("Hi,", "Hello,", "Good morning,", "Dear office,", "To whom it may concern,")
_ASKS = (
    "I would like to follow the school on Twitter.",
    "Please could you accept my follow request.",
    "Twitter request from me",
    "I have just asked to follow the school account.",
    "Could you let me follow you on twitter please?",
)
_SAYS = (
    "My twitter name is {h}.",
    "My account is {h}.",
    "My handle is {h}.",
    "My username is {h}.",
    "I am {h} on Twitter.",
    "Twitter: {h}",
    "My Twitter handle: {h}",
)
_TIES = ("I am the parent of {c}.", "Mum of {c}.", "Dad of {c}.", "Parent of {c}.", "I am {c}'s carer.")
_THANKS = ("Thanks,", "Many thanks,", "Kind regards,", "Best wishes")


def auth_of(world: World, *, plain: bool = True) -> tuple[dict[str, str], bool]:
    """What the mail server finds of an honest mail, and whether that proves where it came from."""
    chance = world.rng.random()
    if chance < 0.045:
        return dict(_NO_POLICY), True
    if chance < 0.055:
        return dict(_UNCHECKED), False
    return (dict(_UNSIGNED) if chance < 0.12 else dict(PASSED)), True


def child_text(world: World, person: Person) -> tuple[str | None, str | None]:
    """The child as the mail names it, and the class."""
    rng = world.rng
    if not person.children or rng.random() < 0.35:
        return None, None
    child = rng.choice(person.children)
    name = child["first_name"] if rng.random() < 0.5 else f"{child['first_name']} {child['last_name']}"
    if rng.random() < 0.5:
        return name, None
    return name, rng.choice((f"{child['class_name']} class", f"year {child['year']}", f"Y{child['year']} {child['class_name']}"))


def send(
    world: World,
    *,
    address: str,
    name: str,
    handles: list[str],
    on: date,
    auth: dict[str, str],
    child: str | None = None,
    class_text: str | None = None,
    sender: Person | None = None,
    about: Person | None = None,
    intended: str | None = None,
    from_name: str | None = None,
    before: str = "",
    after: str = "",
    says: str | None = None,
    subject: str | None = None,
) -> str:
    """A mail as it arrived; gives its number. `says` stands in place of the usual sentence, `before` and `after` around everything."""
    rng = world.rng
    key = f"C{len(world.claims) + 1:07}"
    sentence = says if says is not None else rng.choice(_SAYS).format(h=" and also ".join(handles)) if handles else ""
    tie = rng.choice(_TIES).format(c=f"{child} ({class_text})" if class_text else child) if child else ""
    middle = " ".join(part for part in (rng.choice(_ASKS), sentence, tie) if part)
    body = f"{before}{rng.choice(_OPENINGS)}\n{middle}\n{rng.choice(_THANKS)}\n{name}\n{after}"
    row: dict[str, Any] = {
        "claim_id": key,
        "received_on": on.isoformat(),
        "from_addr": address,
        "from_name": name if from_name is None else from_name,
        "subject": rng.choice(("Twitter", "School twitter", "Follow request", "", "Twitter follow")) if subject is None else subject,
        "body": body,
        "auth": auth,
        "fields": {"handles": handles, "name": name, "child": child, "class_text": class_text},
    }
    world.claims.append(row)
    world.truth["claims"][key] = {
        "sender": sender.key if sender is not None else None,
        "genuine": sender is not None,
        "about": about.key if about is not None else None,
        "intended": intended,
    }
    return key


def from_person(world: World, person: Person, handles: list[str], **more: Any) -> tuple[str, bool]:
    """A mail from an address that the school holds; and whether the mail server could vouch for it."""
    rng = world.rng
    auth, vouched = auth_of(world)
    child, class_text = child_text(world, person)
    name = person.name if rng.random() < 0.9 else person.called
    shown = rng.choice(
        (name, name, name, person.called, f"{person.title} {person.family}".strip(), name.lower(), rng.choice(person.emails))
    )
    if "@" in shown:
        shown = ""
    options: dict[str, Any] = {"auth": auth, "child": child, "class_text": class_text, "name": name, "from_name": shown, **more}
    options.setdefault("about", person)
    return send(world, address=rng.choice(person.emails), handles=handles, sender=person, **options), vouched


def as_typed(world: World, handle: str) -> str:
    """The name as people write it."""
    rng = world.rng
    chance = rng.random()
    if chance < 0.6:
        return f"@{handle}"
    if chance < 0.8:
        return handle
    return rng.choice(
        (
            f"@{handle.lower()}",
            f"@{handle}.",
            f"@ {handle}",
            f"https://twitter.com/{handle}",
            f"x.com/{handle}",
            f"“@{handle}”",
            f"@{handle.upper()}" if handle.islower() else f"@{handle}",
            f"@\u200b{handle}",
        )
    )
