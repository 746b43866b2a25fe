"""The SMS that families get, in the GSM 7-bit alphabet (3GPP TS 23.038 section 6.2.1), one part each: 160 septets at most.

No ç, ê, î, ô, û, no typographic quote, no no-break space: one of these would halve what fits. The code comes first, so that the
notification shows it. No link, no child's name, no school's name, never a password.
"""

from datetime import datetime

TEST_MARKER = " SIMULATEUR."
"""What a test instance adds to every text."""


def sms_code(code: str, *, bound_host: str = "") -> str:
    """Return the text that carries a security code for an activation.

    Args:
        code: Six digits.
        bound_host: Host of an https issuer, for the last line that lets a phone fill the code in on this site alone
            (WICG origin-bound one-time codes); "" for none. At most 30 characters: a longer one is left out, the text would not fit.
    """
    return _with_host(
        f"{code} est votre code de sécurité pour activer votre compte parent. Valable 30 min. Ne le donnez à personne.",
        code,
        bound_host,
    )


def sms_second_proof(code: str, *, bound_host: str = "") -> str:
    """Return the text that carries the security code of somebody who is signed in already; arguments as above."""
    return _with_host(
        f"{code} est votre code de sécurité pour confirmer que c'est vous. Valable 30 min. Ne le donnez à personne.",
        code,
        bound_host,
    )


def sms_new_password(code: str, *, bound_host: str = "") -> str:
    """Return the text that carries the security code of somebody who lost her password; arguments as above."""
    return _with_host(
        f"{code} est votre code pour choisir un nouveau mot de passe. Valable 30 min. Ne le donnez à personne.",
        code,
        bound_host,
    )


def _with_host(text: str, code: str, bound_host: str) -> str:
    return f"{text}\n@{bound_host} #{code}" if 0 < len(bound_host) <= _LONGEST_HOST else text


_LONGEST_HOST = 30


def sms_no_match() -> str:
    """Return the text for a number that the school does not have with this name."""
    return (
        "Nous ne pouvons pas activer votre compte : l'école n'a pas ce numéro avec ce nom. "
        "Appelez le secrétariat, il peut corriger."
    )


def sms_identifiant(identifiant: str) -> str:
    """Return the text for somebody who lost her identifiant."""
    return (
        f"Votre identifiant pour le compte de l'école : {identifiant}. Vous n'avez rien demandé ? Ignorez ce message."
    )


def sms_no_account() -> str:
    """Return the text for a number that no account has with this name."""
    return "Nous ne trouvons pas de compte avec ce nom et ce numéro. Appelez le secrétariat de l'école."


def sms_franceconnect_only() -> str:
    """Return the text for somebody whose account has no password to lose."""
    return (
        "Votre compte s'ouvre avec FranceConnect, sans mot de passe ici. "
        "Mot de passe perdu ? Voyez le compte choisi dans FranceConnect."
    )


def sms_number_too_new(local: datetime) -> str:
    """Return the text for a number that the school's files brought a short time ago.

    Args:
        local: When it may recover an account, on the clocks of the person.
    """
    return (
        "L'école vient d'enregistrer ce numéro. Par sécurité, réessayez après le "
        f"{local:%d/%m} à {local:%H:%M}, ou appelez le secrétariat."
    )


def sms_number_recorded() -> str:
    """Return the text for the number that the school's files brought for an account."""
    return "L'école a enregistré ce numéro pour votre compte parent. Ce n'est pas vous ? Appelez le secrétariat."


def sms_number_left() -> str:
    """Return the text for the number that the school's files had before."""
    return (
        "L'école n'utilise plus ce numéro pour votre compte parent. "
        "Ce n'est pas vous ? Appelez le secrétariat de l'école."
    )


def sms_activated(identifiant: str) -> str:
    """Return the text that announces a new account."""
    return (
        f"Votre compte parent est activé. Identifiant : {identifiant}. "
        "Ce n'est pas vous ? Appelez le secrétariat de l'école."
    )


def sms_linked_new() -> str:
    """Return the text that announces a new account that FranceConnect signs in."""
    return "Votre compte parent est activé avec FranceConnect. Ce n'est pas vous ? Appelez le secrétariat de l'école."


def sms_linked_existing() -> str:
    """Return the text that announces that FranceConnect signs in an account that had a password."""
    return (
        "Votre compte est relié à FranceConnect. L'ancien mot de passe ne sert plus. "
        "Ce n'est pas vous ? Appelez le secrétariat."
    )


def sms_password_changed(local: datetime) -> str:
    """Return the text that announces a new password.

    Args:
        local: The moment, on the clocks of the person (`journeys.local_time`).
    """
    return (
        f"Votre mot de passe a été changé le {local:%d/%m} à {local:%H:%M}. "
        "Ce n'est pas vous ? Appelez le secrétariat de l'école."
    )


def sms_child_added() -> str:
    """Return the text that announces that an import added a child, or several."""
    return (
        "L'école a ajouté un enfant à votre compte. Sa date de naissance vous sera demandée à la prochaine connexion."
    )


def sms_link_removed() -> str:
    """Return the text that announces that the school no longer states a link that was proved."""
    return "Votre lien avec un élève a été retiré de votre compte. Une question ? Appelez le secrétariat de l'école."


def sms_account_closing(local: datetime) -> str:
    """Return the text that says when an account closes, and how to keep it; `local` as above."""
    return f"Votre compte parent sera fermé le {local:%d/%m/%Y}. Pour le garder, connectez-vous avant cette date."


def sms_franceconnect_added() -> str:
    """Return the text that announces that FranceConnect signs in an account, beside its password."""
    return (
        "FranceConnect peut maintenant ouvrir votre compte parent. "
        "Ce n'est pas vous ? Appelez le secrétariat de l'école."
    )


def marked(body: str, *, test_instance: bool) -> str:
    """Return a text with the marker of test instances, or as it is.

    The line that binds a code to a site stays the last one: phones read it there only.
    """
    if not test_instance:
        return body
    text, newline, bound = body.partition("\n")
    return f"{text}{TEST_MARKER}{newline}{bound}"
