"""The child process: reads length-prefixed messages from standard input and answers each with JSON, until the input ends.

Started by vetting.intake.parser_process with an empty environment. It holds no secret and opens no file, so a message that breaks
it breaks nothing else. The memory limit holds for the whole life, the processor limit is moved on before each message.
"""

import json
import signal
import struct
import sys

from vetting.intake.parsing import parse

MEMORY_BYTES = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 10
LENGTH = struct.Struct(">I")


def main() -> None:
    # Ctrl+C goes to the whole group; this process ends when its input does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        raw = source.read(LENGTH.unpack(head)[0])
        _limit_processor()
        answer = json.dumps(parse(raw).as_json()).encode()
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


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
