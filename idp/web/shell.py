"""The shell of every page: templates, language, no-break spaces, static files, headers."""

from collections.abc import Callable
from functools import cache
from urllib.parse import urlencode

from flask import Blueprint, Flask, url_for

from idp.protocol.discovery import LOGOUT_PATH
from idp.web.assets import Assets, assets_blueprint
from idp.web.cookies import language_cookie
from idp.web.french import say_on_page
from idp.web.headers import install_headers
from idp.web.languages import current_language, install_languages, language_links, typed_before
from idp.web.words import say_duration, say_strength, spell_out

_PLAIN_IN_QUERY = "!$'()*,/:;?@"  # as Werkzeug leaves them


def install_shell(app: Flask, *, test_instance: bool, secure: bool, franceconnect_enabled: bool) -> None:
    """Prepare `app` for pages: call it before any blueprint of `idp.web` is registered.

    Args:
        app: Made with ``static_folder=None``: static files have their own addresses here.
        test_instance: Whether every page says that it is a simulator with fictional data.
        secure: Whether the issuer is https.
        franceconnect_enabled: Whether one may sign in with FranceConnect.
    """
    assets = Assets()
    install_languages(app, language_cookie(secure=secure))
    _prepare_templates(app)
    app.register_blueprint(Blueprint("shell", __name__, template_folder="templates"))
    app.register_blueprint(assets_blueprint(assets))
    install_headers(app, secure=secure)

    @cache  # five on every page, and always the same
    def asset_url(name: str) -> str:
        return url_for("assets.serve", version=assets.version, name=name)

    @app.context_processor
    def offer() -> dict[str, object]:
        return {
            "asset_url": asset_url,
            "test_instance": test_instance,
            "franceconnect_enabled": franceconnect_enabled,
            "language": current_language(),
            "language_links": language_links,
            "logout_path": LOGOUT_PATH,
            "say_duration": say_duration,
            "say_strength": say_strength,
            "spell_out": spell_out,
        }


def _prepare_templates(app: Flask) -> None:
    """Give templates the words, and what was typed before the language was switched."""
    environment = app.jinja_env
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.globals["_"] = say_on_page
    environment.globals["typed_before"] = typed_before
    environment.globals["url_for"] = _write_links(app)


def _write_links(app: Flask) -> Callable[..., str]:
    """Return `url_for` for templates. A page has a dozen links, whose paths the router would write again for each of them."""

    @cache
    def write_path(endpoint: str) -> str:
        return url_for(endpoint)

    @cache
    def has_place_for_value(endpoint: str) -> bool:
        return any(rule.arguments for rule in app.url_map.iter_rules(endpoint))

    def page_url(endpoint: str, **values: str | int | None) -> str:
        if has_place_for_value(endpoint):
            return url_for(endpoint, **values)  # type: ignore[arg-type]  # Flask's own options are not among them
        query = urlencode([(name, value) for name, value in values.items() if value is not None], safe=_PLAIN_IN_QUERY)
        return f"{write_path(endpoint)}?{query}" if query else write_path(endpoint)

    return page_url
