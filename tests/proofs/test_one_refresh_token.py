"""Eight processes, as a server runs them, and one refresh token that is good once: one renews, all go on."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection as database

from tests.given_sign_in import signed_in
from tests.given_twitter import at_twitter
from tests.sandbox import Sandbox
from vetting.env import BASE_DIR

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PROCESSES = 8
WORKER = """
import sys, time, django
django.setup()
from vetting.twitter.connecting import client_for
from vetting.twitter.models import Connection
connection = Connection.objects.get(pk=int(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
print(client_for(connection).whoami().handle.value, time.monotonic() - began, flush=True)
"""


def test_of_eight_processes_one_renews(sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if database.vendor != "sqlite":
        pytest.skip("The same race runs on PostgreSQL with threads: tests/vetting/twitter/test_the_tokens.py.")
    now = signed_in(at_twitter(sandbox), life=1, seconds=-60)
    path = tmp_path / "race.sqlite3"
    with closing(sqlite3.connect(path)) as file:
        database.connection.backup(file)
    time.sleep(1.1)
    ours = {"DATABASE_URL": f"sqlite:///{path}", "DATA_DIR": str(tmp_path), "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS)}
    start = [sys.executable, "-c", WORKER, str(now.pk)]
    environment = {**os.environ, **ours, "DJANGO_SETTINGS_MODULE": "vetting.settings"}
    workers = [
        subprocess.Popen(start, cwd=BASE_DIR, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(PROCESSES)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    answers = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert [who for who, _ in answers] == ["stexample"] * PROCESSES
    assert (sandbox.world.calls("token"), sandbox.world.calls("me")) == (1, PROCESSES)
    with capsys.disabled():
        slowest = max(float(took) for _, took in answers)
        print(f"\nsqlite: {PROCESSES} processes, 1 renewal, the slowest waited {slowest:.2f} s")
