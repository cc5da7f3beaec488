"""Joining a school by a link."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import User
from vetting.dashboard.forms.fields import HandleField, MailAddressField
from vetting.school.models import Invitation


class JoinForm(forms.Form):
    """Name, address and password of somebody new. The address is not asked for when the invitation names it."""

    name = forms.CharField(label="Your name", max_length=150, help_text="As colleagues see it beside every decision.")
    email = MailAddressField(label="Your e-mail address", help_text="You sign in with it.")
    password = forms.CharField(
        label="A password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Three or four words are good.",
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = invitation.name
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "username"
        if invitation.email:
            del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" in cleaned:
            who = User(name=cleaned.get("name", ""), email=str(cleaned.get("email") or ""))
            try:
                validate_password(cleaned["password"], who)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

    @property
    def address(self) -> str:
        return str(self.cleaned_data.get("email") or "")


class FirstPersonForm(JoinForm):
    """The first answers of setting up: the school, its own Twitter name, and the person who holds every role to begin with."""

    field_order = ["school_name", "handle", "name", "email", "password"]
    school_name = forms.CharField(label="Your school's name", max_length=120)
    handle = HandleField(label="The school's own Twitter name", help_text="For example @stexample. The account families follow.")
