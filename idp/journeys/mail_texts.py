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
_CALL_SCHOOL = "Ce n'est pas vous ? Appelez l'école."
_CALL_OFFICE = "Not you? Call the school office."
_KEEP_IT_ENGLISH = "To keep it, sign in before that date."

FRAMES: Mapping[str, Frame] = {
    "fr": Frame(
        html_lang="fr",
        greeting="Bonjour,",
        signature="Préau, le compte des familles pour l'école",
        notice="Simulateur, données fictives. Service de test, sans lien avec l'État.",
        months=("{n} mois", "{n} mois"),
        years=("{n} an", "{n} ans"),
    ),
    "facile": Frame(
        html_lang="fr",
        greeting="Bonjour,",
        signature="Préau, le compte des familles pour l'école",
        notice="Simulateur, données fictives. Service de test, sans lien avec l'État.",
        months=("{n} mois", "{n} mois"),
        years=("{n} an", "{n} ans"),
    ),
    "en": Frame(
        html_lang="en",
        greeting="Hello,",
        signature="Préau, the families' account for school",
        notice="Simulator, fictional data. Test service, not connected with the French State.",
        months=("{n} month", "{n} months"),
        years=("{n} year", "{n} years"),
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
        "address-too-new": MailText(
            "Votre mot de passe : réessayez plus tard",
            (
                "Cette adresse vient d'être enregistrée. Par sécurité, elle ne permet pas encore de choisir un nouveau mot de passe.",
                "Réessayez après le {date} à {hour}. Vous pouvez aussi demander un code par SMS, ou appeler le secrétariat.",
                "Vous n'avez rien demandé ? Ne faites rien, votre mot de passe ne change pas.",
            ),
        ),
        "password-added": MailText(
            "Votre compte a un mot de passe",
            (
                "Un mot de passe a été ajouté à votre compte le {date} à {hour}. Vos autres appareils ont été déconnectés.",
                "Ce n'est pas vous ? Appelez le secrétariat de l'école et choisissez un nouveau mot de passe : {url}.",
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
        "identifiant-too-new": MailText(
            "Votre identifiant : réessayez plus tard",
            (
                "Cette adresse vient d'être enregistrée. Par sécurité, elle ne reçoit pas encore votre identifiant.",
                "Réessayez après le {date} à {hour}. Vous pouvez aussi demander un SMS, ou appeler le secrétariat.",
                "Vous n'avez rien demandé ? Ne faites rien.",
            ),
        ),
        "grouped": MailText(
            "Vos deux comptes sont regroupés",
            (
                "Deux comptes à votre nom sont regroupés en un seul depuis le {date}.",
                "Vous pouvez annuler jusqu'au {until}, dans « Mes enfants ».",
                _NOT_YOU,
            ),
        ),
        "ungrouped": MailText(
            "Vos deux comptes sont de nouveau séparés",
            ("Le regroupement de vos deux comptes a été annulé le {date}.", _NOT_YOU),
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
    "facile": {
        "confirm-address": MailText(
            "Confirmez votre adresse e-mail",
            (
                "Ouvrez ce lien : {url}. Vous confirmez alors votre adresse.",
                "Il marche jusqu'au {date}, {hour}. Un autre appareil marche aussi.",
                "Vous n'avez rien demandé ? Ne faites rien. Votre adresse ne change pas.",
            ),
        ),
        "choose-password": MailText(
            "Choisissez un nouveau mot de passe",
            (
                "Ouvrez ce lien : {url}. Choisissez un nouveau mot de passe.",
                "Le lien marche 30 minutes. Il marche 1 seule fois.",
                "Vous n'avez rien demandé ? Ne faites rien. Votre mot de passe ne change pas.",
            ),
        ),
        "address-too-new": MailText(
            "Votre mot de passe : réessayez plus tard",
            (
                "Cette adresse est nouvelle. Elle ne marche pas encore pour le mot de passe.",
                "Réessayez après le {date} à {hour}. Ou demandez un code par SMS. Ou appelez l'école.",
                "Vous n'avez rien demandé ? Ne faites rien. Votre mot de passe ne change pas.",
            ),
        ),
        "password-added": MailText(
            "Votre compte a un mot de passe",
            (
                "Mot de passe ajouté le {date} à {hour}. Vos autres appareils sont déconnectés.",
                "Ce n'est pas vous ? Appelez l'école. Choisissez un nouveau mot de passe : {url}.",
            ),
        ),
        "password-changed": MailText(
            "Votre mot de passe a changé",
            (
                "Votre mot de passe a changé le {date} à {hour}. Vos autres appareils sont déconnectés.",
                "Ce n'est pas vous ? Appelez l'école. Choisissez un nouveau mot de passe : {url}.",
            ),
        ),
        "address-changing": MailText(
            "Votre adresse e-mail va changer",
            (
                "Le {date}, on a demandé une autre adresse pour vous.",
                "Ce n'est pas vous ? Connectez-vous et annulez. Ou appelez l'école.",
            ),
        ),
        "number-changed": MailText(
            "Votre numéro de portable a changé",
            ("Le {date}, l'école a changé votre numéro de portable.", _CALL_SCHOOL),
        ),
        "identifiant": MailText(
            "Votre identifiant",
            ("Votre identifiant : {identifiant}.", "Nous n'envoyons jamais de mot de passe."),
        ),
        "identifiant-too-new": MailText(
            "Votre identifiant : réessayez plus tard",
            (
                "Cette adresse est nouvelle. Elle ne reçoit pas encore votre identifiant.",
                "Réessayez après le {date} à {hour}. Ou demandez un SMS. Ou appelez l'école.",
                "Vous n'avez rien demandé ? Ne faites rien.",
            ),
        ),
        "grouped": MailText(
            "Vos deux comptes sont regroupés",
            (
                "Depuis le {date}, vos 2 comptes sont 1 seul compte.",
                "Vous pouvez annuler jusqu'au {until}, dans « Mes enfants ».",
                _CALL_SCHOOL,
            ),
        ),
        "ungrouped": MailText(
            "Vos deux comptes sont de nouveau séparés",
            ("Depuis le {date}, vous avez de nouveau 2 comptes.", _CALL_SCHOOL),
        ),
        "franceconnect-linked": MailText(
            "FranceConnect est relié à votre compte",
            ("Depuis le {date}, FranceConnect peut ouvrir votre compte.", _CALL_SCHOOL),
        ),
        "franceconnect-unlinked": MailText(
            "FranceConnect n'est plus relié à votre compte",
            ("Depuis le {date}, FranceConnect ne peut plus ouvrir votre compte.", _CALL_SCHOOL),
        ),
        "unused-account-closing": MailText(
            "Votre compte sera fermé le {date}",
            ("Vous n'avez pas utilisé votre compte depuis {duration}.", _KEEP_IT),
        ),
        "account-closing": MailText("Votre compte sera fermé le {date}", ("Vous l'avez demandé.", _KEEP_IT)),
        "kinship-contested": MailText(
            "Un lien avec un élève est contesté",
            ("Une personne dit : je ne suis pas le représentant légal.", "Ouvrez l'espace du secrétariat : {url}."),
        ),
    },
    "en": {
        "confirm-address": MailText(
            "Confirm your e-mail address",
            (
                (
                    "To confirm this address, open this link: {url}. It works until {date}, {hour}. "
                    "You can open it on another device."
                ),
                "You did not ask for this? Do nothing: the address will not be saved.",
            ),
        ),
        "choose-password": MailText(
            "Choose a new password",
            (
                "To choose a new password, open this link: {url}. It works for 30 minutes and only once.",
                "You did not ask for this? Do nothing, your password does not change.",
            ),
        ),
        "address-too-new": MailText(
            "Your password: try again later",
            (
                "This address has just been recorded. For safety, it cannot be used for a new password yet.",
                "Try again after {date} at {hour}. You can also ask for a code by text message, or call the school office.",
                "You did not ask for this? Do nothing, your password does not change.",
            ),
        ),
        "password-added": MailText(
            "Your account has a password",
            (
                "A password was added to your account on {date} at {hour}. Your other devices have been signed out.",
                "Not you? Call the school office and choose a new password: {url}.",
            ),
        ),
        "password-changed": MailText(
            "Your password has changed",
            (
                "Your password was changed on {date} at {hour}. Your other devices have been signed out.",
                "Not you? Call the school office and choose a new password: {url}.",
            ),
        ),
        "address-changing": MailText(
            "Your e-mail address is about to change",
            (
                "On {date}, another address was asked for your account.",
                "Not you? Sign in and cancel, or call the school office.",
            ),
        ),
        "number-changed": MailText(
            "Your mobile number has changed",
            ("The school changed the mobile number of your account on {date}.", _CALL_OFFICE),
        ),
        "identifiant": MailText(
            "Your username",
            ("Your username: {identifiant}.", "We never send a password."),
        ),
        "identifiant-too-new": MailText(
            "Your username: try again later",
            (
                "This address has just been recorded. For safety, it is not sent your username yet.",
                "Try again after {date} at {hour}. You can also ask for a text message, or call the school office.",
                "You did not ask for this? Do nothing.",
            ),
        ),
        "grouped": MailText(
            "Your two accounts are now one",
            (
                "Two accounts in your name became one on {date}.",
                "You can undo this until {until}, under “My children”.",
                _CALL_OFFICE,
            ),
        ),
        "ungrouped": MailText(
            "Your two accounts are separate again",
            ("On {date}, your two accounts were separated again.", _CALL_OFFICE),
        ),
        "franceconnect-linked": MailText(
            "FranceConnect is linked to your account",
            ("Since {date}, FranceConnect can open your account.", _CALL_OFFICE),
        ),
        "franceconnect-unlinked": MailText(
            "FranceConnect is no longer linked to your account",
            ("Since {date}, FranceConnect can no longer open your account.", _CALL_OFFICE),
        ),
        "unused-account-closing": MailText(
            "Your account will be closed on {date}",
            ("You have not used it for {duration}.", _KEEP_IT_ENGLISH),
        ),
        "account-closing": MailText("Your account will be closed on {date}", ("You asked for this.", _KEEP_IT_ENGLISH)),
        "kinship-contested": MailText(
            "A link with a pupil is contested",
            (
                "A person said that they are not the legal guardian of a pupil.",
                "Open the school office's pages: {url}.",
            ),
        ),
    },
}
