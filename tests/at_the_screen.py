"""A person at a screen, without a browser: opens pages, fills the form that has a certain button, presses it.

Works on the register (through Django's test client) and on the practice Twitter's pages (over HTTP) alike, and finds
what to press by the words a person reads, so that the stories name buttons and not form fields' plumbing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests
from django.test import Client
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node

from accounts.models import User


@dataclass
class Answer:
    status: int
    url: str
    body: str


Fetch = Callable[[str, str, Mapping[str, object] | None], Answer]


@dataclass
class Screen:
    """One person's window."""

    fetch: Fetch
    url: str = "/"
    page: HTMLParser = field(default_factory=lambda: HTMLParser(""))
    status: int = 0

    def open(self, url: str) -> "Screen":
        return self._show(self.fetch("GET", urljoin(self.url, url), None))

    def follow(self, words: str) -> "Screen":
        """Follow the link whose text holds these words."""
        for link in self.page.css("a[href]"):
            if words in _words(link):
                return self.open(str(link.attributes["href"]))
        raise AssertionError(f"No link “{words}” on {self.url}. It says: {self.text[:2000]}")

    def press(self, button: str, *, near: str = "", **fields: object) -> "Screen":
        """Fill the form that has this button (inside the smallest block that also says `near`) and press it."""
        form, pressed = self._form_with(button, near)
        values = _values_of(form)
        if pressed.attributes.get("name"):
            values[str(pressed.attributes["name"])] = pressed.attributes.get("value") or ""
        unknown = {name for name in fields if not form.css_first(f"[name='{name}']")}
        assert not unknown, f"The form with “{button}” has no {unknown}: it has {[n.attributes.get('name') for n in form.css('[name]')]}"
        action = str(pressed.attributes.get("formaction") or form.attributes.get("action") or self.url)
        method = str(form.attributes.get("method") or "get").upper()
        return self._show(self.fetch(method, urljoin(self.url, action), {**values, **fields}))

    def _form_with(self, button: str, near: str) -> tuple[Node, Node]:
        for pressed in self.page.css("button, input[type=submit]"):
            label = _words(pressed) or pressed.attributes.get("value") or ""
            form = self._form_of(pressed)
            if form is not None and label.strip() == button and near in _surroundings(pressed, near):
                return form, pressed
        have = [_words(b) for b in self.page.css("button")]
        where = f"{self.url} ({self.status})"
        raise AssertionError(f"No button “{button}” near “{near}” on {where}; there are {have}. It says: {self.text[:3000]}")

    def _form_of(self, pressed: Node) -> Node | None:
        """The form a button stands in, or the one it names because it stands elsewhere."""
        if pressed.attributes.get("form"):
            return self.page.css_first(f"form#{pressed.attributes['form']}")
        node: Node | None = pressed
        while node is not None and node.tag != "form":
            node = node.parent
        return node

    def _show(self, answer: Answer) -> "Screen":
        self.status, self.url, self.page = answer.status, answer.url, HTMLParser(answer.body)
        return self

    @property
    def text(self) -> str:
        body = self.page.body
        return " ".join(body.text(separator=" ").split()) if body is not None else ""

    def says(self, words: str) -> bool:
        return words in self.text


def _words(node: Node) -> str:
    return " ".join(node.text(separator=" ").split())


def _surroundings(pressed: Node, near: str) -> str:
    """The text of the smallest list item, row, article or section around a button."""
    node: Node | None = pressed
    while node is not None and near and near not in _words(node):
        node = node.parent if node.tag not in ("li", "tr", "article", "section", "main") else None
    return _words(node) if node is not None else ""


def _values_of(form: Node) -> dict[str, object]:
    values: dict[str, object] = {}
    for box in form.css("input[name], textarea[name], select[name]"):
        name, kind = str(box.attributes["name"]), box.attributes.get("type")
        if kind in ("submit", "file", "button") or (kind in ("radio", "checkbox") and "checked" not in box.attributes):
            continue
        if box.tag == "select":
            chosen = box.css_first("option[selected]") or box.css_first("option")
            values[name] = (chosen.attributes.get("value") or "") if chosen is not None else ""
        elif box.tag == "textarea":
            values[name] = box.text()
        else:
            values[name] = box.attributes.get("value") or ("on" if kind == "checkbox" else "")
    return values


def as_(user: User) -> Client:
    """A test client signed in as somebody."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def at_the_register(person: User) -> Screen:
    """The register in this process, signed in as somebody."""
    client = as_(person)

    def fetch(method: str, url: str, data: Mapping[str, object] | None) -> Answer:
        response = client.get(url, data, follow=True) if method == "GET" else client.post(url, data, follow=True)
        final = response.redirect_chain[-1][0] if response.redirect_chain else url
        return Answer(response.status_code, urljoin(url, final), response.content.decode())

    return Screen(fetch)


def at_practice_twitter(base_url: str) -> Screen:
    """The sandbox's pages, in a window of their own."""
    return over_http(base_url)


def over_http(base_url: str) -> Screen:
    """Any pages of ours that a server serves; cookies are kept as a browser keeps them."""
    session = requests.Session()
    session.trust_env = False

    def fetch(method: str, url: str, data: Mapping[str, object] | None) -> Answer:
        origin = {"Origin": base_url} if method == "POST" else {}
        response = session.request(method, url, data=data if method == "POST" else None, params=None, headers=origin, timeout=10)
        return Answer(response.status_code, response.url, response.text)

    return Screen(fetch, url=base_url + "/")
