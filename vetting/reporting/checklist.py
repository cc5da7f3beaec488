"""What the guidance asks of a school before and while its account has known followers only, and how far this school is."""

from dataclasses import dataclass

from vetting.decisions.models import QueueItem
from vetting.decisions.states import State
from vetting.intake.models import IntakeSource
from vetting.leavers.models import FollowerReview
from vetting.roster.models import Person
from vetting.school.models import CalendarEntry, Membership, Policy, Role, School, SchoolAccount


@dataclass(frozen=True)
class Step:
    """One thing to have done. `place` names the page where it is done."""

    title: str
    why: str
    place: str
    done: bool


def checklist(school: School) -> list[Step]:
    """In the guidance's order. Each step is read from the register itself; nobody ticks anything."""
    accounts = SchoolAccount.objects.filter(school=school)
    admins = Membership.objects.filter(school=school, role=Role.ADMIN, until=None).count()
    return [
        Step(
            "Two admins, one of them a leader",
            "Somebody must be able to answer when the other is away, and a leader answers for the account.",
            "settings_people",
            admins >= 2,
        ),
        Step(
            "The rules are yours",
            "One or two people for an approval, how long leavers may stay, how long e-mails are kept.",
            "settings_rules",
            Policy.objects.filter(school=school).exists(),
        ),
        Step(
            "Twitter is connected, or lists are pasted",
            "Without it the register does not see who asks.",
            "settings_twitter",
            accounts.filter(connection__isnull=False).exists(),
        ),
        Step(
            "The account is protected",
            "Only then does Twitter ask you before somebody follows.",
            "settings_twitter",
            accounts.filter(protected=True).exists(),
        ),
        Step(
            "Families have an address to write to",
            "A folder of the school's mailbox; their messages become the proof.",
            "settings_mailboxes",
            IntakeSource.objects.filter(school=school, active=True).exclude(kind=IntakeSource.Kind.UPLOAD).exists(),
        ),
        Step(
            "Term dates are entered",
            "Waiting is counted in school days, and leavers get their time of grace.",
            "settings_calendar",
            CalendarEntry.objects.filter(school=school).exists(),
        ),
        Step(
            "The list of families is loaded",
            "It may be skipped: people can be added one at a time.",
            "imports",
            Person.objects.filter(school=school).exists(),
        ),
        Step(
            "Families know what to write",
            "The notice is ready to copy. It is done when the first Twitter name was answered.",
            "notice",
            QueueItem.objects.filter(school=school, state=State.DONE).exists(),
        ),
        Step(
            "The present followers were looked through",
            "Those who came before the register count too.",
            "followers",
            FollowerReview.objects.filter(school_account__school=school).exists(),
        ),
    ]
