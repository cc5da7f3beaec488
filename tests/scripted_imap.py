"""A mail server that misbehaves on purpose: it answers each command as a test wrote down, and keeps what it was sent."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ONE_MESSAGE = b"From: dana@example.org\r\nSubject: Twitter\r\n\r\nI am @dana_h84.\r\n"
HANG, DIE, DRIP = b"<hang>", b"<die>", b"<drip>"


def _usual() -> dict[str, bytes]:
    body = b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%b)\r\n" % (len(ONE_MESSAGE), ONE_MESSAGE)
    length = len(ONE_MESSAGE)
    sizes = [b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "09-Nov-2026 09:00:00 +0000")\r\n' % (uid, uid, length) for uid in (1, 2)]
    return {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n<tag> OK done\r\n",
        "LOGIN": b"<tag> OK done\r\n",
        "EXAMINE": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n<tag> OK [READ-ONLY] done\r\n",
        "UID SEARCH": b"* SEARCH 1 2\r\n<tag> OK done\r\n",
        "UID FETCH 1,2 (UID RFC822": sizes[0] + sizes[1] + b"<tag> OK done\r\n",
        "UID FETCH 2 (UID RFC822": sizes[1] + b"<tag> OK done\r\n",
        "UID FETCH 1 (UID BODY": body + b"<tag> OK done\r\n",
        "UID FETCH 2 (UID BODY": body.replace(b"* 1 FETCH (UID 1", b"* 2 FETCH (UID 2").replace(b"dana_h84", b"dana_h85")
        + b"<tag> OK done\r\n",
        "LOGOUT": b"* BYE bye\r\n<tag> OK done\r\n",
    }


@dataclass
class ScriptedImap:
    """The server: `says` maps the beginning of a command to the answer; HANG says nothing more, DIE cuts the connection there, DRIP sends
    a byte now and then.
    """

    port: int
    greeting: bytes = b"* OK ready\r\n"
    says: dict[str, bytes] = field(default_factory=_usual)
    heard: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            if not self._say(connection, self.greeting, b""):
                return
            for line in lines:
                tag, _, command = line.decode("latin-1").strip().partition(" ")
                self.heard.append(command)
                said = (answer for name, answer in self.says.items() if command.upper().startswith(name))
                if not self._say(connection, next(said, b"<tag> BAD what?\r\n"), tag.encode()):
                    return

    def _say(self, connection: socket.socket, said: bytes, tag: bytes) -> bool:
        mark = next((mark for mark in (HANG, DIE, DRIP) if mark in said), b"")
        connection.sendall((said.partition(mark)[0] if mark else said).replace(b"<tag>", tag))
        if mark == HANG:
            self.over.wait(10)
        while mark == DRIP and not self.over.wait(0.1):
            connection.sendall(b"x")
        return not mark


@contextmanager
def a_scripted_server(**different: object) -> Iterator[ScriptedImap]:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    server = ScriptedImap(port=listening.getsockname()[1], **different)
    threads: list[threading.Thread] = []

    def serve() -> None:
        while not server.over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            connection.settimeout(10)
            threads.append(threading.Thread(target=_quietly, args=(server, connection)))
            threads[-1].start()

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        yield server
    finally:
        server.over.set()
        serving.join()
        listening.close()
        deadline = time.monotonic() + 10
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _quietly(server: ScriptedImap, connection: socket.socket) -> None:
    try:
        server.answer(connection)
    except OSError:
        # The client left, as it may.
        connection.close()
