"""A browser without JavaScript, as a person uses it: it keeps cookies, follows redirects, fills forms in and presses buttons."""

from urllib.parse import urljoin, urlsplit

import requests

from tests.support.page import Form, Page, read_page

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Browser:
    """One browser at the identity provider. A redirect to another site ends the walk: `left_to` says where it leads."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.sites = {urlsplit(base).netloc}  # where redirects are followed; FranceConnect is another one
        self.http = requests.Session()
        self.http.trust_env = False
        self.page = read_page(0, base, {}, "")
        self.left_to = ""
        self.history: list[int] = []

    def open(self, address: str) -> Page:
        """Go to an address of the identity provider."""
        return self._follow("GET", urljoin(self.base, address), {})

    def refresh(self) -> Page:
        """Load the present page again."""
        return self.open(self.page.url)

    def fill(self, control: str, values: dict[str, str] | None = None, *, button: str = "") -> Page:
        """Fill in the form that has this control or button, and send it.

        Args:
            control: Name of a control, or words of a button, that only this form has.
            values: What is typed; the rest is sent as it stands.
            button: Words of the button pressed, where the form has several.
        """
        return self.send(*self.prepare(control, values, button=button))

    def prepare(
        self, control: str, values: dict[str, str] | None = None, *, button: str = ""
    ) -> tuple[str, dict[str, str]]:
        """Return what `fill` would send, so that it can be sent twice or later."""
        form = self.page.form(control)
        return form.action, {**form.values, **_button_value(form, button or control), **(values or {})}

    def send(self, action: str, values: dict[str, str]) -> Page:
        """Send a form."""
        return self._follow("POST", action, values)

    def _follow(self, method: str, address: str, values: dict[str, str]) -> Page:
        self.left_to = ""
        self.history = []
        for _ in range(8):
            answer = self.http.request(
                method, address, data=values if method == "POST" else None, allow_redirects=False, timeout=20
            )
            self.history.append(answer.status_code)
            if answer.status_code not in _REDIRECTS:
                self.page = read_page(answer.status_code, answer.url, answer.headers, answer.text)
                return self.page
            method, address = "GET", urljoin(answer.url, answer.headers["Location"])
            if urlsplit(address).netloc not in self.sites:
                self.left_to = address
                self.page = read_page(answer.status_code, answer.url, answer.headers, "")
                return self.page
        raise AssertionError(f"redirects go round at {address}")


def _button_value(form: Form, words: str) -> dict[str, str]:
    """Return what the pressed button itself sends."""
    return {name: value for name, value, said in form.buttons if name and words in said}
