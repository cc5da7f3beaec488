"""The sentences the office reads, one constructor for each finding. Calm, fact first, at most 120 characters, never a figure of likelihood.

A finding about safeguarding says that the lead is needed and nothing of why.
"""

from datetime import datetime

from vetting.matching.facts import ClaimFacts, PersonFacts, RequestFacts
from vetting.values import Evidence, MailAddress, Verdict

LONGEST = 120

AGREES, DISAGREES, UNKNOWN = Verdict.AGREES, Verdict.DISAGREES, Verdict.UNKNOWN


def one_line(*versions: str) -> str:
    """The first version that fits on the line; the last one is cut if none does."""
    return next((text for text in versions if len(text) <= LONGEST), versions[-1][: LONGEST - 1] + "…")


def on_day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def short(text: str, most: int = 34) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def at_name(handle: str | None) -> str:
    return f"@{handle}"


# What speaks for a request.


def bound(person: PersonFacts, claim: ClaimFacts, request: RequestFacts) -> Evidence:
    first = f"Checked e-mail from {person.name}’s address names {at_name(request.handle)}; the same account since {on_day(claim.made_at)}."
    return Evidence(
        "SAME_ACCOUNT",
        AGREES,
        one_line(
            f"{first} {person.tie}.", first, f"Checked e-mail from {short(person.name)} names {at_name(request.handle)}; same account."
        ),
        {"claim": claim.pk, "person": person.pk},
    )


def read_from_text(text: str, handle: str) -> Evidence:
    return Evidence(
        "READ_FROM_TEXT",
        AGREES,
        one_line(f"The e-mail says “{short(text, 40)}”; that was read as {at_name(handle)}, and the account existed then."),
        {"text": text, "handle": handle},
    )


def typed(handle: str) -> Evidence:
    return Evidence(
        "TYPED_BY_COLLEAGUE",
        AGREES,
        f"A colleague wrote {at_name(handle)} beside this e-mail, and that is this account.",
        {"handle": handle},
    )


def linked(claim: ClaimFacts, person: PersonFacts) -> Evidence:
    return Evidence("LINKED_BY_COLLEAGUE", AGREES, link_words(claim, person), {"claim": claim.pk, "person": person.pk})


def link_words(claim: ClaimFacts, person: PersonFacts) -> str:
    return one_line(f"{short(claim.linked_by or 'A colleague')} linked this message to {short(person.name, 55)}.")


def approved_before(person: PersonFacts, since: datetime) -> Evidence:
    return Evidence(
        "APPROVED_BEFORE",
        AGREES,
        one_line(
            f"This account was approved before as {person.name}, on {on_day(since)}.", f"Approved before as {short(person.name, 80)}."
        ),
        {"person": person.pk},
    )


def sender_on_list(person: PersonFacts) -> Evidence:
    return Evidence(
        "SENDER_ON_ROSTER",
        AGREES,
        one_line(f"The e-mail came from the address we hold for {short(person.name, 60)}."),
        {"person": person.pk},
    )


def child_named(person: PersonFacts, child: str) -> Evidence:
    return Evidence(
        "CHILD_NAMED", AGREES, one_line(f"It names {short(child)}, a child of {short(person.name, 50)}."), {"person": person.pk}
    )


def name_shown(request: RequestFacts, person: PersonFacts) -> Evidence:
    return Evidence(
        "NAME_SHOWN",
        AGREES,
        one_line(f"The account shows the name “{short(request.display_name)}”. Anybody can choose a name."),
        {"person": person.pk},
    )


# What keeps a request from being approved at a press.


def named_by(request: RequestFacts) -> Evidence:
    return Evidence("NAMED", UNKNOWN, f"A message names {at_name(request.handle)}.", {})


def number_unknown(request: RequestFacts) -> Evidence:
    return Evidence(
        "NUMBER_UNKNOWN", UNKNOWN, f"{at_name(request.handle)} comes from a pasted list, so its account number is not known.", {}
    )


def told(claim: ClaimFacts, request: RequestFacts) -> Evidence:
    who = f", written down by {short(claim.written_by)}" if claim.written_by else ""
    return Evidence(
        "TOLD",
        UNKNOWN,
        one_line(f"Told {claim.told}{who}: {short(claim.sender_name) or 'somebody'} is {at_name(request.handle)}."),
        {"claim": claim.pk},
    )


def sender_unknown(claim: ClaimFacts, request: RequestFacts) -> Evidence:
    who = short(claim.sender_name or "somebody", 40)
    return Evidence(
        "SENDER_UNKNOWN",
        UNKNOWN,
        one_line(f"E-mail names {at_name(request.handle)}, but its address is not on the school’s list; signed {who}."),
        {"claim": claim.pk},
    )


def not_checked(person: PersonFacts) -> Evidence:
    return Evidence(
        "SENDER_NOT_CHECKED",
        UNKNOWN,
        one_line(f"The e-mail shows the address of {short(person.name, 50)}, but cannot be shown to come from it."),
        {"person": person.pk},
    )


def forged(person: PersonFacts) -> Evidence:
    return Evidence(
        "SENDER_FORGED",
        DISAGREES,
        one_line(f"The e-mail shows the address of {short(person.name, 40)} but failed its check: it may be forged."),
        {"person": person.pk},
    )


def imitated_address(claim: ClaimFacts, address: MailAddress, like: str) -> Evidence:
    return Evidence(
        "ADDRESS_IMITATES",
        DISAGREES,
        one_line(
            f"The e-mail came from {address}, which only looks like {like}.",
            f"The sender’s address only looks like {short(like, 70)}.",
        ),
        {"claim": claim.pk},
    )


def shared_mailbox(people: tuple[PersonFacts, ...]) -> Evidence:
    named = " and ".join(short(person.name, 36) for person in people[:2])
    more = f" and {len(people) - 2} more" if len(people) > 2 else ""
    return Evidence(
        "MAILBOX_SHARED",
        UNKNOWN,
        one_line(f"The e-mail’s mailbox is shared by {named}{more}."),
        {"people": [person.pk for person in people]},
    )


def shared_with_leaver(person: PersonFacts) -> Evidence:
    return Evidence(
        "MAILBOX_SHARED_WITH_LEAVER",
        UNKNOWN,
        one_line(f"The mailbox is shared with {short(person.name, 50)}, who has no current link with the school."),
        {"person": person.pk},
    )


def other_in_household(sender: PersonFacts, other: PersonFacts) -> Evidence:
    return Evidence(
        "ANOTHER_IN_HOUSEHOLD",
        UNKNOWN,
        one_line(f"{short(sender.name, 40)} wrote, but the account looks like {short(other.name, 40)}’s."),
        {"sender": sender.pk, "person": other.pk},
    )


def signed_as_other(claim: ClaimFacts, person: PersonFacts) -> Evidence:
    return Evidence(
        "SIGNED_AS_ANOTHER",
        UNKNOWN,
        one_line(f"Sent from the address of {short(person.name)}, but signed “{short(claim.sender_name)}”."),
        {"claim": claim.pk},
    )


def not_looked_up(handle: str) -> Evidence:
    return Evidence(
        "NOT_LOOKED_UP", UNKNOWN, f"Nobody looked up {at_name(handle)} when the e-mail came, so the account may have changed since.", {}
    )


def looked_up_late(handle: str, asked_at: datetime) -> Evidence:
    return Evidence(
        "LOOKED_UP_LATE", UNKNOWN, f"{at_name(handle)} was first looked up on {on_day(asked_at)}, too long after the e-mail to be sure.", {}
    )


def guessed(text: str, handle: str) -> Evidence:
    return Evidence(
        "HANDLE_GUESSED",
        UNKNOWN,
        one_line(f"The e-mail says “{short(text, 40)}”. {at_name(handle)} is our guess; ask which name is meant."),
        {"text": text, "handle": handle},
    )


def slip(request: RequestFacts, handle: str, words: str) -> Evidence:
    return Evidence(
        "PERHAPS_A_SLIP",
        UNKNOWN,
        one_line(f"The e-mail names {at_name(handle)}; this account is {at_name(request.handle)} ({words})."),
        {"named": handle},
    )


def wrong_name(request: RequestFacts, person: PersonFacts, text: str) -> Evidence:
    return Evidence(
        "NAME_FITS_SENDER",
        UNKNOWN,
        one_line(f"{short(person.name)} wrote “{short(text, 24)}”, which is no account; {at_name(request.handle)} shows a fitting name."),
        {"person": person.pk},
    )


def linked_and_named(claim: ClaimFacts, person: PersonFacts, request: RequestFacts) -> Evidence:
    return Evidence(
        "NAME_FITS_LINK",
        UNKNOWN,
        one_line(
            f"{at_name(request.handle)} shows the name of {short(person.name)}, to whom a message without this Twitter name was linked."
        ),
        {"claim": claim.pk, "person": person.pk},
    )


def linked_otherwise(claim: ClaimFacts, person: PersonFacts, holder: PersonFacts) -> Evidence:
    by = short(claim.linked_by or "A colleague", 24)
    return Evidence(
        "LINKED_TO_ANOTHER",
        DISAGREES,
        one_line(f"{by} linked this message to {short(person.name, 30)}, but it came from the address of {short(holder.name, 30)}."),
        {"claim": claim.pk, "person": person.pk},
    )


def other_child(claim: ClaimFacts, person: PersonFacts) -> Evidence:
    return Evidence(
        "CHILD_NOT_THEIRS",
        DISAGREES,
        one_line(f"The e-mail names {short(claim.child_text, 30)}, who is not on the list as a child of {short(person.name, 40)}."),
        {"person": person.pk},
    )


def changed_since_approval(person: PersonFacts, handle: str) -> Evidence:
    return Evidence(
        "CHANGED_SINCE_APPROVAL",
        UNKNOWN,
        one_line(f"Approved before as {short(person.name)}, {at_name(handle)}; since then both its names have changed."),
        {"person": person.pk},
    )


def approval_ended(person: PersonFacts) -> Evidence:
    return Evidence(
        "APPROVAL_ENDED",
        UNKNOWN,
        one_line(f"This account was approved before as {short(person.name, 50)}, but that has ended."),
        {"person": person.pk},
    )


def also_told(claim: ClaimFacts) -> Evidence:
    return Evidence(
        "ALSO_TOLD",
        DISAGREES,
        one_line(f"{short(claim.sender_name, 40)} was also written down {claim.told} for this account."),
        {"claim": claim.pk},
    )


def second_unchecked(claim: ClaimFacts) -> Evidence:
    return Evidence(
        "SECOND_EMAIL_NOT_CHECKED",
        UNKNOWN,
        "Another e-mail for this account shows the same family but could not be checked.",
        {"claim": claim.pk},
    )


# Imitations.


def younger(request: RequestFacts, born: datetime) -> Evidence:
    return Evidence(
        "YOUNGER_THAN_EMAIL", DISAGREES, f"{at_name(request.handle)} was only made on {on_day(born)}, after the e-mail that names it.", {}
    )


def mixed_alphabets(request: RequestFacts) -> Evidence:
    return Evidence(
        "MIXED_ALPHABETS",
        DISAGREES,
        one_line(f"The shown name “{short(request.display_name)}” mixes letters of different alphabets in one word."),
        {},
    )


def look_alike(request: RequestFacts, handle: str, words: str) -> Evidence:
    return Evidence(
        "LOOKS_LIKE",
        DISAGREES,
        one_line(f"{at_name(request.handle)} looks like {at_name(handle)} ({words}), which is a different account."),
        {"named": handle},
    )


def copied_name(request: RequestFacts, person: PersonFacts, handle: str) -> Evidence:
    return Evidence(
        "NAME_COPIED",
        DISAGREES,
        one_line(
            f"Shows the name of {short(person.name, 40)}, whose own account is {at_name(handle)}: a different one.",
        ),
        {"person": person.pk, "named": handle},
    )


# For the safeguarding lead.


def needs_lead() -> Evidence:
    return Evidence("SAFEGUARDING", UNKNOWN, "This one needs the safeguarding lead.", {})


def leaver(person: PersonFacts) -> Evidence:
    when = f" since {person.left_on}" if person.left_on else ""
    return Evidence(
        "LEAVER",
        DISAGREES,
        one_line(
            f"Conflict: this is {short(person.name, 50)}, who has no current link with the school{when}.",
            f"Conflict: {short(person.name, 50)} has no current link with the school.",
        ),
        {"person": person.pk},
    )


def two_senders(first: str, second: str) -> Evidence:
    return Evidence(
        "TWO_SENDERS", DISAGREES, one_line(f"Conflict: two different senders name this account, {short(first)} and {short(second)}."), {}
    )


def approved_as_other(person: PersonFacts) -> Evidence:
    return Evidence(
        "APPROVED_AS_ANOTHER",
        DISAGREES,
        one_line(f"Conflict: this account was approved as {short(person.name, 60)}, not as the sender."),
        {"person": person.pk},
    )


def pupil_name() -> Evidence:
    return Evidence("PUPIL_NAME", DISAGREES, "The account carries the name of a pupil; it may belong to a child.", {})


def nobody(request: RequestFacts) -> Evidence:
    return Evidence("NO_EMAIL", UNKNOWN, f"No e-mail names {at_name(request.handle)} yet.", {})
