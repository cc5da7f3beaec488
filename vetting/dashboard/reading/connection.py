"""How the school reaches Twitter, as far as a page must know it."""

from vetting.school.models import SchoolAccount
from vetting.twitter.models import Connection


def connection_of(school_account: SchoolAccount) -> Connection | None:
    """None while the account is not connected at all."""
    return getattr(school_account, "connection", None)


def pages_url(school_account: SchoolAccount) -> str:
    """Where Twitter's own pages stand for this account; empty while it is not connected. Reads none of its keys."""
    return Connection.objects.filter(school_account=school_account).values_list("pages_url", flat=True).first() or ""
