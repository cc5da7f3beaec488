#!/usr/bin/env python3
"""Known Followers: `python3 manage.py up` starts it, `python3 manage.py test` proves it."""

import os
import sys

from vetting import bootstrap

if __name__ == "__main__":
    bootstrap.enter_environment(sys.argv)
    if sys.argv[1:2] == ["up"]:
        # Settings name the database, so they must know before they are read whether this is the demo.
        os.environ["KNOWN_FOLLOWERS_DEMO"] = "no" if "--school" in sys.argv else "yes"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
