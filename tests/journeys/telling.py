"""A provider whose ENTs want to be told when somebody signs out, each in its own way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.logout_receiver import LogoutReceiver
from tests.support.relying_party import RelyingParty
from tests.support.server import RunningServer, running_server


def clients(receiver: LogoutReceiver) -> str:
    """Return the settings of the ENTs: two whose server is told, one whose page is loaded, one of each."""
    here = f"http://localhost:{receiver.port}"
    return f"""
[[clients]]
client_id = "oak"
client_name = "ENT Chêne"
client_secret = "secret-of-the-oak"
redirect_uris = ["{here}/oak/retour"]
post_logout_redirect_uris = ["{here}/oak/adieu"]
backchannel_logout_uri = "{receiver.uri("oak")}"
backchannel_logout_session_required = true

[[clients]]
client_id = "elm"
client_name = "ENT Orme"
client_secret = "secret-of-the-elm"
redirect_uris = ["{here}/elm/retour"]
subject_type = "aaf"
id_token_signed_response_alg = "ES256"
backchannel_logout_uri = "{receiver.uri("elm")}"

[[clients]]
client_id = "fir"
client_name = "ENT Sapin"
client_secret = "secret-of-the-fir"
redirect_uris = ["{here}/fir/retour"]
post_logout_redirect_uris = ["{here}/fir/adieu"]
frontchannel_logout_uri = "{receiver.uri("fir")}?kept=1"
frontchannel_logout_session_required = true
"""


def relying_party(base: str, receiver: LogoutReceiver, name: str) -> RelyingParty:
    """Return one of these ENTs."""
    return RelyingParty(
        base,
        client_id=name,
        client_secret=f"secret-of-the-{name}",
        redirect_uri=f"http://localhost:{receiver.port}/{name}/retour",
    )


@contextmanager
def telling_server(folder: Path, receiver: LogoutReceiver, database_url: str = "") -> Iterator[RunningServer]:
    """Run the provider."""
    with running_server(
        folder, more='log_level = "debug"', clients=clients(receiver), database_url=database_url
    ) as running:
        yield running
