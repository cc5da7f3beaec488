#!/usr/bin/env python3
"""A PostgreSQL and a Redis of our own for as long as a command runs: `.ci/servers.py COMMAND …`.

Both live in a folder that is removed afterwards, listen on free ports of this computer only, and reach the command as
DATABASE_URL and REDIS_URL. Standard library only.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def postgres_programs() -> Path:
    """Where initdb and postgres are: Debian keeps them off the PATH, one folder for each version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if found:
        return found[-1]
    initdb = shutil.which("initdb")
    if initdb is None:
        raise SystemExit("PostgreSQL is not installed (Debian: apt-get install postgresql).")
    return Path(initdb).parent


def as_nobody_special(command: Sequence[str]) -> list[str]:
    """PostgreSQL refuses to run as root: then as its own user."""
    if os.geteuid():
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


def wait_until(ready: Callable[[], bool], *, what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come up within {seconds:.0f} s.")
        time.sleep(0.1)


@contextlib.contextmanager
def running(command: Sequence[str], *, log: Path, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """A server that is asked to stop, and then made to, when the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(list(command), stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def postgres(folder: Path, *, user: str, password: str, database: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A fresh cluster that asks for its password, as the container does."""
    programs, data, secret = postgres_programs(), folder / "postgres", folder / "password"
    data.mkdir()
    secret.write_text(password)
    if not os.geteuid():
        for path in (data, secret):
            shutil.chown(path, "postgres", "postgres")
    # English collation as in the container; C.UTF-8 exists everywhere.
    initdb = [programs / "initdb", "-D", data, "-U", user, f"--pwfile={secret}", "--auth=scram-sha-256", "--locale=C.UTF-8", "-E", "UTF8"]
    subprocess.run(as_nobody_special([str(part) for part in initdb]), check=True, stdout=subprocess.DEVNULL)
    server = [programs / "postgres", "-D", data, "-p", port, "-k", data, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    with running(as_nobody_special([str(part) for part in server]), log=folder / "postgres.log") as process:
        ask = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_until(lambda: subprocess.run(ask, check=False).returncode == 0, what="PostgreSQL")
        create = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", user, database]
        subprocess.run(create, check=True, env={**os.environ, "PGPASSWORD": password})
        yield process


@contextlib.contextmanager
def redis(folder: Path, *, port: int, command: Sequence[str] = ("redis-server",)) -> Iterator[subprocess.Popen[bytes]]:
    where = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with running([*command, *where], log=folder / "redis.log") as process:
        ask = ["redis-cli", "-p", str(port), "ping"]
        wait_until(lambda: b"PONG" in subprocess.run(ask, check=False, capture_output=True).stdout, what="Redis")
        yield process


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter as well."""
    with tempfile.TemporaryDirectory(prefix="known-followers-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def main() -> int:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    with temporary_folder() as folder:
        sql, broker = free_port(), free_port()
        with postgres(folder, user="register", password="register", database="register", port=sql), redis(folder, port=broker):  # noqa: S106  # dies with the folder
            found = {
                "DATABASE_URL": f"postgres://register:register@127.0.0.1:{sql}/register",
                "REDIS_URL": f"redis://127.0.0.1:{broker}/0",
            }
            return subprocess.run(sys.argv[1:], env={**os.environ, **found}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
