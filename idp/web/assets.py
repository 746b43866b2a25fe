"""CSS, script, icon and fonts, under an address that changes with their content.

Read once into memory: about 60 kB, and no path from a request ever reaches the file system.
"""

import gzip
import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

from flask import Blueprint, Response, abort, request

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_COMPRESSED = frozenset({".css", ".js", ".svg"})  # nothing in them comes from a request, so compression reveals nothing


class Assets:
    """The static files, read when the application is built.

    Attributes:
        version: 12 hexadecimal digits that change with any file.
    """

    def __init__(self) -> None:
        self._files = dict(_read_files(files("idp.web") / "static", ""))
        digest = hashlib.sha256()
        for name in sorted(self._files):
            digest.update(name.encode() + b"\0" + self._files[name] + b"\0")
        self.version = digest.hexdigest()[:12]
        self._zipped = {
            name: gzip.compress(content, mtime=0)
            for name, content in self._files.items()
            if _suffix(name) in _COMPRESSED
        }

    def respond(self, version: str, name: str) -> Response:
        """Return a file, to be kept for a year; an address of another version is served too and kept by nobody.

        Raises:
            werkzeug.exceptions.NotFound: There is no such file.
        """
        content = self._files.get(name)
        if content is None:
            abort(404)
        response = Response(content, content_type=_TYPES[_suffix(name)])
        if name in self._zipped:
            response.vary.add("Accept-Encoding")
            if request.accept_encodings["gzip"]:
                response.set_data(self._zipped[name])
                response.content_encoding = "gzip"
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if version == self.version else "no-cache"
        )
        return response


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]


def _read_files(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _read_files(entry, f"{prefix}{entry.name}/")
        elif _suffix(entry.name) in _TYPES:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found


def assets_blueprint(assets: Assets) -> Blueprint:
    """Return the blueprint that serves `/static/<version>/<name>`."""
    blueprint = Blueprint("assets", __name__)

    @blueprint.get("/static/<version>/<path:name>")
    def serve(version: str, name: str) -> Response:
        return assets.respond(version, name)

    return blueprint
