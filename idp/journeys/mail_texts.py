"""The words of every mail, by language. A language that lacks one says it in French.

What stands between braces is filled in by `idp.journeys.mails`. Sentences are whole, so that each language orders them as it likes.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailText:
    """Subject and paragraphs of a mail, between greeting and signature."""

    subject: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every mail of a language.

    Attributes:
        html_lang: The language as HTML names it (RFC 5646).
        notice: First paragraph on a test instance.
        months: A duration, of one and of several.
        years: The same.
    """

    html_lang: str
    greeting: str
    signature: str
    notice: str
    months: tuple[str, str]
    years: tuple[str, str]


_NOT_YOU = "Ce n'est pas vous ? Appelez le secrétariat de l'école."
_KEEP_IT = "Pour le garder, connectez-vous avant cette date."

FRAMES: Mapping[str, Frame] = {
    "fr": Frame(
        html_lang="fr",
        greeting="Bonjour,",
        signature="Préau, le compte des familles pour l'école",
        notice="Simulateur, données fictives. Service de test, sans lien avec l'État.",
        months=("{n} mois", "{n} mois"),
        years=("{n} an", "{n} ans"),
    ),
}

TEXTS: Mapping[str, Mapping[str, MailText]] = {
    "fr": {
        "confirm-address": MailText(
            "Confirmez votre adresse e-mail",
            (
                (
                    "Pour confirmer cette adresse, ouvrez ce lien : {url}. Il marche jusqu'au {date}, {hour}. "
                    "Vous pouvez l'ouvrir sur un autre appareil."
                ),
                "Vous n'avez rien demandé ? Ne faites rien : l'adresse ne sera pas enregistrée.",
            ),
        ),
        "choose-password": MailText(
            "Choisissez un nouveau mot de passe",
            (
                "Pour choisir un nouveau mot de passe, ouvrez ce lien : {url}. Il marche 30 minutes et une seule fois.",
                "Vous n'avez rien demandé ? Ne faites rien, votre mot de passe ne change pas.",
            ),
        ),
        "password-changed": MailText(
            "Votre mot de passe a changé",
            (
                "Votre mot de passe a été changé le {date} à {hour}. Vos autres appareils ont été déconnectés.",
                "Ce n'est pas vous ? Appelez le secrétariat de l'école et choisissez un nouveau mot de passe : {url}.",
            ),
        ),
        "address-changing": MailText(
            "Votre adresse e-mail va changer",
            (
                "Une autre adresse a été demandée pour votre compte le {date}.",
                "Ce n'est pas vous ? Connectez-vous et annulez, ou appelez le secrétariat.",
            ),
        ),
        "number-changed": MailText(
            "Votre numéro de portable a changé",
            ("L'école a changé le numéro de portable de votre compte le {date}.", _NOT_YOU),
        ),
        "identifiant": MailText(
            "Votre identifiant",
            ("Votre identifiant : {identifiant}.", "Nous n'envoyons jamais de mot de passe."),
        ),
        "franceconnect-linked": MailText(
            "FranceConnect est relié à votre compte",
            ("Depuis le {date}, FranceConnect peut ouvrir votre compte.", _NOT_YOU),
        ),
        "franceconnect-unlinked": MailText(
            "FranceConnect n'est plus relié à votre compte",
            ("Depuis le {date}, FranceConnect ne peut plus ouvrir votre compte.", _NOT_YOU),
        ),
        "unused-account-closing": MailText(
            "Votre compte sera fermé le {date}",
            ("Vous ne l'avez pas utilisé depuis {duration}.", _KEEP_IT),
        ),
        "account-closing": MailText("Votre compte sera fermé le {date}", ("Vous l'avez demandé.", _KEEP_IT)),
        "kinship-contested": MailText(
            "Un lien avec un élève est contesté",
            (
                "Une personne a indiqué ne pas être le représentant légal d'un élève.",
                "Ouvrez l'espace du secrétariat : {url}.",
            ),
        ),
    },
}
