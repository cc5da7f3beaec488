"""Connecting the outside world: Twitter, the list of families. A mailbox has a module of its own."""

from typing import Any

from django import forms

from vetting.dashboard.forms.fields import HandleField
from vetting.school.models import SchoolAccount
from vetting.twitter.models import Connection

MOST_BYTES = 10 * 1024 * 1024


SIGN_IN, KEYS, BY_HAND = "SIGN_IN", Connection.Kind.LIVE.value, Connection.Kind.BY_HAND.value
_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_secret")


def _secret(label: str, **more: Any) -> forms.CharField:
    """Never filled in again: what was typed goes one way."""
    return forms.CharField(label=label, max_length=300, required=False, widget=forms.PasswordInput(), **more)


class TwitterForm(forms.Form):
    """The school's own account, and how it is read: by signing in, with keys, or by pasting lists."""

    KINDS = (
        (SIGN_IN, "By signing in at Twitter"),
        (KEYS, "With the four keys of Twitter’s developer page"),
        (BY_HAND, "We will paste lists from Twitter’s own pages"),
    )
    handle = HandleField(label="The school's own Twitter name")
    kind = forms.ChoiceField(label="How is it read?", choices=KINDS, widget=forms.RadioSelect, initial=BY_HAND)
    client_id = forms.CharField(label="Client ID", max_length=300, required=False)
    client_secret = _secret("Client secret", help_text="Kept encrypted, never shown again.")
    consumer_key = forms.CharField(label="API key", max_length=300, required=False)
    consumer_secret = _secret("API key secret")
    access_token = forms.CharField(label="Access token", max_length=300, required=False)
    access_secret = _secret("Access token secret")

    def __init__(self, *args: Any, account: SchoolAccount | None = None, connection: Connection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if account is not None:
            self.fields["handle"].initial = str(account)
            # Once Twitter told the account's number, Twitter also tells its name.
            self.fields["handle"].disabled = account.twitter_user_id is not None
        if connection is not None:
            self.fields["kind"].initial = _way_of(connection)
            self.fields["client_id"].initial = connection.client_id
        if connection is not None and connection.client_secret:
            self.fields["client_secret"].help_text = "Empty: it stays as it is. Kept encrypted, never shown again."
        for name in ("client_id", "client_secret", *_KEYS):
            self.fields[name].widget.attrs.update({"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"})

    @property
    def way(self) -> str:
        """SIGN_IN, KEYS or BY_HAND."""
        return str(self.cleaned_data["kind"])

    @property
    def app(self) -> dict[str, str]:
        """As keep_app takes it."""
        return {"client_id": self.cleaned_data["client_id"], "client_secret": self.cleaned_data["client_secret"]}

    @property
    def keys(self) -> dict[str, str]:
        """The four keys, as connect takes them."""
        return {name: self.cleaned_data[name] for name in _KEYS}


def _way_of(connection: Connection) -> str:
    if connection.kind == Connection.Kind.BY_HAND:
        return BY_HAND
    is_practice = connection.kind == Connection.Kind.SANDBOX
    return SIGN_IN if is_practice or connection.auth == Connection.Auth.SIGN_IN else KEYS


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
