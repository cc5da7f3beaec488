"""How the sign-in servers of Microsoft and Google are asked: our TLS, a time limit, no redirects, nothing written down."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from vetting.intake.mailbox.port import MailboxTrouble
from vetting.outbound import explain_tls_failure, http_session

TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, repr=False)
class Granted:
    """A token, how many seconds it is good for, and the secret that replaces the one it was asked with, where there is a new one."""

    token: str
    seconds: int
    new_secret: str | None = None


class TokenSession(requests.Session):
    """What msal and google-auth send their questions through.

    Raises MailboxTrouble for everything that is not an answer: nobody there, too late, a redirect, a server in trouble, no JSON.
    """

    def __init__(self, *, seconds: float = TIMEOUT_SECONDS) -> None:
        super().__init__()
        http_session(self)
        self.seconds = seconds
        # Any sign-in of its own keeps requests from looking for one in .netrc.
        self.auth = _as_it_is

    def request(self, method: Any, url: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]  # its many arguments pass through
        host = urlsplit(str(url)).hostname or "the sign-in server"
        kwargs |= {"timeout": self.seconds, "allow_redirects": False}
        try:
            answer = super().request(method, url, **kwargs)
        except requests.exceptions.SSLError:
            raise MailboxTrouble(explain_tls_failure(host), lasting=True) from None
        except requests.exceptions.Timeout:
            raise MailboxTrouble(f"{host} did not answer within {self.seconds:.0f} seconds. It is asked again later.") from None
        except requests.RequestException:
            raise MailboxTrouble(f"{host} cannot be reached, so nobody could sign in to the mailbox.") from None
        if answer.status_code >= 500 or answer.status_code == 429 or answer.is_redirect:
            raise MailboxTrouble(f"{host} is in trouble (it answered {answer.status_code}). It is asked again later.")
        if not _is_an_object(answer):
            # Left to themselves both libraries would stumble over it, and one would write it into the log.
            raise MailboxTrouble(f"{host} gave an answer that cannot be understood. It is asked again later.")
        return answer


def _is_an_object(answer: requests.Response) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
