"""One more school on this installation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.forms import ValidationError
from django.utils import timezone

from vetting.management.preparing import base_url, set_up_link
from vetting.school.models import School
from vetting.school.operations import create_school
from vetting.values import BadValue


class Command(BaseCommand):
    help = (
        "Make a school and print the one-time link with which its first person sets it up and receives every role. The link holds for "
        "seven days. For a school that exists but was never set up, the same command (without --name) prints a fresh link."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", required=True, help="Short name: letters, digits and hyphens, for example hilltop.")
        parser.add_argument("--name", default="", help="Name as people know it, for example “Hilltop Primary School”.")
        parser.add_argument(
            "--base-url", default="", help="Address people use, when SITE_HOST is not set (default: http://127.0.0.1:8000)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        school = School.objects.filter(slug=options["slug"], set_up_at=None).first() if not options["name"] else None
        if school is None:
            try:
                validate_slug(options["slug"])
                school = create_school(slug=options["slug"], name=options["name"], at=at)
            except ValidationError as error:
                raise CommandError("The short name may hold letters, digits, hyphens and underscores only.") from error
            except BadValue as error:
                raise CommandError(error.sentence) from error
        self.stdout.write(f"{school.name} waits to be set up. This link works once, within seven days:")
        self.stdout.write(set_up_link(school, base_url=options["base_url"] or base_url(), at=at))
