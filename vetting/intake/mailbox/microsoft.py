"""A token for a Microsoft 365 mailbox: the school's own registered application signs in by itself (client credentials).

Microsoft: "Authenticate an IMAP, POP or SMTP connection using OAuth"; application permission IMAP.AccessAsApp.
"""

import re
from typing import Any

import msal

from vetting.intake.mailbox.diagnosis import no_right_to_the_mailbox
from vetting.intake.mailbox.port import MailboxTrouble
from vetting.intake.mailbox.token_http import Granted, TokenSession
from vetting.values import BadValue

HOST = "outlook.office365.com"
SCOPE = "https://outlook.office365.com/.default"
PERMISSION = "IMAP.AccessAsApp"
_AUTHORITY = "https://login.microsoftonline.com/"
_TENANT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9](?:[A-Za-z0-9\-]*\.)+[A-Za-z]{2,}")
_CLIENT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CODE = re.compile(r"AADSTS(\d+)")
_MAKE_ANOTHER = "Make a new one in Microsoft Entra (App registrations, Certificates & secrets) and give its Value here."
_SENTENCES = {
    "7000222": f"The client secret has expired, so Microsoft 365 lets nobody in with it. {_MAKE_ANOTHER}",
    "7000215": f"Microsoft 365 refused the client secret: it was taken back, or its ID was copied instead of its Value. {_MAKE_ANOTHER}",
    "700016": "Microsoft 365 knows no application with this client ID in this tenant. Check both on the application's Overview page.",
    "90002": "Microsoft 365 knows no such tenant. Copy the Directory (tenant) ID from the application's Overview page.",
    "900021": "Microsoft 365 knows no such tenant. Copy the Directory (tenant) ID from the application's Overview page.",
    "900023": "Microsoft 365 knows no such tenant. Copy the Directory (tenant) ID from the application's Overview page.",
    "65001": f"Nobody has agreed to the permission {PERMISSION} yet. A Microsoft 365 admin presses “Grant admin consent”.",
    "500011": "This tenant has no Exchange Online, so there is no mailbox to read in it. Check the tenant ID.",
    "7000112": "The application is switched off in Microsoft Entra. A Microsoft 365 admin switches it on under Enterprise applications.",
    "53003": "A conditional access rule of the school's Microsoft 365 keeps the application out. A Microsoft 365 admin can allow it.",
}


def check(tenant: str, client_id: str, client_secret: str) -> None:
    """Raises BadValue for what cannot be right whatever Microsoft says."""
    if not _TENANT.fullmatch(tenant):
        raise BadValue("The tenant is an ID such as 1b2c3d4e-0000-4000-8000-000000000000, or the school's domain in Microsoft 365.")
    if not _CLIENT.fullmatch(client_id):
        raise BadValue("The client ID has the form 1b2c3d4e-0000-4000-8000-000000000000. Copy it from the application's Overview page.")
    if not client_secret or any(character.isspace() for character in client_secret):
        raise BadValue("Paste the Value of the client secret, without spaces.")


def ask(*, tenant: str, client_id: str, client_secret: str, http: TokenSession) -> Granted:
    """A new token. Raises MailboxTrouble with the sentence for the Technician."""
    try:
        application = msal.ConfidentialClientApplication(
            client_id, client_credential=client_secret, authority=f"{_AUTHORITY}{tenant}", http_client=http, instance_discovery=False
        )
    except (ValueError, KeyError):
        # What msal says quotes the whole answer.
        raise MailboxTrouble(_SENTENCES["90002"], lasting=True) from None
    try:
        answer: dict[str, Any] = application.acquire_token_for_client([SCOPE])
    except (ValueError, KeyError):
        raise MailboxTrouble("Microsoft 365 gave an answer to the sign-in that cannot be understood. It is asked again later.") from None
    token = answer.get("access_token")
    if isinstance(token, str) and token:
        return Granted(token, int(answer.get("expires_in", 0)))
    found = _CODE.search(str(answer.get("error_description", "")))
    code = found.group(1) if found else ""
    named = f" (AADSTS{code})" if code else ""
    otherwise = f"Microsoft 365 refused the registered application{named}. Check tenant, client ID and secret."
    raise MailboxTrouble(_SENTENCES.get(code, otherwise), lasting=True)


def why_refused(claims: dict[str, object], *, host: str) -> MailboxTrouble:
    """Why the mail server refused a good token: the permission is not in it, or the mailbox is not open to the application."""
    roles = claims.get("roles", [])
    if claims and (not isinstance(roles, list) or PERMISSION not in roles):
        return MailboxTrouble(
            f"The registered application lacks the permission {PERMISSION}, or nobody has agreed to it. In Microsoft Entra add it under "
            "API permissions (APIs my organization uses, Office 365 Exchange Online, Application permissions), then press “Grant admin "
            "consent”.",
            lasting=True,
        )
    return no_right_to_the_mailbox(host)
