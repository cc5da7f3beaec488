"""What is typed on a request: how somebody was checked, why something is declined, held or released."""

from datetime import date, timedelta
from typing import Any

from django import forms

from vetting.concerns.models import Concern
from vetting.dashboard.forms.fields import DayInput, HandleField, MailAddressField
from vetting.decisions.models import Verification
from vetting.intake.models import Claim
from vetting.roster.models import Basis
from vetting.roster.operations import ChildName
from vetting.values import BadValue, PersonName

CATEGORY_MEANS = {
    "CONTENT": "Content: what the account shows or posts",
    "CONTACT": "Contact: who they are to a child, or how they write to one",
    "CONDUCT": "Conduct: how somebody behaves",
    "COMMERCE": "Commerce: selling, advertising, fraud",
}


class OnePageForm(forms.Form):
    """Several of these stand on one page: their fields' ids begin with the form's name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.lower()}_%s", **kwargs})


class Answer(OnePageForm):
    """Anything decided about an item carries the version the person saw."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class VerifyForm(Answer):
    """Who it is and how that was checked."""

    person = forms.CharField(max_length=12, error_messages={"required": "Choose who this is."})
    how = forms.ChoiceField(choices=Verification.How.choices, error_messages={"required": "Say how you checked."})
    note = forms.CharField(max_length=300, required=False)


class AddPersonForm(Answer):
    """Somebody the school knows who is not on its list yet, checked in the same step."""

    given = forms.CharField(label="First name", max_length=100)
    family = forms.CharField(label="Surname", max_length=100)
    kind = forms.ChoiceField(label="They are", choices=Basis.Kind.choices, initial=Basis.Kind.PARENT_OR_CARER)
    relationship = forms.CharField(
        label="Relationship", max_length=60, required=False, help_text="For example mother, or the governor's role."
    )
    child_given = forms.CharField(label="Child's first name", max_length=100, required=False)
    child_family = forms.CharField(label="Child's surname", max_length=100, required=False)
    child_class = forms.CharField(label="Class", max_length=40, required=False)
    address = MailAddressField(required=False)
    how = forms.ChoiceField(label="How you checked", choices=[("", "Choose"), *Verification.How.choices])

    def __init__(self, *args: Any, hows: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if hows is not None:
            self.fields["how"].choices = [("", "Choose"), *hows]  # type: ignore[attr-defined]  # a ChoiceField
        # An introduction needs the parent who makes it; that is recorded on the People page.
        self.fields["kind"].choices = [choice for choice in Basis.Kind.choices if choice[0] != Basis.Kind.INTRODUCED_BY]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("given") and cleaned.get("family"):
            cleaned["name"] = PersonName(cleaned["given"], cleaned["family"])
        cleaned["child"] = None
        if cleaned.get("child_given") or cleaned.get("child_family"):
            try:
                family = cleaned.get("child_family") or cleaned.get("family") or ""
                cleaned["child"] = ChildName(cleaned.get("child_given") or "", family, class_name=cleaned.get("child_class") or "")
            except BadValue as error:
                self.add_error("child_given", error.sentence)
        elif cleaned.get("kind") == Basis.Kind.PARENT_OR_CARER:
            self.add_error("child_given", "Type the child's name: it is the reason why a parent or carer may follow.")
        return cleaned


class DeclineForm(Answer):
    reason = forms.CharField(
        label="Reason, for the file",
        max_length=300,
        help_text="The family does not see it.",
        error_messages={"required": "Give a reason, for the file. The family does not see it."},
    )


class HoldForm(Answer):
    category = forms.ChoiceField(label="What it is about", choices=[(key, CATEGORY_MEANS[key]) for key in Concern.Category.values])
    words = forms.CharField(
        label="What worries you",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Only the safeguarding lead can read it.",
    )


class ReleaseForm(Answer):
    why = forms.CharField(
        label="Why it may go on",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only the safeguarding lead can read it.",
    )


class LaterForm(OnePageForm):
    until = forms.DateField(label="Show it again on", widget=DayInput())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"until": next_weekday(today + timedelta(days=1))}, **kwargs)
        self.fields["until"].widget.attrs["min"] = (today + timedelta(days=1)).isoformat()


def next_weekday(day: date) -> date:
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


class SearchForm(forms.Form):
    search = forms.CharField(label="Name, child or address", max_length=100)


class WriteDownForm(OnePageForm):
    """What a family said by phone, on paper or at the desk."""

    handle = HandleField(help_text="For example @mumoftwo. Ask them to read it from Twitter.")
    name = forms.CharField(label="Their name", max_length=200)
    channel = forms.ChoiceField(
        label="How they told you", choices=[choice for choice in Claim.Channel.choices if choice[0] != Claim.Channel.EMAIL]
    )
    child_text = forms.CharField(label="Child's name", max_length=200, required=False)
    class_text = forms.CharField(label="Class", max_length=80, required=False)
    note = forms.CharField(label="Note", max_length=300, required=False)
