"""The one next step for a request, from its level and its findings alone. It is offered to a person; nothing is ever done by itself."""

from collections.abc import Set
from enum import StrEnum

from vetting.values import Level


class NextAction(StrEnum):
    """What is offered first. Everything else the person may do stays beside it."""

    APPROVE = "APPROVE"
    APPROVE_SINGLY = "APPROVE_SINGLY"
    CHOOSE_NAME = "CHOOSE_NAME"
    ASK = "ASK"
    FIND_OUT = "FIND_OUT"
    COMPARE = "COMPARE"
    REFER = "REFER"
    WAIT = "WAIT"

    @property
    def in_bulk(self) -> bool:
        """Whether it may be given to several requests at once. Only what is proven without any difference."""
        return self is NextAction.APPROVE


# What was read leaves it open which account is meant; nobody needs to be asked who they are.
_WHICH_NAME = frozenset({"ANOTHER_NAME_TYPED"})

_BY_LEVEL = {
    Level.STRONG: NextAction.APPROVE,
    Level.LIKELY: NextAction.APPROVE_SINGLY,
    Level.IMPOSTOR: NextAction.COMPARE,
    Level.HOLD: NextAction.REFER,
    Level.NONE: NextAction.WAIT,
}


def next_action(level: Level, codes: Set[str], *, reachable: bool) -> NextAction:
    """The next step.

    Args:
        codes: of everything found about the request.
        reachable: whether the school holds an e-mail address of the person it may be. Nobody else's address is ever asked.
    """
    if level is not Level.CHECK:
        return _BY_LEVEL[level]
    if codes & _WHICH_NAME:
        return NextAction.CHOOSE_NAME
    return NextAction.ASK if reachable else NextAction.FIND_OUT
