"""What the safeguarding lead types when a concern is over."""

from django import forms


class CloseForm(forms.Form):
    """For the file; nobody else reads it."""

    outcome = forms.CharField(
        label="What came of it",
        help_text="For example: entered in our safeguarding system, no further action here.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
    )
