"""Every state of the pages of « Mon compte »: a name, an address, and what the journey answers."""

from datetime import UTC, datetime

from idp.journeys.account_answers import (
    ClosingPage,
    ConsentLine,
    ConsentsPage,
    DeviceLine,
    DevicesPage,
    EmailState,
    HistoryLine,
    HistoryPage,
    OwnAccountPage,
    OwnFranceConnectPage,
    OwnPasswordPage,
    ProofPage,
)
from idp.journeys.answers import Fault
from idp.journeys.children_answers import ContestChildPage, GroupLine, GroupPage, MyChild, MyChildrenPage, UngroupPage
from idp.journeys.email_answers import EmailPage
from idp.journeys.own_data import FORMAT, AccountCopy
from idp.journeys.own_history import EVENTS

_LONG = "Jean-Baptiste DUPONT DE LA ROCHEFOUCAULD"
_LINKED = datetime(2026, 9, 1, 18, 30, tzinfo=UTC)
_LONG_ADDRESS = f"jean-baptiste.dupont-de-la-rochefoucauld{'x' * 20}@messagerie-de-la-famille.example"
_BOTH = EmailState("joe.dupont@famille.example", _LONG_ADDRESS, "0-abc")
_TOO_OFTEN = Fault("actuel", "slowed", {"minutes": 15})

_DEVICES = (
    DeviceLine("firefox android", _LINKED, _LINKED, is_this=True),
    DeviceLine("safari ios", _LINKED, _LINKED, is_this=False),
    DeviceLine("", _LINKED, _LINKED, is_this=False),
)
_SITES = (
    ConsentLine("aulne", "Site Aulne", ("given_name", "family_name", "FrEduCtRefId"), _LINKED),
    ConsentLine(
        "b",
        "Association des parents d'élèves du collège Antoine-de-Saint-Exupéry-les-Tilleuls et environs",
        (),
        _LINKED,
        stays=True,
    ),
)
_CHILDREN = MyChildrenPage(
    (
        MyChild(1, "Léa", "DUPONT", "Collège des Marronniers, Grenoble", "Grenoble", "4EME B", _LINKED),
        MyChild(
            2,
            "Jean-Baptiste",
            "DUPONT DE LA ROCHEFOUCAULD",
            "École élémentaire Antoine-de-Saint-Exupéry-les-Tilleuls",
            "Clermont-Ferrand",
            "",
            _LINKED,
        ),
    ),
    ("Noé DUPONT",),
    (GroupLine(3, _LINKED),),
)

ACCOUNT_STATES: tuple[tuple[str, str, object], ...] = (
    (
        "own-account",
        "/mon-compte?avis=password-changed",
        OwnAccountPage("Joe DUPONT", "j.dupont4271", "+33 6 •• •• •• 01", "01", has_password=True),
    ),
    (
        "own-account-long",
        "/mon-compte",
        OwnAccountPage(_LONG, "j.dupontdelarochefoucauld4271", linked_at=_LINKED),
    ),
    (
        "own-account-email",
        "/mon-compte?avis=email-asked",
        OwnAccountPage("Joe DUPONT", "j.dupont4271", "+33 6 •• •• •• 01", "01", has_password=True, email=_BOTH),
    ),
    (
        "own-account-first-email",
        "/mon-compte",
        OwnAccountPage(_LONG, "j.dupontdelarochefoucauld4271", email=EmailState("", _LONG_ADDRESS, "0-abc")),
    ),
    ("email", "/mon-compte/e-mail", EmailPage(EmailState(), "0-abc")),
    ("email-changing", "/mon-compte/e-mail", EmailPage(_BOTH, "0-abc")),
    (
        "email-wrong",
        "/mon-compte/e-mail",
        EmailPage(EmailState("joe@famille.example"), "0-abc", "joe@famille", (Fault("email", "incomplete"),)),
    ),
    ("email-link", "/e-mail/confirmer?l=abc", True),
    ("email-link-gone", "/e-mail/confirmer?l=abc", False),
    ("email-confirmed", "/e-mail/confirmee", None),
    ("proof", "/mon-compte/confirmation", ProofPage("/mon-compte", "0-abc", "j.dupont4271")),
    (
        "proof-wrong",
        "/mon-compte/confirmation",
        ProofPage("/mon-compte", "0-abc", "j.dupont4271", (Fault("actuel", "wrong"),)),
    ),
    (
        "proof-slowed",
        "/mon-compte/confirmation",
        ProofPage("/mon-compte", "0-abc", "j.dupont4271", (_TOO_OFTEN,), retry_after=900),
    ),
    ("own-password", "/mon-compte/mot-de-passe", OwnPasswordPage("0-abc", "j.dupont4271")),
    ("own-password-first", "/mon-compte/mot-de-passe/ajout", OwnPasswordPage("0-abc", "j.dupont4271", adds=True)),
    (
        "own-password-faults",
        "/mon-compte/mot-de-passe",
        OwnPasswordPage(
            "0-abc",
            "j.dupont4271",
            faults=(
                Fault("actuel", "empty"),
                Fault("mot-de-passe", "rules", {"n": 5}),
                Fault("confirmation", "differs"),
            ),
            rules_met=(False, True, False, True, False),
            strength=1,
        ),
    ),
    (
        "own-password-wrong",
        "/mon-compte/mot-de-passe",
        OwnPasswordPage("0-abc", "j", faults=(Fault("actuel", "wrong"),)),
    ),
    ("own-franceconnect", "/mon-compte/franceconnect", OwnFranceConnectPage("0-abc", _LINKED, has_password=True)),
    ("own-franceconnect-only", "/mon-compte/franceconnect", OwnFranceConnectPage("0-abc", _LINKED)),
    ("own-franceconnect-none", "/mon-compte/franceconnect", OwnFranceConnectPage("0-abc", has_password=True)),
    ("own-data", "/mon-compte/donnees", AccountCopy({"format": FORMAT}, "copy")),
    ("own-devices", "/mon-compte/appareils", DevicesPage("0-abc", _DEVICES)),
    ("own-devices-one", "/mon-compte/appareils", DevicesPage("0-abc", _DEVICES[:1])),
    ("own-history", "/mon-compte/historique", HistoryPage(tuple(HistoryLine(one, _LINKED) for one in EVENTS))),
    (
        "own-history-franceconnect",
        "/mon-compte/historique",
        HistoryPage((HistoryLine("franceconnect.signed-in", _LINKED),), has_password=False),
    ),
    ("own-history-none", "/mon-compte/historique", HistoryPage(())),
    ("own-sites", "/mon-compte/sites", ConsentsPage("0-abc", _SITES)),
    ("own-sites-none", "/mon-compte/sites", ConsentsPage("0-abc", ())),
    ("closing", "/mon-compte/fermeture", ClosingPage("0-abc", _LINKED, 30)),
    (
        "closing-empty",
        "/mon-compte/fermeture",
        ClosingPage("0-abc", _LINKED, 30, (Fault("compris", "unticked"),)),
    ),
    ("closing-kept", "/mon-compte/reste-ouvert?d=h4ndle", None),
    ("my-children", "/mon-compte/enfants", _CHILDREN),
    ("my-children-contested", "/mon-compte/enfants?avis=child-contested", MyChildrenPage(_CHILDREN.children[:1])),
    ("my-children-none", "/mon-compte/enfants", MyChildrenPage()),
    ("group", "/mon-compte/enfants/regroupement", GroupPage("0-abc")),
    (
        "group-wrong",
        "/mon-compte/enfants/regroupement",
        GroupPage("0-abc", "j.dupont0815", (Fault("autre-identifiant", "not-grouped"),)),
    ),
    (
        "group-empty",
        "/mon-compte/enfants/regroupement",
        GroupPage("0-abc", "", (Fault("autre-identifiant", "empty"), Fault("autre-mot-de-passe", "empty"))),
    ),
    (
        "group-slowed",
        "/mon-compte/enfants/regroupement",
        GroupPage("0-abc", "j.dupont0815", (Fault("autre-identifiant", "slowed", {"minutes": 15}),), retry_after=900),
    ),
    ("ungroup", "/mon-compte/enfants/regroupement/3/annuler", UngroupPage(3, "j.dupont0815", _LINKED, "0-abc")),
    (
        "ungroup-closing",
        "/mon-compte/enfants/regroupement/3/annuler",
        UngroupPage(3, "j.dupontdelarochefoucauld0815", _LINKED, "0-abc", _LINKED),
    ),
    (
        "ungroup-closed",
        "/mon-compte/enfants/regroupement/3/annuler",
        UngroupPage(3, "j.dupont0815", _LINKED, "0-abc", _LINKED, is_over=True),
    ),
    ("contest-child", "/mon-compte/enfants/2/contester", ContestChildPage(2, _LONG, "0-abc")),
)
