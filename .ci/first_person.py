"""Makes a school and somebody who may sign in, for a check of a fresh installation: `manage.py shell < .ci/first_person.py`."""

from django.utils import timezone

from vetting.school.models import Role
from vetting.school.operations import accept_invitation, create_school, invite

now = timezone.now()
school = create_school(slug="check", name="Check Primary", at=now)
token = invite(school=school, roles=[Role.ADMIN], by=None, at=now, email="check@check.test", name="Check")
password = "a pass phrase for the check"  # noqa: S105  # of a register that lives for a minute
accept_invitation(token=token, name="Check", email="check@check.test", password=password, at=now)
