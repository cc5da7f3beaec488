"""Connecting the outside world: a mailbox folder, Twitter, the list of families."""

from typing import Any

from django import forms

from vetting.dashboard.forms.fields import HandleField
from vetting.intake.models import IntakeSource
from vetting.school.models import School, SchoolAccount
from vetting.twitter.models import Connection

MOST_BYTES = 10 * 1024 * 1024


class MailboxForm(forms.Form):
    """A mailbox folder, or a folder of .eml files on this computer."""

    name = forms.CharField(label="Name", max_length=80, initial="Twitter folder of the office", help_text="As you will see it here.")
    kind = forms.ChoiceField(label="Where the e-mails are", choices=IntakeSource.Kind.choices, initial=IntakeSource.Kind.IMAP)
    host = forms.CharField(label="Mail server", max_length=200, required=False, help_text="For example imap.example.org.")
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535, required=False, help_text="Empty: the usual one.")
    security = forms.ChoiceField(label="Encryption", choices=IntakeSource.Security.choices, initial=IntakeSource.Security.TLS)
    username = forms.CharField(label="User name", max_length=200, required=False, help_text="Mostly the whole e-mail address.")
    password = forms.CharField(
        label="Password", required=False, widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}), strip=False
    )
    folder = forms.CharField(
        label="Folder", max_length=300, initial="INBOX", help_text="Its name in the mailbox; for .eml files the path on this computer."
    )

    @property
    def given(self) -> dict[str, Any]:
        """As add_source and test_source take it."""
        return dict(self.cleaned_data)

    def as_source(self, school: School) -> IntakeSource:
        """The source that would be added, not saved: for a test."""
        return IntakeSource(school=school, **self.given)


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
