"""Template tags of the register."""

from django import template

register = template.Library()
