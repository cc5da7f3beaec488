"""What is typed about an e-mail."""

from typing import Any

from django import forms

from vetting.concerns.models import Concern
from vetting.dashboard.forms.fields import HandleField
from vetting.dashboard.forms.requests import CATEGORY_MEANS, OnePageForm

REASONS = (
    "Not about following",
    "Advertising or a newsletter",
    "Not meant for this school",
    "A copy of another message",
    "Answered by phone or at the desk",
)


class ManyFilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """-> the uploaded files, as a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(ManyFilesField, self).clean(one, initial) for one in (data or [None])]


class GiveForm(OnePageForm):
    given = ManyFilesField(
        label="The files",
        help_text="E-mails saved from your mail program as .eml, or a whole folder saved as .mbox. Several at once are fine.",
        widget=ManyFilesInput(attrs={"accept": ".eml,.mbox,.mbx,message/rfc822,application/mbox"}),
        error_messages={"required": "Choose one or more .eml or .mbox files.", "empty": "One of the files is empty."},
    )


class TwitterNameForm(OnePageForm):
    """The Twitter name a person reads in the message."""

    handle = HandleField(help_text="As the family means it, for example @mumoftwo.")


class AsideForm(OnePageForm):
    """Why nothing needs doing: one of the usual reasons, or another in a few words."""

    reason = forms.ChoiceField(
        label="Why nothing needs doing",
        choices=[*((one, one) for one in REASONS), ("", "Something else")],
        required=False,
        widget=forms.RadioSelect,
    )
    why = forms.CharField(label="Something else", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["why"] = cleaned.get("reason") or (cleaned.get("why") or "").strip()
        if not cleaned["why"]:
            self.add_error("why", "Choose a reason, or say it in a few words.")
        return cleaned


class WorryForm(OnePageForm):
    """A worry about this message, for the safeguarding lead."""

    category = forms.ChoiceField(label="What it is about", choices=[(key, CATEGORY_MEANS[key]) for key in Concern.Category.values])
    words = forms.CharField(
        label="What worries you",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Only the safeguarding lead can read it.",
    )
