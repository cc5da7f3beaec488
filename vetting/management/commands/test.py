"""`manage.py test`: the whole suite with pytest; every argument is pytest's."""

import os
from typing import Any

import pytest
from django.core.management.base import BaseCommand

from vetting.env import BASE_DIR

HELP = """manage.py test [pytest's arguments]

Runs every test of Known Followers with pytest and hands all arguments on, for example:

  manage.py test -q                          short output
  manage.py test tests/journeys              the stories only
  manage.py test -k undo                     tests with "undo" in their name
  manage.py test -n 2                        on two cores
  DATABASE_URL=postgres://… manage.py test   on PostgreSQL (a test_… database is made and dropped)

Browser tests need a Chromium, mail tests a Dovecot; where one is missing they are skipped and say so.
What follows is pytest's own help.
"""


class Command(BaseCommand):
    help = "Run the tests with pytest; arguments are pytest's."

    def run_from_argv(self, argv: list[str]) -> None:
        arguments = argv[2:]
        if "--help" in arguments or "-h" in arguments:
            self.stdout.write(HELP)
        os.chdir(BASE_DIR)
        raise SystemExit(int(pytest.main(arguments)))

    def handle(self, *args: Any, **options: Any) -> None:
        """Only run_from_argv is used: Django must not read pytest's arguments."""
