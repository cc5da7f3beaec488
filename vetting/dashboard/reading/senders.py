"""What the register believes about the senders of one mailbox folder, in words, and what its last test message showed."""

from dataclasses import dataclass
from datetime import datetime

from vetting.intake.authenticity import GOOGLE, MICROSOFT
from vetting.intake.models import IntakeSource, Probe
from vetting.intake.queries import last_probe

_NAMES = {GOOGLE: "Google’s mail server (mx.google.com)", MICROSOFT: "Microsoft 365"}


@dataclass(frozen=True)
class SendersShown:
    """`believed` names the server, "" for nobody; `learnt` says that a test message showed it, else somebody declared it."""

    believed: str
    receiver: str
    since: datetime | None
    by: str
    learnt: bool
    unsafe_since: datetime | None
    probe: Probe | None
    address: str
    can_test: bool

    @property
    def waiting(self) -> bool:
        return self.probe is not None and self.probe.outcome == Probe.Outcome.WAITING


def senders_of(source: IntakeSource) -> SendersShown:
    probe = last_probe(source)
    learnt = probe is not None and probe.outcome == Probe.Outcome.LEARNT and probe.arrived_at == source.trusted_declared_at
    return SendersShown(
        believed=_NAMES.get(source.trusted_receiver, source.trusted_receiver),
        receiver=source.trusted_receiver,
        since=source.trusted_declared_at,
        by=source.trusted_declared_by.name if source.trusted_declared_by is not None else "",
        learnt=learnt,
        unsafe_since=source.unsafe_since,
        probe=probe,
        address=probe.to_address if probe is not None else (source.username if "@" in source.username else ""),
        can_test=source.kind != IntakeSource.Kind.UPLOAD,
    )
