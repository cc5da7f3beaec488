"""The demo school's own names and addresses. Pure."""

from datetime import UTC, datetime

from vetting.values import Handle, TwitterUserId

SCHOOL_NAME = "Hazelbrook Primary School"
SCHOOL_SLUG = "hazelbrook"
SCHOOL_HANDLE = Handle("hazelbrookpri")
SCHOOL_DOMAIN = "hazelbrook.example.org"
# Where families write to, and the mail server whose word on senders the demo trusts.
SCHOOL_ADDRESS = f"twitter@{SCHOOL_DOMAIN}"
MAIL_SERVER = f"mail.{SCHOOL_DOMAIN}"

# The mother whose phone the visitor holds, and her account on the practice Twitter.
DANA_NAME = "Dana Hill"
DANA_CHILD = "Ada"
DANA_ADDRESS = "dana.hill@example.com"
DANA_HANDLE = Handle("danahill_84")
DANA_SINCE = datetime(2014, 5, 2, 18, 30, tzinfo=UTC)
DANA_USER_ID = TwitterUserId("462297970897848113")
DANA_BIO = "Ada's mum. Tea, allotment, crime novels."
