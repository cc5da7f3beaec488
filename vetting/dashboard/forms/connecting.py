"""Connecting the outside world: Twitter, the list of families. A mailbox has a module of its own."""

from typing import Any

from django import forms

from vetting.dashboard.forms.fields import HandleField
from vetting.school.models import SchoolAccount
from vetting.twitter.models import Connection

MOST_BYTES = 10 * 1024 * 1024


class TwitterForm(forms.Form):
    """The school's own account, and how it is read: with keys, or by pasting lists."""

    KINDS = (
        (Connection.Kind.BY_HAND.value, "We will paste lists from Twitter’s own pages"),
        (Connection.Kind.LIVE.value, "With the keys of Twitter’s developer page"),
    )
    handle = HandleField(label="The school's own Twitter name")
    kind = forms.ChoiceField(label="How is it read?", choices=KINDS, widget=forms.RadioSelect, initial=Connection.Kind.BY_HAND.value)
    consumer_key = forms.CharField(label="API key", max_length=300, required=False)
    consumer_secret = forms.CharField(label="API key secret", max_length=300, required=False, widget=forms.PasswordInput())
    access_token = forms.CharField(label="Access token", max_length=300, required=False)
    access_secret = forms.CharField(label="Access token secret", max_length=300, required=False, widget=forms.PasswordInput())

    def __init__(self, *args: Any, account: SchoolAccount | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if account is not None:
            self.fields["handle"].initial = str(account)
            # Once Twitter told the account's number, Twitter also tells its name.
            self.fields["handle"].disabled = account.twitter_user_id is not None
        for name in ("consumer_key", "consumer_secret", "access_token", "access_secret"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    @property
    def keys(self) -> dict[str, str]:
        """The four keys, as connect takes them; empty ones when lists are pasted."""
        names = ("consumer_key", "consumer_secret", "access_token", "access_secret")
        if self.cleaned_data["kind"] == Connection.Kind.BY_HAND:
            return dict.fromkeys(names, "")
        return {name: self.cleaned_data[name] for name in names}


class ListForm(forms.Form):
    """The school's list of families as a CSV file."""

    file = forms.FileField(
        label="The list, as a CSV file", help_text="As your school's system exports it. What is not needed is dropped at once."
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("This file is larger than 10 MB. A list of families is much smaller.")
        return file
