"""Fields that give the register's own values, with the value's own sentence when they cannot."""

from typing import Any

from django import forms

from vetting.values import BadValue, Handle, MailAddress


class HandleField(forms.CharField):
    """A Twitter name as people type it -> `Handle` (None when it may stay empty)."""

    def __init__(self, **kwargs: Any) -> None:
        # Longer than a name can be: a pasted profile address is fine too, and the value's own sentence explains the rest.
        super().__init__(**{"max_length": 200, "label": "Twitter name", **kwargs})
        self.widget.attrs.update({"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Handle.parse(text)
        except BadValue as error:
            raise forms.ValidationError(error.sentence) from error


class MailAddressField(forms.CharField):
    """One e-mail address -> `MailAddress` (None when it may stay empty)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 254, "label": "E-mail address", "widget": forms.EmailInput, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return MailAddress.parse(text)
        except BadValue as error:
            raise forms.ValidationError(error.sentence) from error


class DayInput(forms.DateInput):
    """The browser's own calendar, fed with the form it understands."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)
