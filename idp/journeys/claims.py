"""What a client is told of a parent: claims by scope, and by the client's policy.

Names and forms are EduConnect's as far as they are known (docs/fidelity.md); which scope releases which claim is ours.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from idp.journeys.local_time import paris_time
from idp.journeys.ports import Secrets
from idp.people.affiliations import aaf_key, affiliations, reference_ids
from idp.people.records import AccountHolder
from idp.protocol.client import Client
from idp.protocol.subject import subject_of

Claims = dict[str, object]


def subject_for(client: Client, holder: AccountHolder, secrets: Secrets) -> str:
    """Return the `sub` under which a client knows an account."""
    return subject_of(client, seed=holder.account.subject_seed, aaf_key=aaf_key(holder), keyed_hash=secrets.keyed_hash)


def claims_for(
    client: Client, holder: AccountHolder, scope: str, auth_time: datetime, asked: Collection[str] = ()
) -> Claims:
    """Return the claims of the granted scopes, and those asked for by name, without those that the client's policy omits.

    Args:
        client: Who is told.
        holder: Of whom.
        scope: The granted scopes, separated by spaces. Those that the client is not registered for any more count for nothing.
        auth_time: When the person signed in.
        asked: Claims asked for by name: told where they belong to a scope that the client is registered for.
    """
    claims: Claims = {}
    for registered in client.scope if asked else ():
        release = RELEASED_BY_SCOPE.get(registered)
        told = release(holder, auth_time) if release is not None else {}
        claims.update({name: value for name, value in told.items() if name in asked})
    # A refresh token lives for weeks: what the client may ask for no more, it is told no more.
    for granted in (one for one in scope.split() if one in client.scope):
        release = RELEASED_BY_SCOPE.get(granted)
        if release is not None:
            claims.update(release(holder, auth_time))
    return {name: value for name, value in claims.items() if name not in client.omitted_claims}


def _release_profile(holder: AccountHolder, auth_time: datetime) -> Claims:
    """OpenID Connect Core 1.0 section 5.4, as far as EduConnect is known to go."""
    del auth_time
    return {"given_name": holder.account.given_name, "family_name": holder.account.family_name}


def _release_connection(holder: AccountHolder, auth_time: datetime) -> Claims:
    """Absent rather than empty for a parent of no pupil: that is how such accounts were seen."""
    claims: Claims = {
        "FrEduCtDateConnexion": paris_time(auth_time).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "FrEduOrigAuth": "ECT",
    }
    if roles := affiliations(holder):
        claims["FrEduCtPersonAffiliation"] = list(roles)
    if references := reference_ids(holder):
        claims["FrEduCtRefId"] = list(references)
    return claims


def _release_pupil(holder: AccountHolder, auth_time: datetime) -> Claims:
    """A parent's are blank, as seen in EduConnect's answers; pupils do not sign in yet."""
    del holder, auth_time
    return {"FrEduCtEleveINE": "", "FrEduCtEleveUAI": "", "FrEduCtEleveNiveau": ""}


RELEASED_BY_SCOPE: Mapping[str, Callable[[AccountHolder, datetime], Claims]] = {
    "profile": _release_profile,
    "ect.scope.cnx": _release_connection,
    "ect.scope.stage": _release_pupil,
}
CLAIM_NAMES = (
    "given_name",
    "family_name",
    "FrEduCtPersonAffiliation",
    "FrEduCtRefId",
    "FrEduCtDateConnexion",
    "FrEduOrigAuth",
    "FrEduCtEleveINE",
    "FrEduCtEleveUAI",
    "FrEduCtEleveNiveau",
)
"""Every claim that a scope may release, for discovery."""
