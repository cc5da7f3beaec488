"""What is typed about an e-mail."""

from django import forms

from vetting.concerns.models import Concern
from vetting.dashboard.forms.fields import HandleField
from vetting.dashboard.forms.requests import CATEGORY_MEANS, OnePageForm


class TwitterNameForm(OnePageForm):
    """The Twitter name a person reads in the message."""

    handle = HandleField(help_text="As the family means it, for example @mumoftwo.")


class AsideForm(OnePageForm):
    why = forms.CharField(label="Why nothing needs doing", max_length=300, help_text="For example: not about following.")


class WorryForm(OnePageForm):
    """A worry about this message, for the safeguarding lead."""

    category = forms.ChoiceField(label="What it is about", choices=[(key, CATEGORY_MEANS[key]) for key in Concern.Category.values])
    words = forms.CharField(
        label="What worries you",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Only the safeguarding lead can read it.",
    )
