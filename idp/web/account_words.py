"""What « Mon compte » says at the top of a page once something was done, and how it writes dates."""

from collections.abc import Mapping
from datetime import datetime

from idp.journeys import local_time
from idp.journeys.account_answers import AccountNotice, HistoryLine
from idp.journeys.devices import BROWSERS, SYSTEMS
from idp.web.french import mark, translate
from idp.web.languages import current_language
from idp.web.words import NoticeWords

_NOTICES: Mapping[AccountNotice, tuple[str, str, str]] = {
    AccountNotice.PASSWORD_CHANGED: (
        "reussi",
        mark("Mot de passe modifié."),
        mark("Vos autres appareils ont été déconnectés."),
    ),
    AccountNotice.PASSWORD_ADDED: (
        "reussi",
        mark("Mot de passe ajouté."),
        mark("Vous pouvez aussi vous connecter avec votre identifiant et ce mot de passe."),
    ),
    AccountNotice.DEVICES_ENDED: ("reussi", mark("Vos autres appareils ont été déconnectés."), ""),
    AccountNotice.CONSENT_WITHDRAWN: (
        "reussi",
        mark("Autorisation retirée."),
        mark("Ce site ne reçoit plus rien. Il peut garder ce qu'il a déjà reçu."),
    ),
    AccountNotice.FRANCECONNECT_ADDED: (
        "reussi",
        mark("FranceConnect est relié à votre compte."),
        mark("Votre mot de passe ne change pas. Vos autres appareils ont été déconnectés."),
    ),
    AccountNotice.FRANCECONNECT_REMOVED: (
        "reussi",
        mark("FranceConnect n'est plus relié à votre compte."),
        mark("Vous vous connecterez avec votre identifiant et votre mot de passe."),
    ),
    AccountNotice.FRANCECONNECT_ELSEWHERE: (
        "attention",
        mark("Ce compte et cette identité FranceConnect ne peuvent pas être reliés."),
        mark("L'un des deux est déjà relié. Ce n'est pas vous ? Appelez le secrétariat."),
    ),
    AccountNotice.FRANCECONNECT_DIFFERS: (
        "attention",
        mark("FranceConnect ne donne pas la même identité que l'école."),
        mark("Rien n'a été relié. Une erreur ? Appelez le secrétariat."),
    ),
    AccountNotice.FRANCECONNECT_NOT_FINISHED: (
        "info",
        mark("Vous n'avez pas terminé avec FranceConnect."),
        mark("Rien n'a changé."),
    ),
    AccountNotice.GROUPED: (
        "reussi",
        mark("Comptes regroupés."),
        mark("Vous pouvez annuler pendant 30 jours."),
    ),
    AccountNotice.UNGROUPED: ("reussi", mark("Les comptes sont de nouveau séparés."), ""),
    AccountNotice.CHILD_CONTESTED: (
        "reussi",
        mark("Cet élève n'est plus dans votre compte."),
        mark("Seule l'école peut rétablir le lien."),
    ),
    AccountNotice.EMAIL_ASKED: (
        "info",
        mark("Regardez vos mails."),
        mark("Ouvrez le lien que nous venons d'envoyer. L'adresse sera alors confirmée."),
    ),
    AccountNotice.EMAIL_TOO_SOON: (
        "info",
        mark("Un mail est déjà parti."),
        mark("Attendez une minute avant d'en demander un autre."),
    ),
    AccountNotice.EMAIL_TOO_MANY: (
        "attention",
        mark("Trop de mails ont été demandés aujourd'hui."),
        mark("Réessayez demain."),
    ),
    AccountNotice.EMAIL_GONE: (
        "attention",
        mark("Aucune adresse n'attend plus d'être confirmée."),
        mark("Écrivez votre nouvelle adresse encore une fois."),
    ),
    AccountNotice.EMAIL_CANCELLED: (
        "reussi",
        mark("Le changement est annulé."),
        mark("L'adresse e-mail de votre compte reste la même."),
    ),
}

_PASSWORD = mark("Identifiant et mot de passe")
_HISTORY: Mapping[str, tuple[str, str]] = {
    "sign-in.accepted": (_PASSWORD, mark("Connexion réussie")),
    "sign-in.refused": (_PASSWORD, mark("Mot de passe refusé")),
    "franceconnect.signed-in": (mark("FranceConnect"), mark("Connexion réussie")),
    "step-up.accepted": (mark("Code par SMS"), mark("Deuxième preuve acceptée")),
    "account.proof-accepted": (mark("Mot de passe"), mark("Vérification réussie")),
    "account.proof-refused": (mark("Mot de passe"), mark("Vérification refusée")),
    "account.password-changed": (mark("Mot de passe"), mark("Modifié")),
    "account.password-added": (mark("Mot de passe"), mark("Ajouté")),
    "franceconnect.linked": (mark("FranceConnect"), mark("Relié à votre compte")),
    "account.franceconnect-removed": (mark("FranceConnect"), mark("Retiré de votre compte")),
    "account.devices-ended": (mark("Mes appareils"), mark("Autres appareils déconnectés")),
    "session.ended": (mark("Mes appareils"), mark("Déconnexion")),
    "account.closing-asked": (mark("Fermeture du compte"), mark("Demandée")),
    "account.closing-cancelled": (mark("Fermeture du compte"), mark("Annulée")),
}
"""Words for what happened to an account. A test sees that each event of `journeys.own_history` has some."""


def say_account_notice(asked: str) -> NoticeWords | None:
    """Return the words of a notice, None for what is none.

    Args:
        asked: Value of the `avis` parameter.
    """
    if asked not in {one.value for one in AccountNotice}:
        return None
    kind, first, rest = _NOTICES[AccountNotice(asked)]
    return NoticeWords(kind, translate(first), translate(rest) if rest else "")


def say_date(local: datetime) -> str:
    """Return a day in words: « 29 novembre 2026 ».

    Args:
        local: The moment, on the clocks of the person (`journeys.local_time`).
    """
    return local_time.say_date(local.date(), current_language().code)


def say_moment(local: datetime) -> str:
    """Return a day and an hour in words: « 29 novembre 2026, 21 h 40 »."""
    return f"{say_date(local)}, {local_time.say_hour(local, current_language().code)}"


def say_device(device: str) -> str:
    """Return a device in words: « Firefox sur Android ».

    Args:
        device: Of `journeys.devices`, "" for one that says nothing of itself.
    """
    browser, _, system = device.partition(" ")
    names = BROWSERS.get(browser, ""), SYSTEMS.get(system, "")
    if all(names):
        return translate("%(browser)s sur %(system)s", browser=names[0], system=names[1])
    return names[0] or names[1] or translate("Appareil inconnu")


def say_history(line: HistoryLine) -> tuple[str, str]:
    """Return the means and the result of a line of the history."""
    means, result = _HISTORY[line.event]
    return translate(means), translate(result)
