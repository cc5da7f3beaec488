"""Whose forwards are taken at their word: those of people who work with the register."""

from vetting.intake.models import VerificationEmail
from vetting.school.models import Membership


def is_colleague(school_id: int, address: str) -> bool:
    """Whether somebody signs in to this school's register with this address."""
    return bool(address) and Membership.objects.filter(school=school_id, until=None, user__email__iexact=address).exists()


def whose_word(email: VerificationEmail) -> tuple[str, str]:
    """Address and name of whoever a message is from: its sender, or whom it names where a colleague forwarded it."""
    if email.forwarded_address and is_colleague(email.school_id, email.from_address):
        return email.forwarded_address, email.forwarded_name
    return email.from_address, email.from_name
