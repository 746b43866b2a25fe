"""Which language a request is answered in, and the switch that leads to the same page in another.

In this order: what the address says (`?langue=en`, the switch), what the person chose before, what the site that sends her asks for
(`ui_locales`), what an earlier site asked for, French. Not `Accept-Language`: docs/decisions/0038-three-languages.md.
"""

from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urlencode

from flask import Flask, Response, after_this_request, current_app, g, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from idp.protocol.ui_locales import choose_ui_locale
from idp.web.catalogues import FRENCH, Catalogue, load_catalogue
from idp.web.cookies import BrowserCookie
from idp.web.headers import is_same_origin

PARAMETER = "langue"
_KEY = "preau-language-cookie"
_BY_SITE = "site."
"""Before a cookie's value that a site asked for and nobody chose: it gives way to the next site's, and to the switch."""


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages of the pages."""

    code: str  # in addresses and in the cookie; the catalogue's name
    tag: str  # RFC 5646, as clients ask for it
    spoken: str  # what a screen reader must speak: `lang`
    name: str  # in itself


LANGUAGES = (
    Language(FRENCH, "fr", "fr", "Français"),
    Language("facile", "fr-x-facile", "fr", "Facile à lire"),
    Language("en", "en", "en", "English"),
)
CODES = {one.code: one for one in LANGUAGES}
_BY_TAG = {one.tag: one for one in LANGUAGES}


_LINK = '<li><a href="%(here)s{code}" lang="{spoken}" hreflang="{tag}"{mark}>{name}</a></li>'


def install_languages(app: Flask, cookie: BrowserCookie) -> None:
    """Answer each request of `app` in its reader's language.

    Args:
        app: The application.
        cookie: Remembers the language of this browser.
    """
    app.extensions[_KEY] = cookie

    @app.before_request
    def hear() -> Response | None:
        # A redirect says no word, and still has to remember what its address says.
        query = request.environ.get("QUERY_STRING", "")
        if "ui_locales=" in query:
            hear_site(request.args.get("ui_locales", "").split())
        if f"{PARAMETER}=" not in query or _asked() is None:
            return None
        _remember_asked()
        return _show_again() if request.method == "POST" else None


def current_language() -> Language:
    """Return the language of this request."""
    language: Language | None = g.get("language")
    if language is None:
        language = g.language = _asked() or _remembered() or LANGUAGES[0]
    return language


def speak() -> str:
    """Return the code of this request's language: a `journeys.ports.Language`."""
    return current_language().code


def tell_choice() -> str | None:
    """Return the code that the person chose herself, now or before: a `journeys.ports.ChosenLanguage`."""
    asked = _asked()
    kept = _read_cookie()
    return asked.code if asked else kept if kept in CODES else None


def current_catalogue() -> Catalogue:
    """Return the sentences of this request's language, looked for once: a page asks for two dozen."""
    catalogue: Catalogue | None = g.get("catalogue")
    if catalogue is None:
        catalogue = g.catalogue = load_catalogue(current_language().code)
    return catalogue


def hear_site(ui_locales: list[str] | tuple[str, ...]) -> None:
    """Speak as the site asks that sends the person (OpenID Connect Core 1.0 section 3.1.2.1), unless she chose before."""
    tag = choose_ui_locale(ui_locales)
    if tag is None or tell_choice() is not None:
        return
    wanted = _BY_TAG[tag]
    if g.get("language") == wanted:
        return
    if wanted != (_remembered() or LANGUAGES[0]):
        _keep(_BY_SITE + wanted.code)
    g.language = wanted
    g.pop("catalogue", None)


def stay_at(address: str) -> None:
    """Let the switch of this page lead to `address`: this request's own cannot be asked again.

    Args:
        address: Path and query of one of our pages.
    """
    g.language_address = address


def language_links() -> Markup:
    """Return the items of the switch: links to the page where the person stands, in each language."""
    address = _own_address()
    return _link_pattern(current_language()) % {"here": f"{address}{'&' if '?' in address else '?'}{PARAMETER}="}


@cache  # on every page, and never another one
def _link_pattern(current: Language) -> Markup:
    items = (
        _LINK.format(
            code=one.code,
            spoken=one.spoken,
            tag=one.tag,
            mark=' aria-current="true"' if one == current else "",
            name=one.name,
        )
        for one in LANGUAGES
    )
    return Markup("\n".join(items))  # noqa: S704  all of it is ours; the address is escaped as it is filled in


def typed_before(name: str, value: str) -> str:
    """Return what the person had typed into a field when she switched the language, else its value."""
    typed = g.get("typed")
    return value if typed is None else typed.get(name, value)


def _asked() -> Language | None:
    return CODES.get(request.args.get(PARAMETER, ""))


def _remembered() -> Language | None:
    return CODES.get((_read_cookie() or "").removeprefix(_BY_SITE))


def _read_cookie() -> str | None:
    cookie: BrowserCookie = current_app.extensions[_KEY]
    return cookie.read(request)


def _keep(value: str) -> None:
    cookie: BrowserCookie = current_app.extensions[_KEY]

    @after_this_request
    def remember(response: Response) -> Response:
        # Until the browser is closed where a site asked for it: the next person at a shared phone has not.
        cookie.keep(response, value, lasts=not value.startswith(_BY_SITE))
        return response


def _remember_asked() -> None:
    asked = _asked()
    if asked is not None and _read_cookie() != asked.code:
        _keep(asked.code)


def _show_again() -> Response | None:
    """Answer the switch of a browser that runs our script: the page again, with what was typed and not sent."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return None
    try:
        endpoint, values = adapter.match(method="GET")
    except HTTPException:
        return None  # the address of a form alone: the switch never leads there
    if is_same_origin():
        g.typed = request.form
    return current_app.make_response(current_app.view_functions[endpoint](**values))  # type: ignore[arg-type]  # no view is a coroutine


def _own_address() -> str:
    """Return the address that shows this page again.

    A form's own address often has no page: the one above it is where the form stood.
    """
    kept = g.get("language_address")
    if kept is not None:
        return str(kept)
    path = request.path
    if request.method == "POST":
        path = _page_above(path)
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]
    # Two slashes at the beginning would be another host.
    address = "/" + quote(path.lstrip("/"))
    return f"{address}?{urlencode(pairs)}" if pairs else address


def _page_above(path: str) -> str:
    adapter = current_app.create_url_adapter(request)
    while path and adapter is not None and not adapter.test(path, method="GET"):
        path = path.rpartition("/")[0]
    return path
