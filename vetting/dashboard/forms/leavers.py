"""What is typed about removals."""

from django import forms

from vetting.dashboard.forms.requests import Answer, OnePageForm


class AnswerForm(Answer):
    """Remove or keep, with a reason for the file."""

    outcome = forms.ChoiceField(choices=[("REMOVE", "Remove follower"), ("KEEP", "Keep")])
    reason = forms.CharField(
        label="Reason, for the file",
        max_length=300,
        help_text="The family does not see it.",
        error_messages={"required": "Give a reason, for the file. The family does not see it."},
    )


class GoOnForm(OnePageForm):
    why = forms.CharField(
        label="Why is this list right?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why this list is right."},
    )


class PauseForm(OnePageForm):
    why = forms.CharField(
        label="Why",
        max_length=300,
        help_text="A few words; your colleagues read them wherever removals are shown.",
        error_messages={"required": "Write in a few words why all removals are paused."},
    )
