"""What is typed about followers: a note to a review or to what does not fit, why somebody should go, a pasted list."""

from django import forms

from vetting.dashboard.forms.requests import OnePageForm


class ReviewForm(OnePageForm):
    note = forms.CharField(label="Note", max_length=500, required=False, help_text="What you found, in a sentence.")


class RemovalForm(OnePageForm):
    why = forms.CharField(label="Why should they no longer follow?", max_length=300, help_text="The admins read it before they answer.")


class MisfitForm(OnePageForm):
    note = forms.CharField(
        label="What you found",
        max_length=300,
        help_text="A few words for the record. It then counts as looked at.",
        error_messages={"required": "Write in a few words what you found."},
    )


class PasteForm(OnePageForm):
    """A list copied from Twitter's own page."""

    text = forms.CharField(
        label="The list, as copied", max_length=200_000, widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"})
    )
    complete = forms.BooleanField(
        label="This is the whole list", required=False, initial=True, help_text="Then whoever is not on it no longer counts as being there."
    )
    # The person saw which lines were not understood, and goes on without them.
    leaving_out = forms.BooleanField(required=False, widget=forms.HiddenInput)


class PasteRequestsForm(PasteForm):
    """Who asks to follow."""


class PasteFollowersForm(PasteForm):
    """Who follows."""
