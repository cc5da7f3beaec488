"""What is typed about letters: their wording by the school, and the answers of families."""

from typing import Any

from django import forms

from vetting.correspondence.templates import BLANKS, LONGEST_BODY, LONGEST_SUBJECT, Template
from vetting.dashboard.forms.fields import HandleField


class TypedNameForm(forms.Form):
    """A family's own Twitter name, typed once more."""

    handle = HandleField(label="Your Twitter name", help_text="As it stands in your Twitter profile, for example @mumoftwo.")


class NotMeForm(forms.Form):
    """A box ticked by hand: programs that open letters press buttons too."""

    sure = forms.BooleanField(
        label="I did not ask to follow the school", error_messages={"required": "Tick the box if this was not you; then press the button."}
    )


class WordingForm(forms.Form):
    """A letter in the school's own words."""

    subject = forms.CharField(label="Subject", max_length=LONGEST_SUBJECT)
    body = forms.CharField(label="Text", max_length=LONGEST_BODY, strip=False, widget=forms.Textarea(attrs={"rows": 14}))

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = [f"{{{name}}} for {meaning}" for name, meaning in BLANKS.items() if name in template.may_use]
        self.fields["body"].help_text = f"You can write {', '.join(usable)}. Name no child and confirm nothing about anybody."
