"""How `up` runs one of its processes: `python -m vetting.management.child COMMAND …`.

The parent holds the other end of our standard input. When it closes that, or dies in whatever way, we stop: a register that
was ended never leaves a server or a worker behind. This works on every system, also after `kill -9`.
"""

import _thread
import os
import signal
import sys
import threading
import time

SECONDS_TO_STOP = 6


def _stop_with_parent() -> None:
    while os.read(0, 1024):
        pass
    if os.name == "nt":
        _thread.interrupt_main(signal.SIGTERM)
    else:
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_STOP)
    os._exit(1)


def main() -> None:
    """Run a management command that ends with its parent."""
    threading.Thread(target=_stop_with_parent, daemon=True, name="parent-watch").start()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
