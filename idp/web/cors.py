"""Which scripts in a browser may read what an endpoint answers (Fetch Standard, CORS protocol).

A client without a secret may be a page of scripts: it asks for its tokens from its own origin, which is that of one of its redirect URIs.
No answer depends on a cookie, so none is asked for: there is no Access-Control-Allow-Credentials.
"""

from collections.abc import Callable

from flask import Blueprint, Response, request

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Max-Age": "3600",
}


def allow_scripts(blueprint: Blueprint, endpoints: frozenset[str], is_known_origin: Callable[[str], bool]) -> None:
    """Let scripts of known origins read the answers of these endpoints.

    Args:
        blueprint: Whose endpoints they are.
        endpoints: Their names, with the blueprint's.
        is_known_origin: Tells whether a client without a secret may be at this origin.
    """

    @blueprint.after_request
    def tell_browser(response: Response) -> Response:
        if request.endpoint not in endpoints:
            return response
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        if not origin or not is_known_origin(origin):
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate, DPoP-Nonce"
        if request.method == "OPTIONS":
            response.headers.update(_PREFLIGHT)
        return response
