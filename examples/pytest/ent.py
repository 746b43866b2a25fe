"""The service under test: an imaginary ENT that signs parents in with EduConnect and shows each the children of her profiles."""

from collections.abc import Mapping, Sequence
from typing import Any

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, redirect, session, url_for
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

ROSTER: Mapping[str, Sequence[str]] = {
    "{AAF}08||700000001": ("Lou",),
    "{AAF}10||700000002": ("Max",),
}
"""What the school's directory said last night: the children of each record."""


def create_app(discovery_url: str, client_id: str, client_secret: str) -> Flask:
    """Return the ENT, for one provider."""
    app = Flask("ent")
    app.secret_key = "of-a-test"  # noqa: S105  nobody's
    provider = OAuth(app).register(
        "educonnect",
        server_metadata_url=discovery_url,
        client_id=client_id,
        client_secret=client_secret,
        client_kwargs={"scope": "openid profile ect.scope.cnx", "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login() -> Response:
        answer: Response = provider.authorize_redirect("http://localhost:3000/retour")
        return answer

    @app.get("/retour")
    def come_back() -> Response | str:
        try:
            tokens = provider.authorize_access_token()  # checks state, nonce, signature, issuer and audience
        except (OAuthError, JoseError) as error:
            return f"La connexion a échoué : {error.error}"
        session["person"] = {**provider.userinfo(token=tokens), "sub": tokens["userinfo"]["sub"]}
        return redirect(url_for("home"))

    @app.get("/")
    def home() -> str:
        person: dict[str, Any] = session["person"]
        children = children_of(person.get("FrEduCtRefId", []))
        shown = ", ".join(children) or "aucun enfant : adressez-vous au secrétariat"
        return f"{person['given_name']} {person['family_name']} : {shown}"

    return app


def children_of(references: Sequence[str]) -> list[str]:
    """Return the children of every record that the person proved, not of the first one alone."""
    return [child for reference in references for child in ROSTER.get(reference, ())]
