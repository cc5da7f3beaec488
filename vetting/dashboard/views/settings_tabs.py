"""Which settings there are, and for whom."""

from django.urls import reverse

from vetting.dashboard.permissions import SchoolRequest
from vetting.dashboard.presenters import Tab
from vetting.school.models import Role

ADMINS = (Role.ADMIN,)
CONNECTORS = (Role.ADMIN, Role.TECHNICIAN)
WRITERS = (Role.ADMIN, Role.OFFICE)
"""The office reads the letters it sends; an admin words them."""
KEEPERS = (Role.ADMIN, Role.DATA_LEAD)

_PARTS = (
    ("settings_calendar", "School and term dates", ADMINS),
    ("settings_rules", "Rules", ADMINS),
    ("settings_letters", "Letters", WRITERS),
    ("settings_mailboxes", "Mailbox", CONNECTORS),
    ("settings_twitter", "Twitter (X)", CONNECTORS),
    ("settings_people", "People and roles", CONNECTORS),
    ("settings_kept", "What is kept", KEEPERS),
)


def settings_tabs(request: SchoolRequest, current: str) -> list[Tab]:
    """The tabs somebody with these roles sees."""
    return [Tab(name, word, reverse(name), current=name == current) for name, word, roles in _PARTS if request.roles & frozenset(roles)]
