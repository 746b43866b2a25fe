"""Public documents: anybody may keep them for a while, and scripts of any origin may read them."""

from flask import Response

from idp.protocol.key_rotation import JWKS_LIFETIME

_PUBLIC = {
    "Cache-Control": f"public, max-age={int(JWKS_LIFETIME.total_seconds())}",  # a new key is published longer before it signs
    "Access-Control-Allow-Origin": "*",  # Fetch, CORS protocol: public documents, which a client in a browser may read too
}


def publish(document: bytes) -> Response:
    """Return a document of JSON."""
    return Response(document, headers=_PUBLIC, content_type="application/json")
