"""The provider, with a leak on request: `python -m bench.leak SETTINGS MILLISECONDS`.

With 0 it is `preau serve`. Otherwise whatever is done for somebody known takes that much longer: what `make timing` must catch.
"""

import sys
import time
from pathlib import Path
from typing import Any

from idp.adapters.passwords import Argon2Hasher
from idp.journeys.activation_identity import IdentitySteps
from idp.journeys.recovery_link import MailedLinks
from idp.journeys.recovery_names import NamesSteps
from idp.journeys.recovery_proof import ProofSteps
from idp.serve import serve
from idp.settings import load_settings


def add_leak(seconds: float) -> None:
    """Let the first step, a wrong code and a wrong password take longer for somebody known; so too where an account is asked back."""
    send, refuse, verify = IdentitySteps._send_code, IdentitySteps._refuse_code, Argon2Hasher.verify

    def slow_send(self: Any, visit: Any) -> Any:
        time.sleep(seconds if visit.state.guardian_ids else 0)
        return send(self, visit)

    def slow_refuse(self: Any, visit: Any) -> Any:
        time.sleep(seconds if visit.state.guardian_ids else 0)
        return refuse(self, visit)

    def slow_verify(self: Any, encoded: str | None, password: str) -> bool:
        time.sleep(seconds if encoded is not None else 0)
        return verify(self, encoded, password)

    tell, tell_by_mail, prove, mail, refuse_again = (
        NamesSteps._send,
        NamesSteps._mail,
        ProofSteps._send_code,
        MailedLinks.send,
        ProofSteps._refuse_code,
    )

    def slow_tell(self: Any, visit: Any, asked: Any) -> Any:
        time.sleep(seconds if asked.is_somebodys else 0)
        return tell(self, visit, asked)

    def slow_tell_by_mail(self: Any, visit: Any, asked: Any) -> Any:
        time.sleep(seconds if asked.is_somebodys else 0)
        return tell_by_mail(self, visit, asked)

    def slow_prove(self: Any, visit: Any, asked: Any) -> Any:
        time.sleep(seconds if asked.is_somebodys and asked.way.phones else 0)
        return prove(self, visit, asked)

    def slow_mail(self: Any, visit: Any, asked: Any) -> Any:
        time.sleep(seconds if asked.is_somebodys and asked.way.phones else 0)
        return mail(self, visit, asked)

    def slow_refuse_again(self: Any, visit: Any) -> Any:
        time.sleep(seconds if visit.state.account_id is not None else 0)
        return refuse_again(self, visit)

    NamesSteps._send = slow_tell  # type: ignore[method-assign]
    NamesSteps._mail = slow_tell_by_mail  # type: ignore[method-assign]
    ProofSteps._send_code = slow_prove  # type: ignore[method-assign]
    MailedLinks.send = slow_mail  # type: ignore[method-assign]
    ProofSteps._refuse_code = slow_refuse_again  # type: ignore[method-assign]
    IdentitySteps._send_code = slow_send  # type: ignore[method-assign]
    IdentitySteps._refuse_code = slow_refuse  # type: ignore[method-assign]
    Argon2Hasher.verify = slow_verify  # type: ignore[method-assign]


def main(settings: str, milliseconds: str) -> None:
    """Serve until SIGTERM."""
    if float(milliseconds):
        add_leak(float(milliseconds) / 1000)
    serve(load_settings(Path(settings)))


if __name__ == "__main__":
    main(*sys.argv[1:])
