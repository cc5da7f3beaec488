"""A folder of .eml files as a mailbox. Files are read, never changed, moved or deleted.

A file's number is a hash of its name, so it needs no order and survives restarts; a file that is replaced under the same name is not
read again. A file changed within the last second may still be being written and waits for the next look.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from vetting.intake.mailbox.port import BEGINNING_BYTES, LARGEST_BYTES, FetchedMail, FolderState, MailboxTrouble, MessagesWithheld
from vetting.values import BadValue

SETTLED_SECONDS = 1.0


def allowed_folder(path: str, allowed: Iterable[Path]) -> Path:
    """The folder behind `path`. Raises BadValue unless it exists and lies in one of the places mail may be read from."""
    folder = Path(path).resolve()
    places = [place.resolve() for place in allowed]
    if not any(folder == place or place in folder.parents for place in places):
        shown = ", ".join(str(place) for place in places)
        raise BadValue(f"Mail is read only from folders inside {shown}. Choose one there, or add another place to MAIL_FOLDERS.")
    if not folder.is_dir():
        raise BadValue("There is no such folder on this computer.")
    return folder


def drop(folder: Path, raw: bytes, *, received_at: datetime | None = None) -> Path:
    """Put a message into the folder in one step, ready to be read at once."""
    path = folder / f"{time.time_ns()}-{secrets.token_hex(4)}.eml"
    part = path.with_suffix(".part")
    part.write_bytes(raw)
    arrived = time.time() - 2 * SETTLED_SECONDS if received_at is None else received_at.timestamp()
    os.utime(part, (arrived, arrived))
    part.replace(path)
    return path


class FolderMailbox:
    """The .eml files directly inside one folder."""

    def __init__(self, path: str, *, allowed: Iterable[Path]) -> None:
        self._path = path
        self._allowed = tuple(allowed)

    def __enter__(self) -> Self:
        self._folder()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing was opened."""

    def state(self) -> FolderState:
        return FolderState(uidvalidity=1, messages=len(self._files()))

    def uids(self, *, above: int) -> list[int]:
        """Every settled file, whatever `above` says: names have no order."""
        settled = time.time() - SETTLED_SECONDS
        return sorted(uid for uid, path in self._files().items() if _changed_at(path) <= settled)

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        files = self._files()
        withheld, why = [], ""
        for uid in uids:
            path = files.get(uid)
            if path is None:
                continue
            try:
                size, changed = path.stat().st_size, path.stat().st_mtime
                with path.open("rb") as file:
                    raw = file.read(BEGINNING_BYTES if size > LARGEST_BYTES else LARGEST_BYTES)
            except FileNotFoundError:
                continue
            except OSError as error:
                withheld.append(uid)
                why = error.strerror or type(error).__name__
                continue
            yield FetchedMail(uid, raw, _moment(changed), size)
        if withheld:
            count = "A file" if len(withheld) == 1 else f"{len(withheld)} files"
            raise MessagesWithheld(f"{count} in the folder {self._path} cannot be read ({why}).", withheld)

    def folders(self) -> list[str]:
        return [self._path]

    def _folder(self) -> Path:
        try:
            return allowed_folder(self._path, self._allowed)
        except BadValue as error:
            raise MailboxTrouble(f"The folder {self._path} cannot be read: {error.sentence}", lasting=True) from error

    def _files(self) -> dict[int, Path]:
        try:
            with os.scandir(self._folder()) as entries:
                names = [entry.name for entry in entries if entry.name.lower().endswith(".eml") and entry.is_file()]
        except OSError as error:
            raise MailboxTrouble(f"The folder {self._path} cannot be read ({error.strerror}).") from error
        return {_number(name): self._folder() / name for name in names}


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:7])


def _moment(seconds: float) -> datetime:
    """A file's own time; the beginning of time where that is none, so that "now" can replace it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        # Gone or unreadable: fetching will say so.
        return 0.0
