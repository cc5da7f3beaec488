"""Every stage's tables, for Django. One app, one migrations folder."""

from vetting.audit.models import AuditEvent, AuditHead, AuditText
from vetting.concerns.models import Concern
from vetting.correspondence.models import ConfirmationLink, LetterText, OutgoingMail
from vetting.decisions.models import Countersignature, Decision, QueueItem, Verification
from vetting.execution.models import Attempt, Comparison, Discrepancy, OwedLift
from vetting.heartbeat import Heartbeat
from vetting.identities.models import Identification
from vetting.intake.models import Claim, ClaimReading, IntakeAttempt, IntakeSource, MailPosition, Probe, SigningKey, VerificationEmail
from vetting.leavers.models import FollowerQuestion, FollowerReview, LeaverPlan
from vetting.matching.models import ClaimLink, Match
from vetting.retention.models import ErasureRun
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction, RosterImport
from vetting.school.models import Alarm, CalendarEntry, Invitation, Job, Membership, Policy, School, SchoolAccount
from vetting.twitter.models import (
    Block,
    Budget,
    Capability,
    Connection,
    Follower,
    FollowRequest,
    HandleLookup,
    ListReading,
    Sighting,
    TokenPair,
    TwitterProfile,
    WatchedUser,
)

__all__ = [
    "Alarm",
    "Attempt",
    "AuditEvent",
    "AuditHead",
    "AuditText",
    "Basis",
    "Block",
    "Budget",
    "CalendarEntry",
    "Capability",
    "Claim",
    "ClaimLink",
    "ClaimReading",
    "Comparison",
    "Concern",
    "ConfirmationLink",
    "Connection",
    "Countersignature",
    "Decision",
    "Discrepancy",
    "ErasureRun",
    "FollowRequest",
    "Follower",
    "FollowerQuestion",
    "FollowerReview",
    "HandleLookup",
    "Heartbeat",
    "Identification",
    "IntakeAttempt",
    "IntakeSource",
    "Invitation",
    "Job",
    "LeaverPlan",
    "LetterText",
    "ListReading",
    "MailPosition",
    "Match",
    "Membership",
    "OutgoingMail",
    "OwedLift",
    "Person",
    "PersonAddress",
    "Policy",
    "Probe",
    "Pupil",
    "QueueItem",
    "Restriction",
    "RosterImport",
    "School",
    "SchoolAccount",
    "Sighting",
    "SigningKey",
    "TokenPair",
    "TwitterProfile",
    "Verification",
    "VerificationEmail",
    "WatchedUser",
]
