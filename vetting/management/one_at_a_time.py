"""One `up` for each place where data is kept: the system releases the lock when the process ends, however it ends."""

import sys
from pathlib import Path
from typing import IO


class AlreadyRunning(Exception):
    """Another process holds the lock."""


def hold(path: Path) -> IO[str]:
    """Take the lock file and keep it for as long as the returned file stays open.

    Raises:
        AlreadyRunning: somebody else has it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+", encoding="utf-8")
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise AlreadyRunning from error
    return file
