"""From a message's HTML to markup that can do nothing: no script, no address to load, no form, no link that leads anywhere. Pure."""

import re
from dataclasses import dataclass

import nh3

from vetting.intake.parsing.html import HTML_CHARACTERS
from vetting.intake.parsing.message import formatted_part
from vetting.intake.parsing.vocabulary import words

_DEEPEST = 400
_MOST_TAGS = 20_000
_TAGS = words(
    """
    a abbr b big blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i ins kbd li ol p
    pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var
    """
)
_DROPPED_WHOLE = words("script style title template noscript svg math object embed iframe frame frameset select textarea")
_ATTRIBUTES = {
    "*": {"align", "dir", "style"},
    "td": {"colspan", "rowspan", "valign"},
    "th": {"colspan", "rowspan", "valign"},
    "ol": {"start"},
}
_STYLES = {"font-style", "font-weight", "text-align", "text-decoration", "color", "background-color"}
_TAG = re.compile(r"<(/?)[a-zA-Z]")
_UNNESTED = re.compile(r"<(?:p|li|td|th|tr|br|img|meta|link|hr|input|col)\b", re.I)


@dataclass(frozen=True)
class Formatted:
    """The harmless markup; empty with `why` where there is none to show."""

    markup: str
    why: str = ""


def formatted_of(raw: bytes) -> Formatted:
    """The formatted version of a message as it came."""
    found = formatted_part(raw)
    return clean_markup(found) if found.strip() else Formatted("", "This e-mail has no formatted version. Its text is all there is.")


def clean_markup(markup: str) -> Formatted:
    """Only words, their arrangement and their colours are left. What is too large or too deeply nested is not cleaned but refused."""
    if len(markup) > HTML_CHARACTERS or _too_deep(markup):
        return Formatted("", "The formatted version of this e-mail is too complicated to be shown safely. Read its text.")
    harmless = nh3.clean(
        markup,
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes=_ATTRIBUTES,
        url_schemes=set(),
        link_rel=None,
        filter_style_properties=_STYLES,
    )
    if not harmless.strip():
        return Formatted("", "The formatted version of this e-mail holds pictures only, and they are never loaded.")
    return Formatted(harmless)


def _too_deep(markup: str) -> bool:
    depth = deepest = count = 0
    for tag in _TAG.finditer(markup):
        count += 1
        if not _UNNESTED.match(markup, tag.start()):
            depth += -1 if tag.group(1) else 1
            deepest = max(deepest, depth)
    return deepest > _DEEPEST or count > _MOST_TAGS
