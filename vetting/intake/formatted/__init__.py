"""A message's formatted version, made harmless: in a process of its own with limits, for showing on request only."""

from vetting.intake.formatted.asking import formatted_version
from vetting.intake.formatted.cleaning import Formatted, clean_markup

__all__ = ["Formatted", "clean_markup", "formatted_version"]
