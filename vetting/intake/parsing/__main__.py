"""The child process: reads length-prefixed requests from standard input and answers each with JSON, until the input ends.

A request is a message to read; or, where its length carries the mark CHECK, a message whose signatures to check, with the keys.

Started by vetting.intake.parser_process with an empty environment. It holds no secret and opens no file, so a message that breaks
it breaks nothing else. The memory limit holds for the whole life, the processor limit is moved on before each message.
"""

import json
import signal
import struct
import sys
from datetime import datetime
from typing import Any

from vetting.intake.parsing import parse

MEMORY_BYTES = 512 * 1024 * 1024
PROCESSOR_SECONDS = 10
LENGTH = struct.Struct(">I")
CHECK = 1 << 31


def main() -> None:
    # Ctrl+C goes to the whole group; this process ends when its input does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        length = LENGTH.unpack(head)[0]
        request = source.read(length & ~CHECK)
        _limit_processor()
        answer = json.dumps(_check(request) if length & CHECK else parse(request).as_json()).encode()
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _check(request: bytes) -> list[dict[str, Any]]:
    """The signatures of the message that stands behind the length-prefixed question."""
    from vetting.intake.signatures import check_signatures  # most messages need no cryptography, and it takes time to load

    size = LENGTH.unpack(request[: LENGTH.size])[0]
    question = json.loads(request[LENGTH.size : LENGTH.size + size])
    keys = {(selector, domain): record for selector, domain, record in question["keys"]}
    at = datetime.fromisoformat(question["at"])
    facts = check_signatures(request[LENGTH.size + size :], keys, at=at, sender_domain=question["sender_domain"])
    return [fact.as_json() for fact in facts]


def limit_this_process() -> None:
    """For another process that does one thing with one message."""
    _limit_memory()
    _limit_processor()


if sys.platform == "win32":

    def _limit_memory() -> None:
        """Windows has no such limit for a process; the caller's time limit remains."""

    def _limit_processor() -> None:
        """As above."""

else:
    import resource

    def _limit_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))

    def _limit_processor() -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + PROCESSOR_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main()
