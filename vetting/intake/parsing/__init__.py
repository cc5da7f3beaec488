"""Reading an e-mail: bytes in, what we understood out. Pure: no Django, no database, no network, no clock.

Nothing here raises for what a sender wrote; whatever cannot be read becomes a defect beside what could. The caller runs it in a
child process with limits (vetting.intake.parser_process), because no care in Python bounds every byte sequence.
"""

from vetting.intake.parsing.mentions import is_mentioned, stands_beside
from vetting.intake.parsing.message import PARSER_VERSION, parse
from vetting.intake.parsing.parsed import FoundName, MailClass, ParsedEmail, Strength, Zone, ZoneKind

__all__ = [
    "PARSER_VERSION",
    "FoundName",
    "MailClass",
    "ParsedEmail",
    "Strength",
    "Zone",
    "ZoneKind",
    "is_mentioned",
    "parse",
    "stands_beside",
]
