#!/usr/bin/env python3
"""Known Followers: `python3 manage.py up` starts it, `python3 manage.py test` proves it."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
