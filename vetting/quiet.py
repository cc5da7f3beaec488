"""One-time links never stand in the log: whoever reads a log could use one that is still open."""

import logging
import re

_SECRET_PARTS = re.compile(r"(/(?:confirm|join|set-up|password/reset/key)/)[^/\s\"']+")


class WithoutSecretLinks(logging.Filter):
    """Cuts the secret out of every address before a line is written, whoever writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if _SECRET_PARTS.search(said):
            record.msg, record.args = _SECRET_PARTS.sub(r"\1…", said), ()
        return True
