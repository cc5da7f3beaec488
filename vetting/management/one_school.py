"""What commands have in common: help that is shown as it was written, and the one school a command is about."""

import argparse
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

if TYPE_CHECKING:
    from vetting.school.models import School


class PlainCommand(BaseCommand):
    """A command whose help keeps its lines."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs)


class SchoolCommand(PlainCommand):
    """A command about one school, named by `--school`."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", required=True, metavar="SLUG", help="the school's short name")

    def school(self, options: dict[str, Any]) -> "School":
        """The school that was named. Raises CommandError where there is none."""
        from vetting.school.models import School

        found = School.objects.filter(slug=options["school"]).first()
        if found is None:
            raise CommandError(f"There is no school with the short name “{options['school']}”.")
        return found
