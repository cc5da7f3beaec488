"""What may have happened to an account and to its name, each as one sentence. Pure.

Renamed, a name that is another account's now, suspended, and gone are four different things. The number is the account;
the name is a label that can change hands.
"""

from datetime import date


def day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def suspended(handle: str) -> str:
    return f"Twitter has suspended @{handle}. It may come back, and is the same account then."


def gone(handle: str) -> str:
    return f"@{handle} is no longer on Twitter: deleted, or switched off by its owner, who may switch it on again for 30 days."


def renamed(was: str, on: date) -> str:
    return f"It was called @{was} until {day(on)}; by its number it is the same account."


def name_is_anothers(name: str) -> str:
    return f"@{name} belongs to a different account now."


def nobody_had(name: str, on: date) -> str:
    return f"No account was called @{name} on {day(on)}."


def was_suspended(name: str, on: date) -> str:
    return f"Twitter had suspended @{name} on {day(on)}."


def holder_is_called(name: str, handle: str) -> str:
    return f"The account that was @{name} is called @{handle} now."
