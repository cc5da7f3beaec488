"""Whose forwards are taken at their word: those of people who work with the register."""

from vetting.school.models import Membership


def is_colleague(school_id: int, address: str) -> bool:
    """Whether somebody signs in to this school's register with this address."""
    return bool(address) and Membership.objects.filter(school=school_id, until=None, user__email__iexact=address).exists()
