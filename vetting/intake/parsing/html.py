"""HTML to the text a reader would see, by walking the tree ourselves: inline parts join, blocks break, quotes are marked with ">".

Bounded: markup beyond the limits is not given to the parser at all but stripped crudely, so that the words are still found.
"""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from vetting.intake.parsing.vocabulary import words

HTML_CHARACTERS = 512 * 1024
_DEEPEST = 1_500
_MOST_TAGS = 60_000
_BLOCKS = words(
    """
    address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr html
    li main nav ol p pre section table tbody tfoot thead tr ul
    """
)
# Containers in which mail programs put what they quote, and the line above it that says who wrote that.
_QUOTE_CLASSES = words(
    "yahoo_quoted protonmail_quote zmail_extra tutanota_quote gmail_attr moz-cite-prefix moz-email-headers-table iwc-quote"
)
# Where Outlook begins the message below; its plain version has this line there.
_BELOW = words("divRplyFwdMsg x_divRplyFwdMsg appendonsend x_appendonsend OLK_SRC_BODY_SECTION mail-editor-reference-message-container")
_RULE = "_" * 32
_UNSEEN = words("head script style template noscript title meta link object svg math select textarea img")
_UNNESTED = words("p li td th tr br img meta link hr input option col area base wbr source dt dd thead tbody tfoot")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|$)|max-height\s*:\s*0(?:px)?\s*(?:;|$)", re.I
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_LONG_TAG = re.compile(r"<[^<>]{20000}")
_ANY_TAG = re.compile(r"<[^<>]{0,20000}>?")
_BREAKING_TAG = re.compile(r"</?(?:br|p|div|tr|li|h[1-6]|table|blockquote)\b[^<>]{0,2000}>", re.I)
_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
_PROFILE_LINK = re.compile(r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/", re.I)


def html_to_text(markup: str) -> tuple[str, bool]:
    """The visible text, and whether something was cut or only crudely stripped."""
    cut = markup[:HTML_CHARACTERS]
    truncated = len(cut) < len(markup)
    if _too_much(cut):
        return _strip(cut), True
    try:
        root = LexborHTMLParser(cut).root
    except (SelectolaxError, ValueError, RuntimeError):
        return _strip(cut), True
    page = _Page()
    if root is not None:
        _walk(root, page)
    return page.text(), truncated


def unwrap_link(address: str) -> str:
    """The address behind a mail filter's or Google's redirect (SafeLinks, Proofpoint v2 and v3, google.com/url)."""
    for _ in range(3):
        try:
            parts = urlsplit(address)
            query = parse_qs(parts.query, max_num_fields=30)
        except ValueError:
            return address
        host = (parts.hostname or "").lower()
        inner = ""
        if host.endswith(".safelinks.protection.outlook.com"):
            inner = query.get("url", [""])[0]
        elif host.startswith(("www.google.", "google.")) and parts.path == "/url":
            inner = (query.get("q") or query.get("url") or [""])[0]
        elif host == "urldefense.proofpoint.com":
            inner = unquote(query.get("u", [""])[0].replace("-", "%").replace("_", "/"))
        elif host == "urldefense.com" and (wrapped := re.match(r"/v3/__(.+?)__;", parts.path + "__;")):
            inner = wrapped.group(1)
        if not inner:
            return address
        address = inner
    return address


class _Page:
    """Collects lines. Space collapses as a browser would do it; a quote's lines begin with "> "."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = 0
        self.written = 0

    def add(self, words: str) -> None:
        words = _SPACE.sub(" ", words)
        if words.startswith(" ") and (not self.line or self.line[-1].endswith((" ", "\t"))):
            words = words[1:]
        if words:
            self.line.append(words)
            self.written += len(words)

    def cell(self) -> None:
        if self.line:
            self.line.append("\t")

    def new_line(self, *, always: bool = False) -> None:
        line = "".join(self.line).strip()
        self.line = []
        if line or (always and self.lines and self.lines[-1].strip("> ")):
            self.lines.append("> " * min(self.depth, 5) + line)

    def said_since(self, mark: int) -> str:
        return "".join(self.line)[mark:]

    def text(self) -> str:
        self.new_line()
        return "\n".join(self.lines).strip()


def _walk(root: LexborNode, page: _Page) -> None:
    # (node, None) enters; (node, mark) leaves.
    stack: list[tuple[LexborNode, int | None]] = [(root, None)]
    while stack:
        node, mark = stack.pop()
        if mark is not None:
            _leave(node, page, mark)
            continue
        if node.is_text_node:
            page.add(node.text_content or "")
            continue
        tag = node.tag or ""
        if node.is_comment_node or tag in _UNSEEN or (node.is_element_node and _hidden(node)):
            continue
        _enter(tag, page)
        if tag in ("div", "span", "table"):
            _enter_marked(node, page)
        stack.append((node, len("".join(page.line)) if tag == "a" else 0))
        child = node.last_child
        while child is not None:
            stack.append((child, None))
            child = child.prev


def _enter(tag: str, page: _Page) -> None:
    if tag == "br":
        page.new_line(always=True)
    elif tag in ("td", "th"):
        page.cell()
    elif tag in _BLOCKS:
        page.new_line()
    if tag == "blockquote":
        page.depth += 1


def _enter_marked(node: LexborNode, page: _Page) -> None:
    if _is_quote(node):
        page.new_line()
        page.depth += 1
    elif (node.id or "") in _BELOW:
        page.new_line()
        if not page.lines or page.lines[-1] != _RULE:
            page.lines.append(_RULE)


def _is_quote(node: LexborNode) -> bool:
    return not _QUOTE_CLASSES.isdisjoint((node.attributes.get("class") or "")[:200].split())


def _leave(node: LexborNode, page: _Page, mark: int) -> None:
    tag = node.tag or ""
    if tag == "a":
        address = unwrap_link((node.attributes.get("href") or "")[:2000])
        name = address.rstrip("/").rpartition("/")[2].partition("?")[0].lower()
        if _PROFILE_LINK.match(address) and name not in page.said_since(mark).lower():
            page.add(f" <{address}>")
    if tag in _BLOCKS:
        page.new_line()
    if tag == "p":
        page.new_line(always=True)
    if tag == "blockquote":
        page.depth -= 1
    elif tag in ("div", "span", "table") and _is_quote(node):
        page.new_line()
        page.depth -= 1


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDDEN.search((attributes.get("style") or "")[:2000]))


def _too_much(markup: str) -> bool:
    """Whether the tree would be deeper, wider or stranger than the parser can take in a second."""
    if _LONG_TAG.search(markup):
        return True
    depth = deepest = count = 0
    for tag in _TAG.finditer(markup):
        count += 1
        if tag.group(2).lower() not in _UNNESTED:
            depth += -1 if tag.group(1) else 1
            deepest = max(deepest, depth)
    return deepest > _DEEPEST or count > _MOST_TAGS


def _strip(markup: str) -> str:
    text = _ANY_TAG.sub(" ", _BREAKING_TAG.sub("\n", markup))
    for entity, character in (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)
