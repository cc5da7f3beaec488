"""The practice phone: a parent's telephone on a web page, so that a visitor can write to the school and ask to follow.

Plainly not Twitter and not a real phone. It is mounted on Practice Twitter's own server and answers to this computer only.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from vetting.demo.accounts import written_by_twitter
from vetting.demo.mail import Letter, SenderCheck, drop_into
from vetting.demo.place import (
    DANA_ADDRESS,
    DANA_BIO,
    DANA_CHILD,
    DANA_HANDLE,
    DANA_NAME,
    DANA_SINCE,
    DANA_USER_ID,
    SCHOOL_ADDRESS,
    SCHOOL_HANDLE,
    SCHOOL_NAME,
)
from vetting.demo.received import letters_in
from vetting.demo.tricks import TRICKS, Stranger
from vetting.twitter.sandbox import SandboxProfile, World
from vetting.twitter.sandbox.http import Answer, Request, StartResponse, WsgiApp
from vetting.values import BadValue, Handle, MailAddress

STYLES = Path(__file__).with_name("phone.css")
LONGEST_MESSAGE = 4000
REMEMBERED = 8
TRICK = "/trick/"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True)
class Draft:
    """The e-mail as it stands on the phone. An empty body means: the one we suggest."""

    from_name: str = DANA_NAME
    from_address: str = DANA_ADDRESS
    subject: str = "Following the school on Twitter"
    body: str = ""
    check: SenderCheck = SenderCheck.GENUINE


@dataclass(frozen=True)
class Happening:
    """Something the visitor did or could not do, newest first on the page."""

    at: datetime
    sentence: str
    went_wrong: bool = False
    leads_to_requests: bool = False


def make_app(
    world: World,
    mailbox: Path,
    *,
    letters: Path | None = None,
    register_url: str = "http://127.0.0.1:8000",
    clock: Callable[[], datetime] = timezone.now,
) -> WsgiApp:
    """The phone as a WSGI app, to be mounted at /practice-phone.

    Its e-mails go into the folder `mailbox`; what the school writes to anybody lies in `letters`.
    """
    return _Phone(world, mailbox, letters, register_url.rstrip("/"), clock)


class _Phone:
    """One phone with one owner; its draft and its memory last as long as the process."""

    def __init__(self, world: World, mailbox: Path, letters: Path | None, register_url: str, clock: Callable[[], datetime]) -> None:
        self.world = world
        self.mailbox = mailbox
        self.letters = letters
        self.register_url = register_url
        self.clock = clock
        self.draft = Draft()
        self.stranger = Stranger(world, mailbox)
        self.happenings: deque[Happening] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()
        self._do: dict[str, Callable[[dict[str, str]], str]] = {
            "/email": self.send_email,
            "/follow": self.ask_to_follow,
            "/withdraw": self.withdraw,
            "/begin-again": self.begin_again,
        }
        self._do |= {TRICK + trick.key: partial(self.try_to_trick, trick.key) for trick in TRICKS}
        self.owner_id = self._account_of_the_owner().user_id

    @property
    def owner(self) -> SandboxProfile:
        return self.world.user(self.owner_id)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = self.answer(Request.read(environ), environ.get("SCRIPT_NAME", ""))
        return replace(answer, headers={**_HEADERS, **answer.headers}).send(start_response)

    def answer(self, request: Request, mounted_at: str) -> Answer:
        if not request.is_for_this_computer:
            return _plain(421, "The practice phone answers to this computer only.")
        if request.method == "POST":
            return self.act(request, mounted_at)
        if request.path == "/phone.css":
            return Answer(200, STYLES.read_bytes(), "text/css; charset=utf-8")
        if request.path in ("", "/"):
            return Answer(200, self.page(mounted_at).encode(), "text/html; charset=utf-8")
        return _plain(404, "There is no such page on this phone.")

    def act(self, request: Request, mounted_at: str) -> Answer:
        """Do what a button says and show the page again; what went wrong stands on it as a sentence."""
        if not request.comes_from_our_own_page:
            return _plain(403, "Only the phone's own page may press its buttons.")
        deed = self._do.get(request.path)
        if deed is None:
            return _plain(404, "There is no such button on this phone.")
        a_trick = request.path.startswith(TRICK)
        with self._lock:
            try:
                self.happenings.appendleft(Happening(self.clock(), deed(request.form()), leads_to_requests=a_trick))
            except BadValue as error:
                self.happenings.appendleft(Happening(self.clock(), error.sentence, went_wrong=True))
        return Answer.redirect(f"{mounted_at}/#happened")

    # The buttons. Each returns the sentence that says what happened.

    def send_email(self, form: dict[str, str]) -> str:
        """Raises BadValue for an address that is none, or an empty message."""
        self.draft = Draft(
            from_name=_one_line(form.get("from_name", ""))[:80],
            from_address=form.get("from_address", "").strip()[:254],
            subject=_one_line(form.get("subject", ""))[:200],
            body=form.get("body", "").replace("\r\n", "\n").strip()[:LONGEST_MESSAGE],
            check=SenderCheck(form["check"]) if form.get("check") in set(SenderCheck) else SenderCheck.GENUINE,
        )
        try:
            address = MailAddress.parse(self.draft.from_address)
        except BadValue as error:
            raise BadValue("The From line needs one e-mail address, for example dana.hill@example.com. Nothing was sent.") from error
        if not address.value.isascii():
            raise BadValue("This phone writes addresses in plain letters only. Nothing was sent.")
        if not self.draft.body:
            raise BadValue("Write a sentence first. Nothing was sent.")
        letter = Letter(
            self.draft.from_name, address.value, self.draft.subject, f"{self.draft.body}\n", self.clock(), check=self.draft.check
        )
        drop_into(self.mailbox, letter)
        return "Your e-mail is in the school's mailbox. The register collects it within a minute."

    def ask_to_follow(self, form: dict[str, str]) -> str:
        """Raises BadValue for a name Twitter could not have, one that is somebody else's, or a second request."""
        wanted, owner = Handle.parse(form.get("handle", "")), self.owner
        held_by = self.world.by_handle(wanted.value)
        if held_by is not None and held_by.user_id != owner.user_id:
            raise BadValue(f"{wanted} belongs to somebody else on Practice Twitter. Choose another name.")
        renamed = wanted.value != owner.handle.lower()
        if renamed:
            self.world.rename(owner.user_id, wanted.value)
        now_called = f"Your account is now called {wanted}. " if renamed else ""
        stands = self.world.relation(owner.user_id)
        if renamed and stands and "blocking" not in stands:
            return now_called.strip()
        if "followed_by" in stands:
            return f"You follow {SCHOOL_HANDLE} already."
        if "follow_request_received" in stands:
            return f"You have asked {SCHOOL_HANDLE} already; the school has not answered yet."
        if "blocking" in stands:
            raise BadValue(f"{now_called}{SCHOOL_HANDLE} has blocked this account, so it cannot ask.")
        self.world.ask_to_follow(owner.user_id)
        return f"{now_called}You asked to follow {SCHOOL_HANDLE} as {wanted}. The school sees it at its next look at Twitter."

    def withdraw(self, form: dict[str, str]) -> str:
        """Take the request back, or stop following: so that the walk can be taken again."""
        stands = self.world.relation(self.owner_id)
        if "followed_by" in stands:
            self.world.unfollow(self.owner_id)
            return f"You stopped following {SCHOOL_HANDLE}."
        if "follow_request_received" in stands:
            self.world.withdraw(self.owner_id)
            return "You took your request back."
        raise BadValue("There is nothing to take back.")

    def begin_again(self, form: dict[str, str]) -> str:
        """The e-mail as we suggest it."""
        self.draft = Draft()
        return "The e-mail is as it was at the beginning."

    def try_to_trick(self, key: str, form: dict[str, str]) -> str:
        """What Sam would do. Raises BadValue where he cannot."""
        return self.stranger.try_it(key, self.clock())

    def page(self, mounted_at: str) -> str:
        owner = self.owner
        stands = self.world.relation(owner.user_id)
        return render_to_string(
            "demo/phone.html",
            {
                "here": mounted_at,
                "register_url": self.register_url,
                "requests_url": f"{self.register_url}/requests/?tab=look",
                "school": SCHOOL_NAME,
                "school_handle": str(SCHOOL_HANDLE),
                "school_address": SCHOOL_ADDRESS,
                "owner": owner,
                "child": DANA_CHILD,
                "draft": replace(self.draft, body=self.draft.body or suggested_message(owner.handle)),
                "checks": _CHECKS,
                "letters": letters_in(self.letters) if self.letters is not None else [],
                "follows": "followed_by" in stands,
                "tricks": self.stranger.shown(),
                "asks": "follow_request_received" in stands,
                "happenings": list(self.happenings),
            },
        )

    def _account_of_the_owner(self) -> SandboxProfile:
        found = self.world.by_id(DANA_USER_ID.value) or self.world.by_handle(DANA_HANDLE.value)
        if found is not None:
            return found
        return self.world.add_user(
            DANA_HANDLE.value,
            name=DANA_NAME,
            user_id=DANA_USER_ID.value,
            bio=DANA_BIO,
            created_at=written_by_twitter(DANA_SINCE),
        )


_CHECKS = (
    (SenderCheck.GENUINE, "It really comes from this mailbox"),
    (SenderCheck.UNCHECKED, "It cannot tell"),
    (SenderCheck.FORGED, "The sender is forged"),
)


def suggested_message(handle: str) -> str:
    """What Dana would write."""
    return (
        f"Hello,\n\nI've just asked to follow the school on Twitter. My Twitter name is @{handle}. "
        f"I'm {DANA_CHILD}'s mum (Year 2, Rowan class).\n\nThanks,\nDana"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(status: int, sentence: str) -> Answer:
    return Answer(status, sentence.encode(), "text/plain; charset=utf-8")
