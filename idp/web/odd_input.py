"""Refuses what no text holds: a NUL character, which PostgreSQL cannot keep and nobody types."""

from flask import Flask, Response, request

from idp.web.error_pages import render_error


def install_input_check(app: Flask, *, json_below: str) -> None:
    """Answer 400 to a query or a form with a NUL in it, before any journey reads it.

    Args:
        app: The application.
        json_below: Beginning of the paths whose bodies are JSON, whatever type curl gives them: a form read from one would use it up.
    """

    @app.before_request
    def refuse_nul() -> Response | None:
        is_form = request.method == "POST" and not request.path.startswith(json_below)
        if "%00" not in request.environ.get("QUERY_STRING", "") and not (is_form and _form_holds_nul()):
            return None
        return render_error("bad-request")


def _form_holds_nul() -> bool:
    return any("\x00" in name or "\x00" in value for name, value in request.form.items(multi=True))
