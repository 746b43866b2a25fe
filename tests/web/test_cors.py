import pytest

from idp.protocol.origin_rfc6454 import origin_of


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://ent.example/retour?a=1", "https://ent.example"),
        ("https://ent.example:443/retour", "https://ent.example"),
        ("https://ENT.example:8443/", "https://ent.example:8443"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:8402/retour", "http://[::1]:8402"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(uri: str, origin: str) -> None:
    assert origin_of(uri) == origin
