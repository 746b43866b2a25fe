"""The pages mounted on a Flask application of their own, and every state that they can be in."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request
from jinja2 import FileSystemBytecodeCache

from idp.journeys.account_answers import ClosingAsked
from idp.journeys.answers import (
    AccountLine,
    AccountsPage,
    ActivationPage,
    ChildLine,
    ConsentPage,
    Fault,
    IdentityCheckPage,
    Lost,
    NewChildrenPage,
    Notice,
    Profile,
    PupilAnswer,
    PupilLine,
    Recognised,
    Shown,
    SignedInHere,
    SignInPage,
    Step,
    StepUpPage,
    TypedDate,
    TypedIdentity,
)
from idp.journeys.claims import WITH_EXTRA_CLAIMS
from idp.journeys.logout import AskLogout, SignedOut
from idp.journeys.recovery_answers import Channel, RecoveryPage, RecoveryShown, RecoveryStep
from idp.protocol.authorization_response import AuthorizationResponse
from idp.protocol.discovery import LOGOUT_PATH
from idp.protocol.rp_initiated_logout import PARAMETERS as LOGOUT_PARAMETERS
from idp.web.account_gate import AccountDoor
from idp.web.account_words import say_date
from idp.web.accounts import accounts_blueprint
from idp.web.activation import activation_blueprint
from idp.web.children import new_children_blueprint
from idp.web.consent import consent_blueprint
from idp.web.cookies import Cookies
from idp.web.email_address import email_blueprint
from idp.web.error_pages import Act, install_error_pages, render_error
from idp.web.franceconnect import FranceConnectPages
from idp.web.grouping import grouping_blueprint
from idp.web.help import help_blueprint
from idp.web.identity_check import identity_check_blueprint
from idp.web.logout import add_logout
from idp.web.my_children import my_children_blueprint
from idp.web.own_account import own_account_blueprint
from idp.web.own_closing import own_closing_blueprint
from idp.web.own_data import own_data_blueprint
from idp.web.own_franceconnect import own_franceconnect_blueprint
from idp.web.own_password import own_password_blueprint
from idp.web.own_uses import own_uses_blueprint
from idp.web.recovery import PATHS as RECOVERY_PATHS
from idp.web.recovery import recovery_blueprint
from idp.web.shell import install_shell
from idp.web.sign_in import sign_in_blueprint
from idp.web.step_up import step_up_blueprint
from idp.web.strength import strength_blueprint
from tests.support.databases import kept_folder
from tests.web.account_states import ACCOUNT_STATES
from tests.web.fakes import (
    FakeAccounts,
    FakeActivation,
    FakeConsent,
    FakeGate,
    FakeIdentityCheck,
    FakeJudge,
    FakeNewChildren,
    FakeRecovery,
    FakeRoom,
    FakeSignIn,
    FakeStepUp,
)

REFERENCE = "K7M2P4XQ"
LONG_NAME = ("Jean-Baptiste", "DUPONT DE LA ROCHEFOUCAULD")


@dataclass
class World:
    """One application with its journeys in the test's hand."""

    test_instance: bool = True
    secure: bool = False
    franceconnect_enabled: bool = True
    wait: int | None = None
    activation: FakeActivation = field(default_factory=FakeActivation)
    recovery: FakeRecovery = field(default_factory=FakeRecovery)
    sign_in: FakeSignIn = field(default_factory=FakeSignIn)
    consent: FakeConsent = field(default_factory=FakeConsent)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    step_up: FakeStepUp = field(default_factory=FakeStepUp)
    room: FakeRoom = field(default_factory=FakeRoom)  # of « Mon compte »
    identity_check: FakeIdentityCheck = field(default_factory=FakeIdentityCheck)
    new_children: FakeNewChildren = field(default_factory=FakeNewChildren)
    judge: FakeJudge = field(default_factory=FakeJudge)
    logout: FakeRoom = field(default_factory=FakeRoom)

    def build(self) -> Flask:
        app = Flask("idp", static_folder=None)
        # Templates, which each application would compile for itself, and there is one for each test.
        app.jinja_options = {**app.jinja_options, "bytecode_cache": FileSystemBytecodeCache(str(kept_folder()))}
        install_shell(
            app,
            test_instance=self.test_instance,
            secure=self.secure,
            franceconnect_enabled=self.franceconnect_enabled,
        )
        install_error_pages(app, test_instance=self.test_instance, make_reference=lambda: REFERENCE)
        cookies = Cookies(secure=self.secure)
        app.register_blueprint(activation_blueprint(self.activation, cookies))
        app.register_blueprint(recovery_blueprint(self.recovery, cookies))
        app.register_blueprint(sign_in_blueprint(self.sign_in, cookies))
        app.register_blueprint(consent_blueprint(self.consent, cookies))
        app.register_blueprint(accounts_blueprint(self.accounts, cookies))
        app.register_blueprint(step_up_blueprint(self.step_up, cookies))
        door = AccountDoor(FakeGate(), cookies)  # type: ignore[arg-type]  # somebody is always there
        room: Any = self.room
        app.register_blueprint(own_account_blueprint(room, room, door, cookies))
        app.register_blueprint(my_children_blueprint(room, door))
        app.register_blueprint(grouping_blueprint(room, door, cookies))
        app.register_blueprint(identity_check_blueprint(self.identity_check, cookies))
        app.register_blueprint(new_children_blueprint(self.new_children, cookies))
        app.register_blueprint(own_password_blueprint(room, door, cookies))
        app.register_blueprint(own_franceconnect_blueprint(room, door, cookies))
        app.register_blueprint(own_uses_blueprint(room, room, room, door))
        app.register_blueprint(own_closing_blueprint(room, door, cookies))
        app.register_blueprint(own_data_blueprint(room, door))
        app.register_blueprint(email_blueprint(room, door))
        protocol, logout = Blueprint("oidc", __name__), self.logout
        add_logout(protocol, logout, cookies, None)  # type: ignore[arg-type]  # it answers what it is told to
        app.register_blueprint(protocol)
        app.register_blueprint(help_blueprint())
        app.register_blueprint(strength_blueprint(self.judge, lambda _address: self.wait))

        pages = FranceConnectPages(None, self.activation, None, cookies, None)  # type: ignore[arg-type]  # none of them is asked
        app.register_blueprint(pages.blueprint(), url_prefix="/franceconnect")

        @app.get("/shown/<name>")
        def show(name: str) -> str:
            page = Recognised("h4ndle", "ENT Marronnier" if name == "recognised" else "", "")
            html = render_template(f"franceconnect/{name}.html", page=page, uri="/aide", still_open=("ENT Tilleul",))
            return _kept(html)

        @app.get("/closing-asked")
        def ask_closing() -> str:
            page = ClosingAsked(datetime(2026, 9, 1, 18, 30, tzinfo=UTC), is_told=False)
            return render_template("account/closing_asked.html", page=page, say_date=say_date)

        @app.get("/signed-out/<name>")
        def sign_out(name: str) -> str:
            return _kept(render_template(f"logout_{name}.html", page=SignedOut("/aide", ("ENT Tilleul",))))

        @app.get("/shown/form-post")
        def show_form() -> str:
            told = AuthorizationResponse("https://ent.example/retour", (("code", "c"), ("state", "s")), "form_post")
            return render_template("form_post.html", response=told).replace(" data-seul", "")

        @app.post("/received")
        def receive() -> Response:
            return Response(request.get_data(), content_type="text/plain")

        @app.get("/unavailable")
        def unavailable() -> Response:
            acts = Act("Utiliser mon identifiant", "/connexion"), Act("Réessayer", "/franceconnect/debut?d=h4ndle")
            return render_error("franceconnect-unavailable", act=acts[0], other=acts[1])

        @app.get("/refused/<key>")
        def refuse(key: str) -> Response:
            return render_error(
                key,
                details={"redirect_uri": "https://ent.example/retour?<script>alert(1)</script>"},
                registered={"redirect_uris": "https://ent.example/retour"},
            )

        return app


def _kept(html: str) -> str:
    """Return a page that stays, so that it can be looked at."""
    return re.sub('<meta http-equiv="refresh"[^>]*>', "", html)


@dataclass(frozen=True)
class State:
    """One page in one state: what the journey says, and the address to open."""

    name: str
    path: str
    prepare: Callable[[World], object] = id  # nothing to prepare


def _activation(name: str, step: Step, path: str, **members: object) -> State:
    def prepare(world: World) -> None:
        world.activation.answer = Shown(ActivationPage(step, form_token="0-abc", **members))  # type: ignore[arg-type]  # test data

    return State(name, f"/activation{path}", prepare)


def _recovery(name: str, step: RecoveryStep, query: str = "", **members: object) -> State:
    def prepare(world: World) -> None:
        page = RecoveryPage(step, form_token="0-abc", handle="h4ndle", **members)  # type: ignore[arg-type]  # test data
        world.recovery.answer = RecoveryShown(page)

    return State(name, f"{RECOVERY_PATHS[step]}{query}", prepare)


def _sign_in(name: str, profile: Profile | None, query: str = "", **members: object) -> State:
    def prepare(world: World) -> None:
        world.sign_in.answer = SignInPage("h4ndle", profile, form_token="0-abc", **members)  # type: ignore[arg-type]  # test data

    return State(name, f"/connexion?d=h4ndle{query}", prepare)


def _consent(name: str, **members: object) -> State:
    def prepare(world: World) -> None:
        world.consent.answer = ConsentPage("h4ndle", "0-abc", **members)  # type: ignore[arg-type]  # test data

    return State(name, "/accord?d=h4ndle", prepare)


def _accounts(name: str, *lines: AccountLine) -> State:
    def prepare(world: World) -> None:
        world.accounts.answer = AccountsPage("h4ndle", "0-abc", "ENT Marronnier", lines)

    return State(name, "/comptes?d=h4ndle", prepare)


def _step_up(name: str, **members: object) -> State:
    def prepare(world: World) -> None:
        given: dict[str, object] = {"ent_name": "ENT Marronnier", **members}
        world.step_up.answer = StepUpPage(
            "h4ndle",
            "0-abc",
            masked_phone="+33 6 •• •• •• 01",
            phone_ending="01",
            **given,  # type: ignore[arg-type]  # test data
        )

    return State(name, "/confirmation?d=h4ndle", prepare)


def _own(name: str, path: str, answer: object) -> State:
    def prepare(world: World) -> None:
        world.room.answer = answer

    return State(name, path, prepare)


def _identity_check(name: str, **members: object) -> State:
    def prepare(world: World) -> None:
        world.identity_check.answer = IdentityCheckPage("h4ndle", "0-abc", **members)  # type: ignore[arg-type]  # test data

    return State(name, "/identite?d=h4ndle", prepare)


def _new_children(name: str, *pupils: PupilLine, **members: object) -> State:
    def prepare(world: World) -> None:
        world.new_children.answer = NewChildrenPage("h4ndle", "0-abc", pupils, **members)  # type: ignore[arg-type]  # test data

    return State(name, "/enfants?d=h4ndle", prepare)


def _signed_in(world: World) -> None:
    world.sign_in.answer = SignedInHere(
        "Joe DUPONT", (("ENT Marronnier", "http://localhost:8402/"), ("ENT Tilleul", "http://localhost:8404/"))
    )


def _ask_logout(world: World) -> None:
    params = tuple((name, "told") for name in LOGOUT_PARAMETERS)
    world.logout.answer = AskLogout("0-abc", "ENT Marronnier", "http://localhost:8402/deconnecte", params)


def _lose(world: World) -> None:
    world.activation.answer = Lost()


_IDENTITY = TypedIdentity("DUPONT DE LA ROCHEFOUCAULD", "Jean-Baptiste", "+590", "06 39 98")
_THREE = (
    PupilLine(1, "Léa", "DUPONT"),
    PupilLine(2, *LONG_NAME),
    PupilLine(3, "Tom", "DUPONT"),
)
_ANSWERED = (
    PupilLine(1, "Léa", "DUPONT", PupilAnswer(True, TypedDate("12", "04", "2012"))),
    PupilLine(2, *LONG_NAME, PupilAnswer(True, TypedDate("31", "12", "2013"))),
    PupilLine(3, "Tom", "DUPONT", PupilAnswer(False)),
)
_CODE = {
    "masked_phone": "+33 6 •• •• •• 01",
    "phone_ending": "01",
    "resend_in": 42,
    "tries_left": 5,
    "reference": REFERENCE,
}
_ASKED = {
    "ent_name": "Site Aulne",
    "ent_host": "aulne.example",
    "person_name": "Joe DUPONT",
    "told": ("given_name", "family_name", "FrEduCtPersonAffiliation", "FrEduCtRefId", "FrEduCtDateConnexion"),
    "stays": False,
    "remembered": True,
    "form_action_uri": "https://aulne.example/retour",
}
_CHILDREN = (
    ChildLine("Léa", "DUPONT", "Collège des Marronniers, Grenoble"),
    ChildLine(*LONG_NAME, "École élémentaire Antoine-de-Saint-Exupéry-les-Tilleuls"),
)
_ENT = {"ent_name": "ENT Marronnier", "ent_uri": "http://localhost:8402/"}

_REFUSALS = (
    "form-too-old",
    "too-many-tries",
    "bad-request",
    "body-too-large",
    "headers-too-long",
    "service-unavailable",
    "too-busy",
)

_RECOVERY = (
    _recovery("recovery-names", RecoveryStep.NAMES),
    _recovery(
        "recovery-names-faults",
        RecoveryStep.NAMES,
        identity=_IDENTITY,
        faults=(Fault("nom", "sign"), Fault("prenom", "empty"), Fault("telephone", "length", {"n": 6})),
    ),
    _recovery("recovery-address", RecoveryStep.ADDRESS),
    _recovery(
        "recovery-address-faults",
        RecoveryStep.ADDRESS,
        identity=_IDENTITY,
        email="joe.dupont",
        faults=(Fault("nom", "sign"), Fault("prenom", "empty"), Fault("email", "incomplete")),
    ),
    _recovery(
        "recovery-sent-by-mail",
        RecoveryStep.SENT,
        by_mail=True,
        email="jean-baptiste.dupont-de-la-rochefoucauld@famille.example",
    ),
    _recovery("recovery-sent", RecoveryStep.SENT, masked_phone="+33 6 •• •• •• 01", phone_ending="01"),
    _recovery(
        "recovery-sent-without-s2",
        RecoveryStep.SENT,
        masked_phone="+33 6 •• •• •• 01",
        phone_ending="01",
        sends_to_unknown=False,
    ),
    _recovery("recovery-identifiant", RecoveryStep.IDENTIFIANT),
    _recovery(
        "recovery-identifiant-empty",
        RecoveryStep.IDENTIFIANT,
        channel=Channel.MAIL,
        faults=(Fault("identifiant", "empty"),),
    ),
    _recovery("recovery-code", RecoveryStep.CODE, resend_in=42),
    _recovery("recovery-code-wrong", RecoveryStep.CODE, faults=(Fault("code", "wrong", {"n": 1}),)),
    _recovery("recovery-mailed", RecoveryStep.MAILED, resend_in=42, notice=Notice.NEW_LINK_SENT),
    _recovery(
        "recovery-mailed-too-soon",
        RecoveryStep.MAILED,
        resend_in=42,
        notice=Notice.LINK_ON_ITS_WAY,
        notice_values={"n": 42},
    ),
    _recovery("recovery-link", RecoveryStep.LINK),
    _recovery("recovery-link-gone", RecoveryStep.GONE),
    _recovery("recovery-date", RecoveryStep.DATE, "?avis=already-done"),
    _recovery(
        "recovery-date-faults",
        RecoveryStep.DATE,
        date=TypedDate("31", "", "2013"),
        faults=(Fault("mois", "one-missing-month"),),
    ),
    _recovery(
        "recovery-date-wrong",
        RecoveryStep.DATE,
        by_mail=True,
        date=TypedDate("31", "12", "2013"),
        faults=(Fault("jour", "one-differs", {"n": 1}),),
    ),
    _recovery("recovery-password", RecoveryStep.PASSWORD, identifiant="j.dupont4271"),
    _recovery(
        "recovery-password-faults",
        RecoveryStep.PASSWORD,
        identifiant="j.dupontdelarochefoucauld4271",
        faults=(Fault("mot-de-passe", "rules", {"n": 5}), Fault("confirmation", "differs")),
        rules_met=(False, True, False, True, False),
        strength=1,
    ),
    _recovery("recovery-done", RecoveryStep.DONE),
    _recovery("recovery-locked", RecoveryStep.LOCKED, retry_after=890, reference=REFERENCE, locked_by_dates=True),
    _recovery("recovery-office", RecoveryStep.OFFICE, reference=REFERENCE),
)

STATES: tuple[State, ...] = (
    _sign_in("profile", None, ent_name="ENT Marronnier"),
    _sign_in("sign-in", Profile.RESPONSABLE, ent_name="ENT Marronnier"),
    _sign_in(
        "sign-in-for-a-site-that-says-more",
        Profile.RESPONSABLE,
        ent_name="Association des parents d'élèves du collège Antoine-de-Saint-Exupéry-les-Tilleuls et environs",
        policy_uri="https://site.example/donnees",
        tos_uri="https://site.example/regles",
    ),
    _sign_in("sign-in-pupil", Profile.ELEVE),
    _sign_in("sign-in-finished", Profile.RESPONSABLE, "&avis=finished"),
    _sign_in("sign-in-empty", Profile.RESPONSABLE, faults=(Fault("username", "empty"), Fault("password", "empty"))),
    _sign_in("sign-in-wrong", Profile.RESPONSABLE, identifiant="j.dupont4271", faults=(Fault("username", "wrong"),)),
    _sign_in(
        "sign-in-slowed",
        Profile.RESPONSABLE,
        identifiant="j.dupont4271",
        faults=(Fault("username", "slowed", {"minutes": 15}),),
        retry_after=900,
    ),
    State("signed-in", "/connexion", _signed_in),
    _step_up("step-up", is_needed=True),
    _step_up("step-up-sent", is_sent=True, resend_in=42),
    _step_up("step-up-resent", is_sent=True, resend_in=60, notice=Notice.NEW_CODE_SENT),
    _step_up("step-up-wrong", is_sent=True, faults=(Fault("code", "wrong", {"n": 1}),)),
    _step_up("step-up-slowed", is_sent=True, faults=(Fault("", "slowed", {"minutes": 15}),), retry_after=900),
    *(_own(*one) for one in ACCOUNT_STATES),
    _identity_check("identity-check"),
    _identity_check(
        "identity-check-wrong",
        date=TypedDate("12", "04", "2012"),
        faults=(Fault("jour", "one-differs", {"n": 4}),),
    ),
    _identity_check("identity-check-locked", retry_after=890),
    _new_children("new-child", _THREE[0]),
    _new_children("new-children", *_THREE[:2]),
    _new_children(
        "new-children-mismatch",
        *_ANSWERED,
        faults=(Fault("", "dates-differ", {"n": 4}), Fault("jour-1", "mismatch"), Fault("jour-2", "mismatch")),
    ),
    _new_children("new-children-locked", retry_after=890),
    _new_children("new-child-not-mine", _THREE[1], is_contesting=True),
    _accounts("accounts-one", AccountLine("a", "Joe DUPONT")),
    _accounts(
        "accounts",
        AccountLine("a", "Joe DUPONT", "4271"),
        AccountLine("b", "Joe DUPONT", "0815"),
        AccountLine("c", " ".join(LONG_NAME)),
    ),
    _consent("consent", **_ASKED),
    _consent(
        "consent-long",
        **{
            **_ASKED,
            "ent_name": "Association des parents d'élèves du collège Antoine-de-Saint-Exupéry-les-Tilleuls et environs",
            "ent_host": "application-des-parents-d-eleves.association-antoine-de-saint-exupery.example",
            "person_name": " ".join(LONG_NAME),
            "told": WITH_EXTRA_CLAIMS.names,
            "stays": True,
            "policy_uri": "https://site.example/donnees",
            "tos_uri": "https://site.example/regles",
        },
    ),
    _consent("consent-nothing", **{**_ASKED, "told": (), "remembered": False}),
    _activation("identity", Step.IDENTITY, "/identite"),
    _activation(
        "identity-faults",
        Step.IDENTITY,
        "/identite",
        identity=_IDENTITY,
        faults=(Fault("nom", "sign"), Fault("prenom", "empty"), Fault("telephone", "length", {"n": 6})),
    ),
    _activation("code", Step.CODE, "/code", **_CODE),
    _activation("code-resent", Step.CODE, "/code", **_CODE, notice=Notice.NEW_CODE_SENT),
    _activation("code-too-soon", Step.CODE, "/code", **_CODE, notice=Notice.CODE_ON_ITS_WAY, notice_values={"n": 42}),
    _activation("code-wrong", Step.CODE, "/code", **_CODE, faults=(Fault("code", "wrong", {"n": 1}),)),
    _activation("code-without-s2", Step.CODE, "/code", **_CODE, sends_s2=False),
    _activation("call-office", Step.CODE, "/appeler-le-secretariat", **_CODE),
    _activation("kinship", Step.KINSHIP, "/enfants?avis=already-done", pupils=_THREE, tries_left=5),
    _activation("kinship-one", Step.KINSHIP, "/enfants", pupils=_THREE[:1], tries_left=5),
    _activation(
        "kinship-faults",
        Step.KINSHIP,
        "/enfants",
        pupils=(
            _THREE[0],
            PupilLine(2, *LONG_NAME, PupilAnswer(True, TypedDate("31", "", "2013"))),
            PupilLine(3, "Tom", "DUPONT", PupilAnswer(True, TypedDate("31", "02", "2014"))),
        ),
        faults=(
            Fault("mine-1", "no-answer", {"name": "Léa DUPONT"}),
            Fault("mois-2", "missing-month", {"given_name": "Jean-Baptiste"}),
            Fault("jour-3", "impossible", {"given_name": "Tom"}),
        ),
    ),
    _activation(
        "kinship-mismatch",
        Step.KINSHIP,
        "/enfants",
        pupils=_ANSWERED,
        faults=(Fault("", "dates-differ", {"n": 4}), Fault("jour-1", "mismatch"), Fault("jour-2", "mismatch")),
    ),
    _activation("not-mine", Step.NOT_MINE, "/enfants/confirmation", pupils=(PupilLine(1, *LONG_NAME),)),
    _activation("not-mine-several", Step.NOT_MINE, "/enfants/confirmation", pupils=_THREE[1:]),
    _activation("nobody-left", Step.NOBODY_LEFT, "/aucun-eleve", pupils=_THREE[:1], reference=REFERENCE),
    _activation("password", Step.PASSWORD, "/mot-de-passe", identifiant="j.dupont4271"),
    _activation(
        "password-faults",
        Step.PASSWORD,
        "/mot-de-passe",
        identifiant="j.dupont4271",
        faults=(Fault("mot-de-passe", "rules", {"n": 5}), Fault("confirmation", "differs")),
        rules_met=(False, True, False, True, False),
        strength=1,
    ),
    _activation("password-new", Step.PASSWORD, "/mot-de-passe", identifiant="j.dupont4271", resets_password=True),
    _activation(
        "done",
        Step.DONE,
        "/termine",
        identifiant="j.dupontdelarochefoucauld4271",
        person_name=" ".join(LONG_NAME),
        strength=3,
        children=_CHILDREN,
        **_ENT,
    ),
    _activation("done-reset", Step.DONE, "/termine", identifiant="j.dupont4271", resets_password=True, **_ENT),
    _activation("already-active-new-number", Step.ALREADY_ACTIVE, "/deja-active", **_ENT),
    _activation("already-active", Step.ALREADY_ACTIVE, "/deja-active", identifiant="j.dupont4271", **_ENT),
    _activation("locked", Step.LOCKED, "/trop-d-essais", retry_after=890, reference=REFERENCE, locked_by_dates=True),
    _activation("fc-phone", Step.PHONE, "/telephone", person_name="Joe DUPONT", by_franceconnect=True),
    _activation(
        "fc-phone-faults",
        Step.PHONE,
        "/telephone",
        person_name=" ".join(LONG_NAME),
        sub_changed=True,
        by_franceconnect=True,
        identity=TypedIdentity(number="06 39 98"),
        faults=(Fault("telephone", "length", {"n": 6}),),
    ),
    _activation("fc-code", Step.CODE, "/code", **_CODE, by_franceconnect=True),
    _activation("fc-kinship", Step.KINSHIP, "/enfants", pupils=_THREE, tries_left=5, by_franceconnect=True),
    _activation(
        "fc-linked",
        Step.LINKED,
        "/relie",
        children=(ChildLine(*LONG_NAME, "Collège des Marronniers"),),
        resume_handle="h4ndle",
        by_franceconnect=True,
        **_ENT,
    ),
    _activation(
        "fc-linked-again", Step.LINKED, "/relie", resume_handle="", resets_password=True, by_franceconnect=True, **_ENT
    ),
    _activation(
        "fc-linked-with-password",
        Step.LINKED,
        "/relie",
        notice=Notice.ALREADY_DONE,
        resume_handle="",
        has_password=True,
        by_franceconnect=True,
        **_ENT,
    ),
    _activation(
        "fc-done",
        Step.DONE,
        "/termine",
        identifiant="j.dupont4271",
        strength=3,
        resume_handle="h4ndle",
        by_franceconnect=True,
        **_ENT,
    ),
    _activation("fc-other-identity", Step.OTHER_IDENTITY, "/autre-identite", reference=REFERENCE),
    _activation("fc-only", Step.FRANCECONNECT_ONLY, "/par-franceconnect", reference=REFERENCE),
    _activation("fc-contradicted", Step.CONTRADICTED, "/a-verifier", reference=REFERENCE),
    State("fc-recognised", "/shown/recognised"),
    State("fc-leaving", "/shown/leaving"),
    State("fc-out", "/shown/out"),
    State("form-post", "/shown/form-post"),
    State("closing-asked", "/closing-asked"),
    State("logout-ask", LOGOUT_PATH, _ask_logout),
    State("signed-out", "/signed-out/done"),
    State("signed-out-onward", "/signed-out/onward"),
    State("fc-unavailable", "/unavailable"),
    State("fc-refused", "/refused/franceconnect-refused"),
    _sign_in("fc-not-finished", Profile.RESPONSABLE, notice=Notice.NOT_FINISHED),
    State("lost", "/activation/code", _lose),
    State("not-found", "/nulle-part"),
    State("client-refused", "/refused/redirect-uri-unregistered"),
    State("request-uri-unknown", "/refused/request-uri-unknown"),
    State("our-fault", "/refused/our-fault"),
    *(State(f"refused-{key}", f"/refused/{key}") for key in _REFUSALS),
    *_RECOVERY,
    State("what-is-franceconnect", "/franceconnect"),
    State("help", "/aide"),
    State("accessibility", "/accessibilite"),
    State("personal-data", "/donnees-personnelles"),
)
