"""A parent's browser without a screen: it keeps cookies, follows redirects and fills forms in."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
_TIMEOUT_SECONDS = 20
_SHOWN = 600
_SILENT = frozenset({"script", "style", "template", "title"})
_VOID = frozenset({"input", "meta", "link", "br", "hr", "img", "source", "wbr"})


class PageError(AssertionError):
    """A page is not the one that the story expects. The message holds what it says."""


@dataclass(slots=True)
class Form:
    """One form: where it goes, and what a browser sends when nothing is touched."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    controls: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Page:
    """An answered page.

    Attributes:
        url: Where it is.
        h1: Its heading.
        text: All that it says, with single spaces.
    """

    url: str
    h1: str = ""
    text: str = ""
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

    def link(self, words: str) -> str:
        """Return the address of the first link with these words.

        Raises:
            PageError: There is none.
        """
        found = next((address for said, address in self.links if words in said), None)
        return found or self._miss(f"no link « {words} »")

    def form(self, control: str) -> Form:
        """Return the form that has this control.

        Raises:
            PageError: There is none.
        """
        found = next((form for form in self.forms if control in form.controls), None)
        if found is None:
            self._miss(f"no form with {control}")
        return found  # type: ignore[return-value]  # _miss raises

    def _miss(self, what: str) -> str:
        raise PageError(f"{what} on {self.url}: « {self.h1} » {self.text[:_SHOWN]}")


class Visitor:
    """One browser. A redirect to another site ends the walk: `left_to` says where it leads."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = requests.Session()
        self._http.trust_env = False
        self.page = Page(base)
        self.left_to = ""

    def open(self, address: str) -> Page:
        """Go to an address."""
        return self._follow("GET", urljoin(self._base, address), {})

    def fill(self, control: str, values: dict[str, str]) -> Page:
        """Fill in the form that has this control, and send it.

        Raises:
            PageError: There is no such form on the present page.
        """
        form = self.page.form(control)
        return self._follow("POST", form.action, {**form.values, **values})

    def _follow(self, method: str, address: str, values: dict[str, str]) -> Page:
        self.left_to = ""
        for _ in range(_MOST_REDIRECTS):
            answer = self._http.request(
                method, address, data=values or None, allow_redirects=False, timeout=_TIMEOUT_SECONDS
            )
            if answer.status_code not in _REDIRECTS:
                self.page = read_page(answer.url, answer.text)
                return self.page
            method, values, address = "GET", {}, urljoin(answer.url, answer.headers["Location"])
            if urlsplit(address).netloc != urlsplit(self._base).netloc:
                self.left_to = address
                return self.page
        raise PageError(f"redirects go round at {address}")


def read_page(url: str, html: str) -> Page:
    """Read an HTML answer."""
    reader = _Reader(Page(url))
    reader.feed(html)
    reader.close()
    return reader.finish()


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self._page = page
        self._open: list[str] = []
        self._words: list[str] = []
        self._heading: list[str] = []
        self._link: tuple[str, list[str]] | None = None
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "a" and "href" in given:
            self._link = (urljoin(self._page.url, given["href"]), [])
        elif tag == "form":
            self._form = Form(urljoin(self._page.url, given.get("action") or self._page.url))
            self._page.forms.append(self._form)
        elif self._form is not None:
            self._note_control(self._form, tag, given)

    def _note_control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "select":
            self._select = name
            form.controls.add(name)
        elif tag == "button" and name:
            form.controls.add(name)
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.values):
            form.values[self._select] = given.get("value", "")
        elif tag == "input" and name:
            form.controls.add(name)
            if given.get("type") not in {"radio", "checkbox"} or "checked" in given:
                form.values[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "a" and self._link is not None:
            self._page.links.append((_squeeze(self._link[1]), self._link[0]))
            self._link = None

    def handle_data(self, data: str) -> None:
        if _SILENT.intersection(self._open):
            return
        self._words.append(data)
        if "h1" in self._open:
            self._heading.append(data)
        if self._link is not None:
            self._link[1].append(data)

    def finish(self) -> Page:
        """Return the page."""
        self._page.h1, self._page.text = _squeeze(self._heading), _squeeze(self._words)
        return self._page


def _squeeze(parts: list[str]) -> str:
    return re.sub(r"\s+", " ", " ".join(parts)).strip()
