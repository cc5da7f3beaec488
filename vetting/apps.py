"""The register as one Django app: its stages are folders, not apps."""

from django.apps import AppConfig


class VettingConfig(AppConfig):
    name = "vetting"
    verbose_name = "Known Followers"
    default_auto_field = "django.db.models.BigAutoField"
