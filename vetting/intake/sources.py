"""Connecting a mailbox folder: adding, changing, testing and removing a source, and declaring who checks senders for it."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from vetting.audit.events import Event
from vetting.audit.operations import record
from vetting.intake.authenticity import MICROSOFT
from vetting.intake.calibrating import ALARM, forget_calibration
from vetting.intake.judging import judge_again
from vetting.intake.mailbox import MailboxTrouble, connect, google, mail_places, microsoft
from vetting.intake.mailbox.folder import allowed_folder
from vetting.intake.mailbox.reaching import is_this_computer
from vetting.intake.mailbox.token_http import TokenSession
from vetting.intake.models import IntakeSource
from vetting.school.models import School
from vetting.school.operations import clear_alarm
from vetting.values import BadValue

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,198}[A-Za-z0-9])?|\[?[0-9A-Fa-f:]{2,45}\]?")
_RECEIVER = re.compile(r"[a-z0-9](?:[a-z0-9.\-]{0,198}[a-z0-9])?")
_ANOTHER_MAILBOX = {"host", "port", "username", "folder"}
_SIGN_IN = {"username", "password", "sign_in", "tenant", "client_id", "client_secret"}
_AS_TYPED = {"password"}
# What a reading raises and the next one clears; where there is no next one, somebody else must.
_ALARMS = ("mailbox", "mail-flood", "mail-withheld")


@dataclass(frozen=True)
class SourceReport:
    """What a test of a source found, in a sentence; the folders there are; and how many messages the chosen one holds."""

    ok: bool
    sentence: str
    folders: tuple[str, ...] = ()
    messages: int | None = None


@transaction.atomic
def add_source(
    *,
    school: School,
    kind: IntakeSource.Kind,
    name: str,
    by: User | None,
    at: datetime,
    host: str = "",
    port: int | None = None,
    security: IntakeSource.Security = IntakeSource.Security.TLS,
    username: str = "",
    password: str = "",
    folder: str = "INBOX",
    sign_in: IntakeSource.SignIn = IntakeSource.SignIn.PASSWORD,
    tenant: str = "",
    client_id: str = "",
    client_secret: str = "",
) -> IntakeSource:
    """Connect a mailbox folder, or a folder of .eml files whose path is `folder`. Nothing is asked of a server; see test_source.

    Args:
        client_secret: for Google the contents of the key file, which also names the client.

    Raises BadValue with a sentence for what cannot be right.
    """
    source = IntakeSource(
        school=school,
        kind=kind,
        name=name.strip(),
        host=host.strip(),
        port=port,
        security=security,
        username=username.strip(),
        password=password,
        folder=folder.strip() or "INBOX",
        sign_in=sign_in,
        tenant=tenant.strip(),
        client_id=client_id.strip(),
        client_secret=client_secret.strip(),
        expected_since=at,
    )
    _check(source)
    source.save()
    record(school_id=school.pk, event=Event.SOURCE_ADDED, by=by, at=at, subject=source, words={"name": source.name})
    return source


@transaction.atomic
def change_source(
    *,
    source: IntakeSource,
    by: User,
    at: datetime,
    name: str | None = None,
    active: bool | None = None,
    host: str | None = None,
    port: int | None = None,
    security: IntakeSource.Security | None = None,
    username: str | None = None,
    password: str | None = None,
    folder: str | None = None,
    sign_in: IntakeSource.SignIn | None = None,
    tenant: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
) -> IntakeSource:
    """Change what is given; None leaves a field as it is. Raises BadValue.

    Another server, user or folder is another mailbox: it is read from the beginning, and who checks its senders must be declared anew.
    """
    source = IntakeSource.objects.select_for_update().get(pk=source.pk)
    given = {
        "name": name,
        "active": active,
        "host": host,
        "port": port,
        "security": security,
        "username": username,
        "password": password,
        "folder": folder,
        "sign_in": sign_in,
        "tenant": tenant,
        "client_id": client_id,
        "client_secret": client_secret,
    }
    if sign_in not in (None, source.sign_in) and host is None:
        # A token goes to the one who gave it, never to the server of the sign-in before.
        given["host"] = ""
    changed = {field: value for field, value in given.items() if value is not None and value != getattr(source, field)}
    for field, value in changed.items():
        setattr(source, field, value.strip() if isinstance(value, str) and field not in _AS_TYPED else value)
    _check(source)
    if _ANOTHER_MAILBOX & changed.keys():
        source.uidvalidity, source.last_uid, source.messages_on_server = None, 0, None
        source.trusted_receiver, source.trusted_declared_by, source.trusted_declared_at = "", None, None
        source.unsafe_since = None
        forget_calibration(source, at=at)
    if _SIGN_IN & changed.keys():
        source.access_token, source.access_token_until = "", None
    if changed.keys() - {"name"}:
        source.expected_since = at
    if not source.active:
        for kind in _ALARMS:
            clear_alarm(school=source.school, kind=kind, subject=str(source.pk), at=at)
    source.not_before, source.last_tried_at = None, None
    # Whoever is reading the old mailbox just now loses it.
    source.lease_until, source.lease_version = None, source.lease_version + 1
    source.save()
    record(
        school_id=source.school_id,
        event=Event.SOURCE_CHANGED,
        by=by,
        at=at,
        subject=source,
        facts={"fields": sorted(changed)},
        words={"name": source.name},
    )
    return source


@transaction.atomic
def remove_source(*, source: IntakeSource, by: User, at: datetime) -> None:
    """Disconnect a mailbox folder for good: its sign-in is forgotten. The row itself goes only where no e-mail came from it."""
    source = IntakeSource.objects.select_for_update().get(pk=source.pk)
    words = {"name": source.name}
    record(school_id=source.school_id, event=Event.SOURCE_REMOVED, by=by, at=at, subject=source, words=words)
    for kind in (*_ALARMS, "mailbox-silent"):
        clear_alarm(school=source.school, kind=kind, subject=str(source.pk), at=at)
    forget_calibration(source, at=at)
    if not source.positions.exists() and not source.probes.exists():
        source.delete()
        return
    source.password = source.client_secret = source.access_token = ""
    source.active, source.access_token_until, source.last_error, source.not_before = False, None, "", None
    source.lease_until, source.lease_version = None, source.lease_version + 1
    source.save()


@transaction.atomic
def declare_trusted_receiver(*, source: IntakeSource, receiver: str, by: User | None, at: datetime) -> None:
    """Declare which mail server's results about senders are believed for this source; "" ends that. Raises BadValue.

    The name is the one at the beginning of that server's Authentication-Results ("mx.google.com"), or "microsoft-365". Whoever
    declares it answers for it, also where a test message showed otherwise. Mail that was read there already is judged anew.
    """
    receiver = receiver.strip().lower()
    if receiver and not _RECEIVER.fullmatch(receiver):
        raise BadValue(f"Type the name of a mail server, such as mx.google.com, or {MICROSOFT}.")
    if receiver and source.kind == IntakeSource.Kind.UPLOAD:
        raise BadValue("Colleagues give files here; what stands in a file, no mail server vouches for.")
    source.trusted_receiver, source.trusted_declared_by, source.trusted_declared_at = receiver, by, at
    if receiver:
        source.unsafe_since = None
        clear_alarm(school=source.school, kind=ALARM, subject=str(source.pk), at=at)
    source.save(update_fields=["trusted_receiver", "trusted_declared_by", "trusted_declared_at", "unsafe_since"])
    words = {"name": source.name}
    facts = {"receiver": receiver or "nobody"}
    record(school_id=source.school_id, event=Event.SOURCE_TRUSTED, by=by, at=at, subject=source, facts=facts, words=words)
    judge_again(source, at=at)


def test_source(source: IntakeSource, *, http: TokenSession | None = None) -> SourceReport:  # noqa: PT028  # an operation, not a test
    """Connect, look, and say what was found. Changes nothing there, and here at most the kept token; the source need not be saved.

    Takes up to a minute where servers answer slowly. `http`: how the sign-in servers of Microsoft and Google are asked.
    """
    try:
        _check(source)
        with connect(source, http=http) as mailbox:
            state = mailbox.state()
            folders = tuple(mailbox.folders())
    except BadValue as error:
        return SourceReport(False, error.sentence)
    except MailboxTrouble as trouble:
        return SourceReport(False, trouble.sentence)
    count = "1 message" if state.messages == 1 else f"{state.messages} messages"
    return SourceReport(True, f"It works: “{source.folder}” holds {count}.", folders, state.messages)


def _check(source: IntakeSource) -> None:
    """Raises BadValue for what cannot be right whatever the server says."""
    if not source.name:
        raise BadValue("Give the mailbox a name, such as “Twitter folder of the office”.")
    if source.kind == IntakeSource.Kind.UPLOAD:
        return
    if source.kind == IntakeSource.Kind.FOLDER:
        allowed_folder(source.folder, mail_places())
        return
    if any(character in source.username + source.password + source.folder for character in "\r\n\0"):
        raise BadValue("User name, password and folder each stand on one line.")
    _check_sign_in(source)
    if not _HOST.fullmatch(source.host):
        raise BadValue("Type the name of the mail server, for example imap.example.org.")
    if source.port is not None and not 0 < source.port < 65536:
        raise BadValue("A port is a number from 1 to 65535.")
    if source.security == IntakeSource.Security.LOOPBACK and not is_this_computer(source.host):
        raise BadValue("Without encryption a mailbox is read only on this computer (127.0.0.1). Choose TLS or STARTTLS.")


def _check_sign_in(source: IntakeSource) -> None:
    """Raises BadValue. Fills in what follows from the provider and drops what belongs to another way of signing in."""
    if source.sign_in == IntakeSource.SignIn.PASSWORD:
        source.tenant = source.client_id = source.client_secret = ""
        if not source.username or not source.password:
            raise BadValue("Type the user name and the password of the mailbox.")
        return
    source.password = ""
    if "@" not in source.username:
        raise BadValue("Type the address of the mailbox, for example office@hilltop.example.sch.uk.")
    if source.sign_in == IntakeSource.SignIn.MICROSOFT:
        microsoft.check(source.tenant, source.client_id, source.client_secret)
        source.host = source.host or microsoft.HOST
        return
    source.client_id = google.GoogleKey.parse(source.client_secret).client_id
    source.tenant, source.host = "", source.host or google.HOST
