"""Who works at the demo school and signs in with one click."""

from dataclasses import dataclass

from vetting.demo.place import SCHOOL_DOMAIN
from vetting.school.models import Role


@dataclass(frozen=True)
class CastMember:
    """A colleague of the demo. The sign-in page finds them by `name` among the demo school's members."""

    name: str
    email: str
    roles: tuple[Role, ...]
    description: str


PRIYA = CastMember("Priya", f"priya@{SCHOOL_DOMAIN}", (Role.OFFICE,), "School office: checks who is asking")
MR_OKAFOR = CastMember("Mr Okafor", f"okafor@{SCHOOL_DOMAIN}", (Role.ADMIN, Role.TECHNICIAN), "Admin: approves, declines, removes")
MRS_LANE = CastMember("Mrs Lane", f"lane@{SCHOOL_DOMAIN}", (Role.ADMIN,), "Second admin")
MS_REID = CastMember("Ms Reid", f"reid@{SCHOOL_DOMAIN}", (Role.LEAD,), "Safeguarding lead: answers what is on hold")

CAST: tuple[CastMember, ...] = (PRIYA, MR_OKAFOR, MRS_LANE, MS_REID)
