"""What is typed about followers: a note to a review or to what does not fit, why somebody should go, a pasted list."""

from django import forms

from vetting.dashboard.forms.requests import OnePageForm
from vetting.decisions.models import Verification


class ReviewForm(OnePageForm):
    note = forms.CharField(label="Note", max_length=500, required=False, help_text="What you found, in a sentence.")


class RemovalForm(OnePageForm):
    why = forms.CharField(label="Why should they no longer follow?", max_length=300, help_text="The admins read it before they answer.")


class WhoForm(OnePageForm):
    """Who a follower is, and how that is known."""

    person = forms.CharField(max_length=12, error_messages={"required": "Choose who this is."})
    how = forms.ChoiceField(
        label="How do you know?", choices=[("", "Choose"), *Verification.How.choices], error_messages={"required": "Say how you know."}
    )
    note = forms.CharField(label="Note", max_length=300, required=False)


class OrganisationForm(OnePageForm):
    """An organisation the school knows, with somebody who answers for it."""

    name = forms.CharField(label="Name of the organisation", max_length=100)
    contact = forms.CharField(label="Who answers for it", max_length=60, help_text="The contact the school has there.")
    how = forms.ChoiceField(
        label="How do you know?", choices=[("", "Choose"), *Verification.How.choices], error_messages={"required": "Say how you know."}
    )


class AskedForm(OnePageForm):
    note = forms.CharField(
        label="Whom you asked",
        max_length=300,
        help_text="It sends nothing. Your colleagues see that it was asked.",
        error_messages={"required": "Write whom you asked."},
    )


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
