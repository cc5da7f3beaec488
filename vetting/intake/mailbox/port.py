"""What reading mail needs of a mailbox: look and fetch. Nothing here can mark, move or delete a message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

# A larger message is recorded with its beginning only.
LARGEST_BYTES = 25 * 1024 * 1024
BEGINNING_BYTES = 64 * 1024


class MailboxTrouble(Exception):
    """The mailbox cannot be read now. `sentence` says why and what to do; `lasting` that trying again will not help by itself."""

    def __init__(self, sentence: str, *, lasting: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.lasting = lasting


class MessagesWithheld(MailboxTrouble):
    """The mailbox is read, but these messages in it were not handed over."""

    def __init__(self, sentence: str, uids: Sequence[int]) -> None:
        super().__init__(sentence)
        self.uids = tuple(uids)


@dataclass(frozen=True)
class FolderState:
    """The folder as the server tells it: its numbering, and how many messages it holds."""

    uidvalidity: int
    messages: int


@dataclass(frozen=True)
class FetchedMail:
    """One message: its exact bytes, when it arrived, and its full size, which is more than len(raw) when only the beginning was read."""

    uid: int
    raw: bytes
    received_at: datetime
    size: int


class Mailbox(Protocol):
    """One folder of one mailbox. Used as a context manager: entering connects, and may be nested.

    Every method, and entering, raises MailboxTrouble.
    """

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def state(self) -> FolderState: ...

    def uids(self, *, above: int) -> list[int]:
        """The numbers in the folder, ascending, without those up to `above` where numbers grow with arrival."""

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        """The messages, in that order. One that went away meanwhile is left out.

        Raises MessagesWithheld behind the last one where some could not be had: what is wrong with one message keeps back no other.
        """

    def folders(self) -> list[str]:
        """The names of the folders there are."""
