"""The child process: one message on standard input, its harmless formatted version as JSON on standard output.

It is given the readers' limits on memory and processor time, holds no secret and opens no file.
"""

import json
import sys
from dataclasses import asdict

from vetting.intake.formatted.cleaning import formatted_of
from vetting.intake.parsing.__main__ import limit_this_process

if __name__ == "__main__":
    limit_this_process()
    sys.stdout.write(json.dumps(asdict(formatted_of(sys.stdin.buffer.read()))))
