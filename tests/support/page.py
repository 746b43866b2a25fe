"""A page as a person without a screen meets it: its title, its words, its forms. Standard library only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

_SILENT = frozenset({"script", "style", "template", "title"})
_VOID = frozenset({"input", "meta", "link", "br", "hr", "img", "source", "wbr"})


@dataclass
class Form:
    """One form: where it goes and what it would send."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)  # what a browser sends when nothing is touched
    controls: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # (name, value, words)


@dataclass
class Page:
    """An answered page."""

    status: int
    url: str
    headers: Mapping[str, str]
    html: str
    title: str = ""
    h1: str = ""
    text: str = ""
    summary: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # (words, address)

    def form(self, control: str) -> Form:
        """Return the one form that has this control or this button's words."""
        by_name = [form for form in self.forms if control in form.controls]
        by_words = [form for form in self.forms if any(control in words for _, _, words in form.buttons)]
        found = by_name or by_words
        assert len(found) == 1, f"{len(found)} forms with {control!r} on {self.url}: {self.text[:600]}"
        return found[0]

    def link(self, words: str) -> str:
        """Return the address of the first link with these words."""
        found = [address for text, address in self.links if words in text]
        assert found, f"no link {words!r} on {self.url}: {self.links}"
        return found[0]

    def says(self, words: str) -> bool:
        """Tell whether these words stand on the page, whatever kind of space is between them."""
        return " ".join(words.split()) in self.text


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self._open: list[tuple[str, dict[str, str]]] = []
        self._words: list[str] = []
        self._h1: list[str] = []
        self._title: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._button: tuple[str, str] | None = None
        self._button_words: list[str] = []
        self._href = ""
        self._link_words: list[str] = []
        self._item: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append((tag, given))
        if tag == "form":
            action = urljoin(self.page.url, given.get("action") or self.page.url)
            self._form = Form(action, given.get("method", "get").lower())
            self.page.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._href = urljoin(self.page.url, given["href"])
            self._link_words = []
        elif tag == "li" and any("resume" in (a.get("class") or "").split() for _, a in self._open):
            self._item = []
        elif self._form is not None:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form = self._form
        assert form is not None
        name = given.get("name", "")
        if tag == "button":
            self._button = (name, given.get("value", ""))
            self._button_words = []
        elif tag == "select" and name:
            self._select = name
            form.controls.add(name)
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.values):
            form.values[self._select] = given.get("value", "")
        elif tag == "textarea" and name:
            form.controls.add(name)
            form.values[name] = ""
        elif tag == "input" and name:
            form.controls.add(name)
            if given.get("type") in {"radio", "checkbox"}:
                if "checked" in given:
                    form.values[name] = given.get("value", "on")
            else:
                form.values[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open[-1][0] != tag:
            self._open.pop()
        if self._open:
            self._open.pop()
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "a" and self._href:
            self.page.links.append((_squeeze(self._link_words), self._href))
            self._href = ""
        elif tag == "button" and self._form is not None and self._button is not None:
            self._form.buttons.append((*self._button, _squeeze(self._button_words)))
            self._button = None
        elif tag == "li" and self._item is not None:
            self.page.summary.append(_squeeze(self._item))
            self._item = None

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self._open}
        if "title" in tags:
            self._title.append(data)
        if tags & _SILENT:
            return
        self._words.append(data)
        if "h1" in tags:
            self._h1.append(data)
        if self._href:
            self._link_words.append(data)
        if self._button is not None:
            self._button_words.append(data)
        if self._item is not None:
            self._item.append(data)

    def close(self) -> None:
        super().close()
        self.page.title = _squeeze(self._title)
        self.page.h1 = _squeeze(self._h1)
        self.page.text = _squeeze(self._words)


def _squeeze(parts: list[str]) -> str:
    return re.sub(r"\s+", " ", " ".join(parts)).strip()


def read_page(status: int, url: str, headers: Mapping[str, str], html: str) -> Page:
    """Read an HTML answer."""
    page = Page(status, url, headers, html)
    reader = _Reader(page)
    reader.feed(html)
    reader.close()
    return page
