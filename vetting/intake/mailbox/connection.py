"""A connection to a mail server: only where mail may be read from, and never for longer than an answer may take.

A socket's own time limit starts anew with every byte, so a server that sends one now and then could hold a reader for ever. Here every
answer has an end, whatever the server does.
"""

import contextlib
import imaplib
import socket
import threading
import time
from typing import Any

from vetting.intake.mailbox.reaching import reach
from vetting.outbound import tls_context


class Patience:
    """Cuts a connection when one answer on it takes longer than `seconds`. `ran_out` tells that it did."""

    def __init__(self, seconds: float) -> None:
        self.ran_out = False
        self._seconds = seconds
        self._until = 0.0
        self._over = threading.Event()

    def watch(self, connection: socket.socket) -> None:
        """Begin. The connection stays the caller's; only a second handle on it is kept."""
        self.begin_anew()
        threading.Thread(target=self._wait, args=(connection.dup(),), daemon=True).start()

    def begin_anew(self) -> None:
        """Another question is asked."""
        self._until = time.monotonic() + self._seconds

    def end(self) -> None:
        self._over.set()

    def _wait(self, handle: socket.socket) -> None:
        with handle:
            while not self._over.wait(min(1.0, self._seconds / 4)):
                if time.monotonic() > self._until:
                    self.ran_out = True
                    with contextlib.suppress(OSError):
                        handle.shutdown(socket.SHUT_RDWR)
                    return


class _Impatient(imaplib.IMAP4):
    """Each command has its own time, and the watch ends with the connection."""

    patience: Patience

    def _command(self, name: str, *args: Any) -> Any:
        self.patience.begin_anew()
        return super()._command(name, *args)  # type: ignore[misc]  # imaplib's own step; its types leave it out

    def shutdown(self) -> None:
        self.patience.end()
        super().shutdown()


class Plain(_Impatient):
    """Unencrypted, until STARTTLS is called."""

    def __init__(self, host: str, port: int, *, seconds: float, patience: Patience) -> None:
        self.patience = patience
        super().__init__(host, port, seconds)

    def _create_socket(self, timeout: float | None) -> Any:
        return _watched(self.host, self.port, timeout, self.patience)


class Encrypted(_Impatient, imaplib.IMAP4_SSL):
    """TLS from the first byte; the certificate is checked against the name, the connection goes to the address that was checked."""

    def __init__(self, host: str, port: int, *, seconds: float, patience: Patience) -> None:
        self.patience = patience
        super().__init__(host, port, ssl_context=tls_context(), timeout=seconds)

    def _create_socket(self, timeout: float | None) -> Any:
        plain = _watched(self.host, self.port, timeout, self.patience)
        try:
            return self.ssl_context.wrap_socket(plain, server_hostname=self.host.strip("[]"))
        except OSError:
            self.patience.end()
            plain.close()
            raise


def _watched(host: str, port: int, timeout: float | None, patience: Patience) -> socket.socket:
    connection = reach(host, port, timeout or 20.0)
    patience.watch(connection)
    return connection
