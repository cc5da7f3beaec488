"""How the school reaches Twitter, as far as a page must know it."""

from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Connection


def connection_of(school_account: SchoolAccount) -> Connection | None:
    """None while the account is not connected at all."""
    return getattr(school_account, "connection", None)


def reads_by_hand(school: School) -> bool:
    """Whether one of the school's accounts lives from pasted lists."""
    return Connection.objects.filter(school_account__school=school, kind=Connection.Kind.BY_HAND).exists()
