"""Let the first encryption key encrypt everything, so that older ones can be thrown away."""

from typing import Any

from django.core.management.base import CommandError

from vetting.management.one_school import PlainCommand

HELP = """\
Encrypt anew, with the first key of ENCRYPTION_KEYS, everything an older key of it encrypted: tokens and keys for Twitter,
passwords of mailboxes, reasons only the safeguarding lead may read, secrets of second factors.

Put the new key in front (new,old), restart everything, run this, and then take the old key away. It may run while the
register is in use, may be stopped and started again, and prints counts only. While something cannot be read with any of
the keys it says so and ends with exit code 1: then no key may be taken away yet.

  manage.py rotate_keys
"""


class Command(PlainCommand):
    help = HELP

    def handle(self, *args: Any, **options: Any) -> None:
        from vetting.management.rotating import Counts, rotate_columns, rotate_second_factors

        unreadable = 0

        def say(what: str, counts: Counts) -> None:
            nonlocal unreadable
            unreadable += counts.unreadable
            self.stdout.write(
                f"  {counts.renewed:>6} renewed  {counts.already:>6} as they should be  {counts.unreadable:>6} unreadable  {what}"
            )

        for what, counts in rotate_columns():
            say(what, counts)
        say("second factors", rotate_second_factors())
        if unreadable:
            raise CommandError(f"Unreadable with any of the keys: {unreadable}. Keep every key, and find the one that is missing.")
        self.stdout.write(self.style.SUCCESS("Everything is encrypted with the first key. The others may go."))
