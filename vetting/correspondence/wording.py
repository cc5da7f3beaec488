"""A school's own wording of its letters: appended, never changed; the newest counts, and an empty one means the register's own."""

from calendar import month_name
from datetime import datetime

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.correspondence.models import LetterText
from vetting.correspondence.templates import SAMPLE, TEMPLATES, Letter, checked, compose
from vetting.school.models import School
from vetting.school.queries import first_account, policy


def wording_of(school: School, template: str) -> LetterText | None:
    """The school's own wording now; None where the register's own counts."""
    row = LetterText.objects.filter(school=school, template=template).select_related("by").order_by("-at", "-pk").first()
    return row if row is not None and row.body else None


def composed(*, school: School, template: str, letter: Letter | None = None, sample: bool = False) -> Letter:
    """The letter as it would go out now, all but the link.

    Args:
        letter: a wording that is being tried, instead of the school's.
        sample: fill in the link too, with one that leads nowhere, to show what a family sees.
    """
    own = wording_of(school, template)
    wording = letter or (Letter(own.subject, own.body) if own is not None else TEMPLATES[template].default)
    account = first_account(school)
    days = policy(school, "confirm_days" if template == "confirm" else "grace_days_mid_year")
    until = _as_a_day(policy(school, "year_end_grace_until"))
    done = compose(wording, account=f"@{account.handle}" if account else "our account", school=school.name, days=days, until=until)
    return Letter(done.subject, done.body.replace("{link}", SAMPLE["link"])) if sample else done


def _as_a_day(month_and_day: str) -> str:
    """ "09-30" -> "30 September"."""
    month, _, day = month_and_day.partition("-")
    return f"{int(day)} {month_name[int(month)]}"


@transaction.atomic
def set_wording(*, school: School, template: str, subject: str, body: str, by: User, at: datetime) -> LetterText:
    """From now on this letter is written in these words. Raises BadValue with a sentence where they cannot be used."""
    letter = checked(template, subject=subject, body=body)
    return _append(school, template, letter, by, at)


@transaction.atomic
def reset_wording(*, school: School, template: str, by: User, at: datetime) -> LetterText:
    """Back to the register's own words, whatever those will be in later versions."""
    return _append(school, template, Letter("", ""), by, at)


def _append(school: School, template: str, letter: Letter, by: User, at: datetime) -> LetterText:
    row = LetterText.objects.create(school=school, template=template, subject=letter.subject, body=letter.body, by=by, at=at)
    title = TEMPLATES[template].title
    record(school_id=school.pk, event=Event.LETTER_TEXT_SET, by=by, at=at, subject=row, facts={"template": title})
    return row
