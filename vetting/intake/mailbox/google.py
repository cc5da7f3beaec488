"""A token for a Google Workspace mailbox: with the key file of a service account that may act for the mailbox (domain-wide delegation),
or with a refresh token that the mailbox's own user granted to the school's internal client.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from google.auth import exceptions
from google.auth.transport.requests import Request
from google.oauth2 import credentials as granted
from google.oauth2 import service_account

from vetting.intake.mailbox.port import MailboxTrouble
from vetting.intake.mailbox.token_http import Granted, TokenSession
from vetting.values import BadValue

HOST = "imap.gmail.com"
SCOPE = "https://mail.google.com/"
# Never the address in the file: whoever gives the file would choose whom this computer calls.
_TOKEN_ADDRESS = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address, not a password
LONGEST_KEY = 20_000


@dataclass(frozen=True, repr=False)
class GoogleKey:
    """The file Google gave the school, with what is needed of it."""

    is_service_account: bool
    contents: dict[str, str]

    @property
    def client_id(self) -> str:
        return self.contents.get("client_id", "")

    @classmethod
    def parse(cls, text: str) -> "GoogleKey":
        """Raises BadValue with a sentence that says which file is meant."""
        if len(text) > LONGEST_KEY:
            raise BadValue("This is not one of Google's key files: it is too long.")
        try:
            given = json.loads(text)
        except ValueError as error:
            raise BadValue("This is not one of Google's key files: it is no JSON. Choose the file exactly as Google gave it.") from error
        if not isinstance(given, dict):
            raise BadValue("This is not one of Google's key files. Choose the file exactly as Google gave it.")
        of_service_account = given.get("type") == "service_account"
        wanted = ("client_email", "private_key") if of_service_account else ("client_id", "client_secret", "refresh_token")
        if "installed" in given or "web" in given:
            raise BadValue("This file only names a client. Choose the key file of a service account, or a file with a refresh token.")
        if missing := [name for name in wanted if not isinstance(given.get(name), str) or not given[name]]:
            raise BadValue(f"This file lacks {missing[0]}. Choose the key file of a service account, or a file with a refresh token.")
        contents = {name: given[name] for name in (*wanted, "client_id", "private_key_id") if isinstance(given.get(name), str)}
        key = cls(of_service_account, contents)
        if key.is_service_account:
            try:
                key.acting_for("")
            except (ValueError, exceptions.GoogleAuthError) as error:
                raise BadValue("The private key in this file cannot be used. Download a new key file from Google.") from error
        return key

    def acting_for(self, mailbox: str) -> Any:
        """google-auth's credentials for the mailbox with this address."""
        if self.is_service_account:
            info = {**self.contents, "token_uri": _TOKEN_ADDRESS}
            return service_account.Credentials.from_service_account_info(info, scopes=[SCOPE], subject=mailbox)
        return granted.Credentials(
            None,
            refresh_token=self.contents["refresh_token"],
            client_id=self.contents["client_id"],
            client_secret=self.contents["client_secret"],
            token_uri=_TOKEN_ADDRESS,
        )

    def with_refresh_token(self, token: str) -> str:
        """The file's text with another refresh token."""
        return json.dumps({**self.contents, "refresh_token": token})


def ask(*, key: GoogleKey, mailbox: str, http: TokenSession) -> Granted:
    """A new token. Raises MailboxTrouble with the sentence for the Technician."""
    credentials = key.acting_for(mailbox)
    try:
        credentials.refresh(Request(http))
    except exceptions.GoogleAuthError as error:
        raise MailboxTrouble(_explain(error, key), lasting=True) from None
    except (ValueError, KeyError, TypeError):
        raise MailboxTrouble("Google gave an answer to the sign-in that cannot be understood. It is asked again later.") from None
    newer = str(credentials.refresh_token or "") if not key.is_service_account else ""
    rotated = newer not in ("", key.contents.get("refresh_token"))
    # google-auth's moments are in UTC and do not say so.
    lasts = credentials.expiry - datetime.now(UTC).replace(tzinfo=None) if credentials.expiry else timedelta(0)
    return Granted(str(credentials.token), int(lasts.total_seconds()), key.with_refresh_token(newer) if rotated else None)


def why_refused(*, host: str) -> MailboxTrouble:
    return MailboxTrouble(
        f"Google gave permission to read, but {host} does not open this mailbox. Check that the address is the mailbox's own, "
        "and that IMAP is on for it (Google Admin: Apps, Google Workspace, Gmail, End user access).",
        lasting=True,
    )


def _explain(error: exceptions.GoogleAuthError, key: GoogleKey) -> str:
    answer = next((part for part in error.args if isinstance(part, dict)), {})
    code, description = str(answer.get("error", "")), str(answer.get("error_description", "")).lower()
    if code in ("unauthorized_client", "access_denied"):
        return (
            "Google does not let the service account read mail for this mailbox. In Google Admin open Security, API controls, Domain-wide "
            f"delegation, and add the client ID {key.client_id or 'of the service account'} with the scope for all mail (mail.google.com)."
        )
    if code == "invalid_scope":
        return "Google Admin allows the service account another scope than the one for all mail. Correct it under Domain-wide delegation."
    if code == "invalid_grant" and "jwt" in description and ("time" in description or "lived" in description):
        return "Google finds the time wrong: this computer's clock must be right to a few minutes. Switch on time synchronisation."
    if code == "invalid_grant" and key.is_service_account and ("email" in description or "account not found" in description):
        return "Google knows no such mailbox, or not the service account any more. Check the user name, and that the key was not deleted."
    if code == "invalid_grant" and key.is_service_account:
        return "Google no longer accepts this key: it was deleted, or its account is switched off. Make a new key and give its file here."
    if code == "invalid_grant":
        return (
            "Google took the permission to read this mailbox back, or it ran out (after seven days where the client is still in testing). "
            "Grant it again and give the new file here."
        )
    if code in ("invalid_client", "deleted_client", "disabled_client"):
        return "Google no longer knows this client, or its secret was changed. Download a new file from Google and give it here."
    if code == "admin_policy_enforced":
        return "Google Admin does not allow this client to read mail. Whoever manages Google Workspace can allow it under API controls."
    return "Google refused the sign-in. Check the key file and the user name."
