#!/usr/bin/env python3
"""Runs what docker-compose.yml says without Docker: every command, every health check, the environment of the file and the image.

Only places differ, and main() lists them: host names, ports and folders of the containers become ones of this computer.
PostgreSQL and Redis are Debian's instead of the official images.
"""

import os
import re
import secrets
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import servers
import yaml
from sign_in import sign_in

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PATIENCE = 120


class Compose:
    """The file, with its variables filled in as compose does and its places moved to this computer."""

    def __init__(self, variables: dict[str, str], places: dict[str, str]) -> None:
        self.places = places
        parsed = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
        self.services: dict[str, Any] = _filled(parsed["services"], variables)
        image = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
        self.image = dict(re.findall(r"(\w+)=(\S+)", " ".join(re.findall(r"^ENV (.*)$", image, re.MULTILINE))))

    def environment(self, service: str) -> dict[str, str]:
        """What the container's process would see, and a PATH."""
        named = {name: str(value) for name, value in self.services[service]["environment"].items()}
        all_of_it = {**self.image, **named, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": self.places["/home"], "LANG": "C.UTF-8"}
        return {name: self.here(value) if name != "PATH" else value for name, value in all_of_it.items()}

    def command(self, service: str) -> list[str]:
        return [self.here(str(part)) for part in self.services[service]["command"]]

    def health(self, service: str) -> list[str]:
        kind, *test = self.services[service]["healthcheck"]["test"]
        if kind != "CMD":
            raise SystemExit(f"{service}: only CMD health checks are understood here")
        return [self.here(str(part)) for part in test]

    def here(self, text: str) -> str:
        """The same with this computer's places; a place ends where its name ends ("/data" is not in "/database")."""
        anywhere = "|".join(re.escape(place) for place in self.places)
        return re.sub(rf"(?:{anywhere})(?!\w)", lambda found: self.places[found[0]], text)


def _filled(value: Any, variables: dict[str, str]) -> Any:
    """${NAME}, ${NAME:-otherwise} and ${NAME:+instead} in every text of the parsed file, as compose reads them."""
    if isinstance(value, dict):
        return {key: _filled(part, variables) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, variables) for part in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\$\{(\w+)(?::([-+])([^}]*))?\}", lambda found: _one(found, variables), value)


def _one(found: re.Match[str], variables: dict[str, str]) -> str:
    value, sign, word = variables.get(found[1], ""), found[2], found[3] or ""
    if sign == "+":
        return word if value else ""
    return value or word


def wait_for_health(name: str, test: list[str], environment: dict[str, str]) -> None:
    began, last = time.monotonic(), None
    while last is None or last.returncode:
        if last is not None and time.monotonic() - began > PATIENCE:
            raise SystemExit(f"{name} is not healthy: {last.stdout.decode()[-800:]}")
        last = subprocess.run(test, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    print(f"{name:<9} healthy after {time.monotonic() - began:.1f} s: {' '.join(test)[:90]}", flush=True)


def run_product(compose: Compose, folder: Path, address: str, stack: ExitStack) -> list[subprocess.Popen[bytes]]:
    """web, worker and beat, in the order of depends_on; then somebody signs in."""
    started = []
    for name in ("web", "worker", "beat"):
        log = folder / f"{name}.log"
        stack.callback(_show_if_asked, log)
        process = stack.enter_context(servers.running(compose.command(name), log=log, cwd=ROOT, env=compose.environment(name)))
        started.append(process)
        try:
            wait_for_health(name, compose.health(name), compose.environment(name))
        except SystemExit:
            print(log.read_text("utf-8", errors="replace")[-3000:])
            raise
    script = (ROOT / ".ci" / "first_person.py").read_bytes()
    shell = [str(BIN / "python"), "manage.py", "shell"]
    subprocess.run(shell, cwd=ROOT, env=compose.environment("web"), input=script, stdout=subprocess.DEVNULL, check=True)
    sign_in(address)
    return started


def _show_if_asked(log: Path) -> None:
    if os.environ.get("SHOW_LOGS"):
        print(f"--- {log.name}\n{log.read_text('utf-8', errors='replace')}")


def stop_in_order(processes: list[subprocess.Popen[bytes]]) -> None:
    """As `docker compose stop` does: SIGTERM, and an end within the grace period."""
    for process in reversed(processes):
        began = time.monotonic()
        process.terminate()
        process.wait(60)
        print(f"{Path(process.args[0]).name:<9} stopped in {time.monotonic() - began:.1f} s with code {process.returncode}")


def main() -> None:
    with servers.temporary_folder() as folder, ExitStack() as stack:
        web, sql, broker = (servers.free_port() for _ in range(3))
        for name in ("secrets", "data", "static", "home", "redis"):
            (folder / name).mkdir()
        for name in ("secret_key", "encryption_keys", "database_password"):
            (folder / "secrets" / name).write_text(secrets.token_hex(32))
        places = {
            "/run/secrets": str(folder / "secrets"),
            "/data": str(folder / "data"),
            "/srv/static": str(folder / "static"),
            "/home": str(folder / "home"),
            ":8000": f":{web}",
            "@postgres:5432": f"@127.0.0.1:{sql}",
            "//redis:6379": f"//127.0.0.1:{broker}",
        }
        compose = Compose({}, places)
        image = {**compose.environment("web"), "SECRET_KEY": "build", "ENCRYPTION_KEYS": "build"}
        collect = [str(BIN / "python"), "manage.py", "collectstatic", "--noinput"]
        subprocess.run(collect, cwd=ROOT, env=image, check=True, stdout=subprocess.DEVNULL)

        database = compose.environment("postgres")
        password = Path(database["POSTGRES_PASSWORD_FILE"]).read_text("utf-8")
        stack.enter_context(
            servers.postgres(folder, user=database["POSTGRES_USER"], password=password, database=database["POSTGRES_DB"], port=sql)
        )
        wait_for_health(
            "postgres",
            compose.health("postgres"),
            {**database, "PGPORT": str(sql), "PATH": f"{servers.postgres_programs()}:{database['PATH']}"},
        )
        stack.enter_context(servers.redis(folder / "redis", port=broker, command=compose.command("redis")))
        client, *rest = compose.health("redis")
        wait_for_health("redis", [client, "-p", str(broker), *rest], dict(os.environ))

        stop_in_order(run_product(compose, folder, f"http://127.0.0.1:{web}", stack))
    print("Every command and health check of docker-compose.yml ran natively (not run here: Docker itself, the https profile).")


if __name__ == "__main__":
    main()
