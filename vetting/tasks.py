"""Every stage's tasks, for Celery."""

from vetting.intake.tasks import collect_mail, parse_stored

__all__ = ["collect_mail", "parse_stored"]
