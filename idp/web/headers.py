"""Security headers of every response, and the form targets, frames and pictures that one response may need."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CSP = "Content-Security-Policy"

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'{images}; connect-src 'self'; "
    "form-action 'self'{targets};{frames} frame-ancestors 'none'; base-uri 'none'"
)
_PERMISSIONS = (
    "browsing-topics=(), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "clipboard-write=(self)"
)


def allow_form_target(uri: str) -> None:
    """Let the forms of this response end at the origin of `uri`: browsers check `form-action` on the redirect after a POST, too.

    Args:
        uri: A validated redirect URI; "" allows nothing more.
    """
    source = _csp_source(uri)
    if source:
        g.form_targets = (*g.get("form_targets", ()), source)


def allow_frame(uri: str) -> None:
    """Let this response load `uri` in a frame (OpenID Connect Front-Channel Logout 1.0).

    Args:
        uri: Registered by a client, http or https.
    """
    source = _csp_source(uri)
    if source:
        g.frames = (*g.get("frames", ()), source)


def allow_image(uri: str) -> None:
    """Let this response load a picture, and nothing else that stands at its origin.

    Args:
        uri: Registered by a client, http or https; "" allows nothing more.
    """
    source, path = _csp_source(uri), quote(urlsplit(uri).path, safe="/%")
    if source:
        g.images = (*g.get("images", ()), source + path)


def _csp_source(uri: str) -> str:
    """Return the CSP source (CSP level 3 section 2.3.1) of a URI: its origin, or its scheme for an app's own one."""
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"}:
        return f"{parts.scheme}:" if parts.scheme else ""
    # No user information, no path; a `;` or a space cannot stand in a registered URI's host, and would end the directive here.
    host = parts.hostname or ""
    try:
        host = host.encode("idna").decode()  # as browsers compare it
    except UnicodeError:
        return ""
    if not host or any(sign in host for sign in "; ,'\"*<>"):
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{parts.port}" if parts.port else "")


def install_headers(app: Flask, *, secure: bool) -> None:
    """Add the headers to every response of `app`; an endpoint's own `Cache-Control` and `Referrer-Policy` stay.

    Args:
        app: The application.
        secure: Whether the issuer is https: browsers are then told never to use http.
    """
    always = {
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": _PERMISSIONS,
        **({"Strict-Transport-Security": "max-age=31536000"} if secure else {}),
    }
    app.wsgi_app = _Protected(app.wsgi_app, {**always, _CSP: _POLICY.format(targets="", frames="", images="")})  # type: ignore[method-assign]  # Flask's own way

    @app.after_request
    def allow_what_this_response_needs(response: Response) -> Response:
        if ("form_targets" in g or "frames" in g or "images" in g) and _CSP not in response.headers:
            targets = "".join(f" {source}" for source in g.get("form_targets", ()))
            frames = f" frame-src {' '.join(g.frames)};" if "frames" in g else ""
            images = "".join(f" {source}" for source in g.get("images", ()))
            response.headers[_CSP] = _POLICY.format(targets=targets, frames=frames, images=images)
        return response


class _Protected:
    """Adds headers where the server reads them: Werkzeug would check each of ours twice for each response, a tenth of a bare view."""

    def __init__(self, application: "WSGIApplication", headers: Mapping[str, str]) -> None:
        self._application = application
        self._headers = tuple((name.lower(), (name, value)) for name, value in headers.items())

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; a header that the application set itself stays."""

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            there = {name.lower() for name, _ in headers}
            return start_response(
                status, [*headers, *(pair for key, pair in self._headers if key not in there)], *error
            )

        return self._application(environ, start)


def is_same_origin() -> bool:
    """Tell whether the request was made by one of our own pages (Fetch Metadata, else the Origin header)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")
