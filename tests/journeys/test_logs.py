"""What the log holds of a whole story, at its most talkative."""

from tests.journeys.people import JOE, PASSWORD, activate
from tests.journeys.visits import bring_back_code, come_from, sign_in
from tests.support.browser import Browser
from tests.support.relying_party import VERIFIER, RelyingParty
from tests.support.sandbox import Sandbox
from tests.support.server import RunningServer


def test_a_whole_story_leaves_no_person_and_no_secret_in_the_log_at_debug(
    browser: Browser, sandbox: Sandbox, ent: RelyingParty, server: RunningServer
) -> None:
    before = len(server.log.read_text(encoding="utf-8"))
    identifiant = activate(browser, sandbox, JOE)
    come_from(ent, browser)
    sign_in(browser, identifiant, "Un-Mauvais-Mot-9")
    code = bring_back_code(ent, browser, identifiant)
    tokens = ent.exchange(code).json()
    told = ent.userinfo(tokens["access_token"]).json()
    ent.exchange(code)
    browser.open(f"/idp/profile/Logout?id_token_hint={tokens['id_token']}")

    log = server.log.read_text(encoding="utf-8")[before:]
    assert '"route": "/idp/profile/oidc/token"' in log, "the log is there, and says which page"
    assert '"event": "token request refused"' in log
    sms = sandbox.messages(JOE.e164)
    secrets = {
        "phone": JOE.e164[3:],
        "phone as typed": JOE.number,
        "family name": JOE.family_name,
        "child": "Léa",
        "birth date": "2012-04-12",
        "identifiant": identifiant,
        "security code": sms[-1]["text"][:6],
        "text": "est votre code",
        "password": PASSWORD,
        "wrong password": "Un-Mauvais-Mot-9",
        "code": code,
        "verifier": VERIFIER,
        "client secret": ent.client_secret,
        "access token": tokens["access_token"],
        "ID token": tokens["id_token"].split(".")[1],
        "sub": told["sub"],
        "reference in the directory": told["FrEduCtRefId"][0],
        "cookies": str(browser.http.cookies.get("preau_idp_visit")),
    }
    assert [name for name, value in secrets.items() if value in log] == []
