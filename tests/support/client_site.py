"""A client's own web server on the loopback: what stands at its paths can be changed, and what is asked of it is noted."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Page:
    """What stands at a path.

    Attributes:
        body: The body.
        media_type: Its Content-Type.
        status: Of HTTP.
        headers: More of them.
        seconds: How long the answer takes: nothing at all comes before.
        drips: Whether the body comes a byte every tenth of a second, without a length, for longer than anybody should read.
    """

    body: bytes = b""
    media_type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    drips: bool = False


@dataclass
class Site:
    """What stands where, and what came."""

    base: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # paths, with their queries
    headers: list[dict[str, str]] = field(default_factory=list)  # of each request
    closing: threading.Event = field(default_factory=threading.Event)

    def uri(self, path: str) -> str:
        """Return the address of a path."""
        return f"{self.base}{path}"

    def put(self, path: str, body: bytes | str, media_type: str = "application/json") -> str:
        """Let a document stand at a path, and return its address."""
        self.pages[path] = Page(body.encode() if isinstance(body, str) else body, media_type)
        return self.uri(path)


@contextmanager
def running_site(*, host: str = "localhost", address: str = "127.0.0.1", tls: Path | None = None) -> Iterator[Site]:
    """Run a site on a free port.

    Args:
        host: By which it is called.
        address: Of the loopback.
        tls: Certificate and key, in one file; None: plain http.
    """
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.headers.append({name.lower(): value for name, value in self.headers.items()})
            page = site.pages.get(self.path, Page(b"nothing here", "text/plain", 404))
            site.closing.wait(page.seconds)
            with suppress(OSError):
                self._answer(page)

        def _answer(self, page: Page) -> None:
            self.send_response(page.status)
            self.send_header("Content-Type", page.media_type)
            length = {} if page.drips else {"Content-Length": str(len(page.body))}
            for name, value in {**length, **page.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if not page.drips:
                self.wfile.write(page.body)
                return
            for _ in range(100):
                if site.closing.wait(0.1):
                    return
                self.wfile.write(b" ")

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((address, 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever hangs up early is what it is for
    if tls is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.base = f"{'https' if tls else 'http'}://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def write_certificate(file: Path, *names: str) -> Path:
    """Write a certificate that signed itself, for these names, and its key into one file, and return it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a client of the tests")])
    began = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251  TLS has the machine's clock
    alternatives = [x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    clear = serialization.NoEncryption()
    file.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, clear))
    return file
