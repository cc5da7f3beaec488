"""Connecting a mailbox folder, or changing how one is reached. Which fields count follows from where the e-mails are."""

from typing import Any

from django import forms

from vetting.intake.mailbox.google import LONGEST_KEY
from vetting.intake.models import IntakeSource
from vetting.school.models import School

MICROSOFT, GOOGLE = IntakeSource.SignIn.MICROSOFT.value, IntakeSource.SignIn.GOOGLE.value
IMAP, FOLDER = IntakeSource.Kind.IMAP.value, IntakeSource.Kind.FOLDER.value
SECRETS = ("password", "client_secret", "key_file")


def _secret(label: str, **more: Any) -> forms.CharField:
    """Never filled in again: what was typed goes one way."""
    return forms.CharField(label=label, required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}), **more)


class MailboxForm(forms.Form):
    """A mailbox folder, or a folder of .eml files on this computer."""

    KINDS = (
        (MICROSOFT, "Microsoft 365 (Exchange, Outlook)"),
        (GOOGLE, "Google Workspace (Gmail)"),
        (IMAP, "Another mail server, with user name and password"),
        (FOLDER, "A folder of .eml files on this computer"),
    )
    name = forms.CharField(label="Name", max_length=80, initial="Twitter folder of the office", help_text="As you will see it here.")
    kind = forms.ChoiceField(label="Where are the e-mails?", choices=KINDS, widget=forms.RadioSelect, initial=MICROSOFT)
    address = forms.CharField(
        label="Address of the mailbox", max_length=200, required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    tenant = forms.CharField(label="Directory (tenant) ID", max_length=100, required=False)
    client_id = forms.CharField(label="Application (client) ID", max_length=200, required=False)
    client_secret = _secret("Client secret", max_length=300, help_text="Its Value, not its ID. Kept encrypted, never shown again.")
    key_file = forms.FileField(
        label="Key file", required=False, help_text="The JSON file exactly as Google gave it. Kept encrypted, never shown again."
    )
    host = forms.CharField(label="Mail server", max_length=200, required=False, help_text="For example imap.example.org.")
    security = forms.ChoiceField(
        label="Encryption", choices=IntakeSource.Security.choices, initial=IntakeSource.Security.TLS, required=False
    )
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535, required=False, help_text="Empty: the usual one.")
    username = forms.CharField(label="User name", max_length=200, required=False, help_text="Mostly the whole e-mail address.")
    password = _secret("Password", max_length=300, help_text="Kept encrypted, never shown again.")
    folder = forms.CharField(
        label="Folder", max_length=300, initial="INBOX", help_text="Its name in the mailbox; for .eml files the path on this computer."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("address", "tenant", "client_id", "host", "username", "folder"):
            self.fields[name].widget.attrs.update({"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"})

    def clean_key_file(self) -> str:
        file: Any = self.cleaned_data["key_file"]
        if file is None:
            return ""
        if file.size > LONGEST_KEY:
            raise forms.ValidationError("This is not one of Google's key files: it is too long.")
        try:
            return str(file.read(), "utf-8")
        except UnicodeDecodeError as error:
            raise forms.ValidationError("This is not one of Google's key files: it is no text.") from error

    @property
    def given(self) -> dict[str, Any]:
        """As add_source takes it: only what belongs to the chosen place."""
        data = self.cleaned_data
        kind = data["kind"]
        facts = {"name": data["name"], "folder": data["folder"], "kind": FOLDER if kind == FOLDER else IMAP}
        if kind == MICROSOFT:
            credentials = {name: data[name] for name in ("tenant", "client_id", "client_secret")}
            return {**facts, "sign_in": MICROSOFT, "username": data["address"], **credentials}
        if kind == GOOGLE:
            return {**facts, "sign_in": GOOGLE, "username": data["address"], "client_secret": data["key_file"]}
        if kind == IMAP:
            reached = {name: data[name] for name in ("host", "port", "username", "password")}
            return {**facts, **reached, "security": data["security"] or IntakeSource.Security.TLS}
        return facts

    def as_source(self, school: School) -> IntakeSource:
        """The source that would be added, not saved: for a test."""
        return IntakeSource(school=school, **self.given)


class ChangeMailboxForm(MailboxForm):
    """The same for a folder that is connected. A secret left empty stays as it is."""

    def __init__(self, *args: Any, source: IntakeSource, **kwargs: Any) -> None:
        self.source = source
        self.now = FOLDER if source.kind == FOLDER else (IMAP if source.sign_in == IntakeSource.SignIn.PASSWORD else source.sign_in)
        initial = {
            name: getattr(source, name) for name in ("name", "tenant", "client_id", "host", "port", "security", "username", "folder")
        }
        initial |= {"kind": self.now, "address": source.username}
        super().__init__(*args, initial=initial, auto_id=f"source-{source.pk}-%s", **kwargs)
        kinds = [kind for kind in self.KINDS if (kind[0] == FOLDER) == (self.now == FOLDER)]
        widget = forms.RadioSelect if len(kinds) > 1 else forms.HiddenInput
        self.fields["kind"] = forms.ChoiceField(label="Where are the e-mails?", choices=kinds, widget=widget)
        for name in SECRETS:
            self.fields[name].help_text = f"Empty: it stays as it is. {self.fields[name].help_text}"

    @property
    def changes(self) -> dict[str, Any]:
        """As change_source takes it."""
        facts = self.given
        del facts["kind"]
        chosen = self.cleaned_data["kind"]
        if chosen == FOLDER:
            return facts
        facts.setdefault("sign_in", IntakeSource.SignIn.PASSWORD)
        facts.setdefault("security", IntakeSource.Security.TLS)
        facts["port"] = facts.get("port") or (143 if facts["security"] == IntakeSource.Security.STARTTLS else 993)
        if chosen == self.now:
            facts = {name: value for name, value in facts.items() if value or name not in ("password", "client_secret")}
        return facts
