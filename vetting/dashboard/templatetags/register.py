"""Template tags of the register; built in, no `load` needed."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils.safestring import SafeString

from vetting.correspondence.templates import TEMPLATES
from vetting.dashboard import presenters
from vetting.dashboard.email_words import NO_ZONE, SENDERS, ZONES
from vetting.dashboard.reading.senders import SendersShown, senders_of
from vetting.dashboard.words import Chip
from vetting.intake.models import IntakeSource

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    return presenters.icon(name, label)


@register.simple_tag
def level_chip(level: str) -> SafeString:
    return presenters.level_chip(level)


@register.simple_tag
def state_chip(state: str) -> SafeString:
    return presenters.state_chip(state)


@register.simple_tag
def chip(what: Chip) -> SafeString:
    return presenters.chip(what)


@register.simple_tag
def sender_chip(authenticity: str) -> SafeString:
    """How far a message's sender was checked."""
    return presenters.chip(SENDERS[authenticity])


@register.filter
def zone_name(kind: str) -> str:
    """The name of a part of an e-mail; the sender's own words have none."""
    return ZONES.get(kind, NO_ZONE).name


@register.simple_tag
def verdict_icon(verdict: str) -> SafeString:
    return presenters.verdict_icon(verdict)


@register.simple_tag
def verdict_mark(verdict: str) -> SafeString:
    """The same mark where its word stands beside it."""
    return presenters.verdict_icon(verdict, spoken=False)


@register.simple_tag
def marked(text: str, spans: Iterable[tuple[int, int]]) -> SafeString:
    return presenters.marked(text, spans)


@register.simple_tag
def letter_title(template: str) -> str:
    """What a kind of letter is called: "We need more"."""
    return TEMPLATES[template].title if template in TEMPLATES else template


@register.filter
def day(value: date | datetime | None) -> str:
    return presenters.day(value)


@register.filter
def clock(value: datetime | None) -> str:
    return presenters.clock(value)


@register.filter
def when(value: datetime | None) -> str:
    return presenters.when(value)


@register.filter
def handle(value: Any) -> str:
    """ "jbaker" -> "@jbaker"."""
    return f"@{str(value).removeprefix('@')}"


@register.filter
def counted(number: int, one: str) -> str:
    """`{{ 2|counted:"school day" }}`; for an irregular plural `"person,people"`."""
    singular, _, plural = one.partition(",")
    return presenters.counted(number, singular, plural)


@register.simple_tag
def senders(source: IntakeSource) -> SendersShown:
    return senders_of(source)


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, wide: str = "", *, says_optional: bool = True) -> dict[str, Any]:
    """A form field with its label, help, errors and the ties between them."""
    widget = bound.field.widget
    return {
        "field": bound,
        "is_checkbox": isinstance(widget, CheckboxInput),
        "is_group": isinstance(widget, (RadioSelect, CheckboxSelectMultiple)),
        "wide": wide,
        "says_optional": says_optional and not bound.field.required,
    }


@register.inclusion_tag("parts/tabs.html")
def tabs(items: list[presenters.Tab], label: str) -> dict[str, Any]:
    return {"tabs": items, "label": label}


@register.inclusion_tag("parts/pager.html")
def pager(some: presenters.Slice) -> dict[str, Any]:
    return {"some": some}
