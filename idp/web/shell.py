"""The shell of every page: templates, language, no-break spaces, static files, headers."""

from functools import cache
from importlib.resources import files

from flask import Blueprint, Flask, url_for
from flask_babel import Babel

from idp.protocol.discovery import LOGOUT_PATH
from idp.web.assets import Assets, assets_blueprint
from idp.web.french import look_up, look_up_plural, say_on_page
from idp.web.headers import install_headers
from idp.web.words import say_duration, say_strength, spell_out

COMPLETE_LANGUAGES = ("fr",)
"""Languages whose catalogue is complete; the language menu shows when there is more than one."""


def install_shell(app: Flask, *, test_instance: bool, secure: bool, franceconnect_enabled: bool) -> None:
    """Prepare `app` for pages: call it before any blueprint of `idp.web` is registered.

    Args:
        app: Made with ``static_folder=None``: static files have their own addresses here.
        test_instance: Whether every page says that it is a simulator with fictional data.
        secure: Whether the issuer is https.
        franceconnect_enabled: Whether one may sign in with FranceConnect.
    """
    assets = Assets()
    app.config["BABEL_DEFAULT_LOCALE"] = "fr"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(files("idp.web") / "translations")
    Babel(app, locale_selector=_select_language)
    _prepare_templates(app)
    app.register_blueprint(Blueprint("shell", __name__, template_folder="templates"))
    app.register_blueprint(assets_blueprint(assets))
    install_headers(app, secure=secure)

    @cache  # five on every page, and always the same
    def asset_url(name: str) -> str:
        return url_for("assets.serve", version=assets.version, name=name)

    @cache  # the same four links at the head and foot of every page
    def fixed_url(endpoint: str) -> str:
        return url_for(endpoint)

    @app.context_processor
    def offer() -> dict[str, object]:
        return {
            "asset_url": asset_url,
            "fixed_url": fixed_url,
            "test_instance": test_instance,
            "franceconnect_enabled": franceconnect_enabled,
            "language": _select_language(),
            "languages": COMPLETE_LANGUAGES,
            "logout_path": LOGOUT_PATH,
            "say_duration": say_duration,
            "say_strength": say_strength,
            "spell_out": spell_out,
        }


def _select_language() -> str:
    """Return the language of the page; French is the only complete one."""
    return COMPLETE_LANGUAGES[0]


def _prepare_templates(app: Flask) -> None:
    """Put the no-break spaces into what the catalogue gives, before values are filled in."""
    environment = app.jinja_env
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    # Added to the environment by jinja2.ext.i18n, which Flask-Babel loads; "new style" escapes values and not the sentence.
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        gettext=look_up, ngettext=look_up_plural, newstyle=True
    )
    environment.globals["_"] = say_on_page
