"""The vocabulary of the register: small immutable values, parsed once at the border. No Django here."""

from vetting.values.errors import BadValue, Refused
from vetting.values.evidence import Evidence, Level, Verdict
from vetting.values.handles import Handle, TwitterUserId
from vetting.values.people import MailAddress, PersonName
from vetting.values.periods import Period
from vetting.values.references import new_reference, new_references

__all__ = [
    "BadValue",
    "Evidence",
    "Handle",
    "Level",
    "MailAddress",
    "Period",
    "PersonName",
    "Refused",
    "TwitterUserId",
    "Verdict",
    "new_reference",
    "new_references",
]
