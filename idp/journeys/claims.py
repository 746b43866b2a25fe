"""What a client is told of a parent: claims by scope, and by the client's policy.

Names and forms are EduConnect's as far as they are known (docs/fidelity.md); which scope releases which claim is ours. On a test instance
there is more to tell: what testers made up of a fictional person, by the scopes of OpenID Connect Core 1.0 section 5.4.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from idp.journeys.local_time import paris_time
from idp.journeys.ports import Secrets
from idp.people.affiliations import aaf_key, affiliations, reference_ids
from idp.people.records import AccountHolder
from idp.protocol.client import Client
from idp.protocol.standard_claims import SCOPE_CLAIMS
from idp.protocol.subject import subject_of

Claims = dict[str, object]
Release = Callable[[AccountHolder, datetime], Claims]
"""Returns the claims of one scope. Given of whom, and when the person signed in."""


def subject_for(client: Client, holder: AccountHolder, secrets: Secrets) -> str:
    """Return the `sub` under which a client knows an account."""
    return subject_of(client, seed=holder.account.subject_seed, aaf_key=aaf_key(holder), keyed_hash=secrets.keyed_hash)


@dataclass(frozen=True, slots=True)
class Releases:
    """Which scope releases what, on one instance.

    Attributes:
        by_scope: Every scope that releases claims, `openid` aside.
        names: Every claim that a scope may release, for discovery.
    """

    by_scope: Mapping[str, Release]
    names: tuple[str, ...]

    def claims_for(
        self, client: Client, holder: AccountHolder, scope: str, auth_time: datetime, asked: Collection[str] = ()
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
            release = self.by_scope.get(registered)
            told = release(holder, auth_time) if release is not None else {}
            claims.update({name: value for name, value in told.items() if name in asked})
        # A refresh token lives for weeks: what the client may ask for no more, it is told no more.
        for granted in (one for one in scope.split() if one in client.scope):
            release = self.by_scope.get(granted)
            if release is not None:
                claims.update(release(holder, auth_time))
        return {name: value for name, value in claims.items() if name not in client.omitted_claims}

    def names_told(
        self, client: Client, holder: AccountHolder, scope: str, auth_time: datetime, asked: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Return the names of the claims that would tell something; arguments as above."""
        told = self.claims_for(client, holder, scope, auth_time, asked)
        return tuple(name for name, value in told.items() if value != "")


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


def _release_extra(scope: str) -> Release:
    """OpenID Connect Core 1.0 section 5.4, of what a tester made up."""

    def release(holder: AccountHolder, auth_time: datetime) -> Claims:
        del auth_time
        made_up = json.loads(holder.extra_claims) if holder.extra_claims else {}
        return {name: made_up[name] for name in SCOPE_CLAIMS[scope] if name in made_up}

    return release


_release_extra_profile = _release_extra("profile")


def _release_whole_profile(holder: AccountHolder, auth_time: datetime) -> Claims:
    return _release_extra_profile(holder, auth_time) | _release_profile(holder, auth_time)


AS_EDUCONNECT = Releases(
    by_scope={
        "profile": _release_profile,
        "ect.scope.cnx": _release_connection,
        "ect.scope.stage": _release_pupil,
    },
    names=(
        "given_name",
        "family_name",
        "FrEduCtPersonAffiliation",
        "FrEduCtRefId",
        "FrEduCtDateConnexion",
        "FrEduOrigAuth",
        "FrEduCtEleveINE",
        "FrEduCtEleveUAI",
        "FrEduCtEleveNiveau",
    ),
)
"""For real people: nothing of what a tester could make up."""
WITH_EXTRA_CLAIMS = Releases(
    by_scope={
        **AS_EDUCONNECT.by_scope,
        "profile": _release_whole_profile,
        **{scope: _release_extra(scope) for scope in SCOPE_CLAIMS if scope != "profile"},
    },
    names=(*AS_EDUCONNECT.names, *(name for names in SCOPE_CLAIMS.values() for name in names)),
)
"""For test instances."""
