"""What is typed about somebody: who they are, why they may follow, until when."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from vetting.dashboard.forms.fields import DayInput
from vetting.dashboard.forms.requests import OnePageForm
from vetting.roster.models import Basis, Person, Pupil
from vetting.roster.operations import ChildName
from vetting.values import BadValue, MailAddress, PersonName

KINDS = [choice for choice in Basis.Kind.choices if choice[0] != Basis.Kind.INTRODUCED_BY]


class AddressesField(forms.CharField):
    """E-mail addresses, one on each line -> a list of `MailAddress`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 2000, "widget": forms.Textarea(attrs={"rows": 3}), **kwargs})

    def clean(self, value: Any) -> Any:
        try:
            return [MailAddress.parse(line) for line in str(super().clean(value)).replace(",", "\n").splitlines() if line.strip()]
        except BadValue as error:
            raise forms.ValidationError("One of these is not an e-mail address. Write one on each line.") from error


class ReasonFields(OnePageForm):
    """Why somebody may follow: the kind, and the child it goes through."""

    kind = forms.ChoiceField(label="They are", choices=KINDS, initial=Basis.Kind.PARENT_OR_CARER)
    relationship = forms.CharField(max_length=60, required=False, help_text="For example mother, or the governor's role.")
    child_given = forms.CharField(label="Child's first name", max_length=100, required=False)
    child_family = forms.CharField(label="Child's surname", max_length=100, required=False)
    child_year = forms.CharField(label="Year group", max_length=20, required=False)
    child_class = forms.CharField(label="Class", max_length=40, required=False)
    starts_on = forms.DateField(label="From", required=False, widget=DayInput(), help_text="Empty: from today.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["child"] = None
        given, family = cleaned.get("child_given") or "", cleaned.get("child_family") or ""
        if given or family:
            try:
                cleaned["child"] = ChildName(given, family, cleaned.get("child_year") or "", cleaned.get("child_class") or "")
            except BadValue as error:
                self.add_error("child_given", error.sentence)
        elif cleaned.get("kind") == Basis.Kind.PARENT_OR_CARER and not cleaned.get("introduced_by"):
            self.add_error("child_given", "Type the child's name: it is the reason why a parent or carer may follow.")
        return cleaned


class AddPersonForm(ReasonFields):
    """Somebody the school knows."""

    field_order = ["title", "given", "family", "addresses"]
    title = forms.CharField(max_length=20, required=False)
    given = forms.CharField(label="First name", max_length=100, required=False)
    family = forms.CharField(label="Surname", max_length=100)
    addresses = AddressesField(label="E-mail addresses", help_text="One on each line.")

    def __init__(self, *args: Any, introduced: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if introduced:
            for name in ("kind", "child_given", "child_family", "child_year", "child_class"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("family"):
            cleaned["name"] = PersonName(cleaned.get("given") or "", cleaned["family"], cleaned.get("title") or "")
        return cleaned


class ReasonForm(ReasonFields):
    """One more reason for somebody known."""

    ends_on = forms.DateField(label="Until", required=False, widget=DayInput(), help_text="Empty: while it lasts.")


class LeftForm(OnePageForm):
    """The last day, and why if it is worth a word."""

    on = forms.DateField(label="Last day", widget=DayInput())
    why = forms.CharField(label="Why", max_length=200, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": today}, **kwargs)


class CorrectForm(OnePageForm):
    """Put an entry right."""

    title = forms.CharField(max_length=20, required=False)
    given = forms.CharField(label="First name", max_length=100, required=False)
    family = forms.CharField(label="Surname", max_length=100)
    addresses = AddressesField(label="E-mail addresses", help_text="One on each line; what you take out is no longer used.")
    do_not_contact = forms.BooleanField(
        label="Do not contact", required=False, help_text="No e-mail is sent to them, and no removal is proposed by itself."
    )

    @classmethod
    def of(cls, person: Person, addresses: Sequence[str]) -> "CorrectForm":
        return cls(
            initial={
                "title": person.title,
                "given": person.given,
                "family": person.family,
                "addresses": "\n".join(addresses),
                "do_not_contact": person.do_not_contact,
            }
        )


class MarkForm(OnePageForm):
    """The safeguarding lead's mark: for one child or for all."""

    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Only the safeguarding lead can read it.")
    pupil = forms.ChoiceField(label="About", required=False)

    def __init__(self, *args: Any, children: Sequence[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pupil"].choices = [("", "All children"), *((str(child.pk), child.name) for child in children)]  # type: ignore[attr-defined]  # a ChoiceField


class LiftForm(OnePageForm):
    why = forms.CharField(label="Why it is lifted", max_length=1000)
