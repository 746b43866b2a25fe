"""docs/reference/faults.md, written from the catalogue so that it cannot be wrong: `make docs`."""

import sys
from collections.abc import Sequence

from idp.sandbox.fault_hints import HEADER, LIFETIME, REFUSED
from idp.sandbox.fault_hook import MOST_SLOW
from idp.sandbox.fault_rules import MOST_ARMED
from idp.sandbox.faults import documents, id_tokens, logout_tokens, redirects, school_claims, transport, userinfo
from idp.sandbox.faults.entry import Fault

_HEAD = f"""# Faults

Written by `make docs` from `idp/sandbox/faults/`; do not edit it here.

On a test instance with the control API, the provider can be made to answer wrongly on purpose, to see what a client does. Nothing is
wrong unless somebody armed it, and then only what was armed: every other answer goes out as it is, byte for byte. Below, each fault says
what it is, what a sound client does, and which text says so. The sample ENT is such a client
(`tests/sandbox/test_faults_at_the_ent.py` tries every one of them), as are those that others wrote (`tests/interop/test_faults.py`).

## How to arm one

- **By the control API**, for the next answers, of everybody or of one client, one person, one endpoint:

        curl -H 'X-Preau-Sandbox: 1' http://localhost:8400/sandbox/v1/faults \\
             -d '{{"fault": "id-token-wrong-iss", "times": 1, "client_id": "ent"}}'

  `times` is a number or `"always"`, 1 unless told; `client_id`, `identifiant` and `endpoint` may be left out; `seconds` is for `slow`.
  `GET` says what is left and how often it struck (not of those by `login_hint`), `DELETE` disarms all,
  `DELETE /sandbox/v1/faults/{{id}}` one ([control API](control-api.md)). {MOST_ARMED} at once.
- **By the sign-in itself:** `login_hint=fault:NAME` in an authorization request, or `fault:NAME@ENDPOINT`, pushed and signed requests
  included (not one that is fetched from the client, of which only the address comes by). That sign-in, its tokens and its logout token
  meet the fault each time, for {LIFETIME.total_seconds() / 3600:.0f} hour, and nobody else does. It needs no token of the control API.
  A name that does not exist is answered with 400, and `{HEADER}: {REFUSED}`.
- **On a page:** `/sandbox/faults`.
- **In a document:** `[[faults]]` of a [families document](families.md), at each start of an instance.

A fault that cannot apply to an answer leaves it alone and is not used up: an ID token without a nonce meets no `id-token-wrong-nonce`.
What never can is refused when it is armed: a token that is encrypted for its client cannot be opened here to be changed. Going back to
the seed (`POST /sandbox/v1/reset`) disarms all, and arms again what [families documents](families.md) say.

An answer that was struck has the header `{HEADER}` with the name, and `Cache-Control: no-store`, so that a stale document does not
outlive its fault. Of slow answers each process holds back {MOST_SLOW} at once; more go out in time. In token, userinfo and keys, what is
wrong is signed again with the key that signs true tokens, where the fault is not about the signature itself.
"""

_SECTIONS: Sequence[tuple[str, str, tuple[Fault, ...]]] = (
    ("The way back", "What the browser brings back to the client, as a redirect or as a form.", redirects.FAULTS),
    ("The token response", "Refresh answers are among them.", id_tokens.FAULTS),
    ("Userinfo", "Those about a signature are for clients with `userinfo_signed_response_alg`.", userinfo.FAULTS),
    (
        "EduConnect's claims",
        "In userinfo, or in the ID token of clients that get them there. Of the real service: [fidelity](../fidelity.md).",
        school_claims.FAULTS,
    ),
    ("Any HTTP answer", "At each of these endpoints, or at the one that `endpoint` names.", transport.FAULTS),
    ("What is published", "Nobody says who asks here, so these are everybody's, and no `login_hint` reaches them.", documents.FAULTS),
    (
        "The logout token",
        "For clients with `backchannel_logout_uri`. The audit trail (`logout.told`, `logout.not-told`) says what the client answered.",
        logout_tokens.FAULTS,
    ),
)  # fmt: skip


def render_reference() -> str:
    """Return the page, in Markdown."""
    return "\n".join([_HEAD, *(_section(title, about, faults) for title, about, faults in _SECTIONS)])


def _section(title: str, about: str, faults: Sequence[Fault]) -> str:
    rows = [
        f"| `{one.name}` | {', '.join(one.endpoints)} | {_cell(one.about)} | {_cell(one.sound)} | {one.text} |"
        for one in faults
    ]
    head = ["| fault | bites at | what it is | a sound client | text |", "|---|---|---|---|---|"]
    return "\n".join([f"## {title}\n", f"{about}\n", *head, *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(render_reference())
