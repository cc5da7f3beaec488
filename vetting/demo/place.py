"""The demo school's own names and addresses. Pure."""

from vetting.values import Handle

SCHOOL_NAME = "Hazelbrook Primary School"
SCHOOL_SLUG = "hazelbrook"
SCHOOL_HANDLE = Handle("hazelbrookpri")
SCHOOL_DOMAIN = "hazelbrook.example.org"
# Where families write to, and the mail server whose word on senders the demo trusts.
SCHOOL_ADDRESS = f"twitter@{SCHOOL_DOMAIN}"
MAIL_SERVER = f"mail.{SCHOOL_DOMAIN}"
