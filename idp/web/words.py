"""What a parent reads when something must be corrected: one sentence for each fault of a journey, and the words of the notices.

A journey says (control, code, values); the sentence is here, letter for letter as the reference of the pages gives it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from idp.journeys.answers import Fault, Notice
from idp.journeys.typography import NO_BREAK_SPACE
from idp.web.french import mark, translate, translate_plural
from idp.web.languages import current_language

_FAULTS: dict[tuple[str, str], str] = {
    ("nom", "empty"): mark("Écrivez votre nom."),
    ("nom", "sign"): mark("Votre nom contient un chiffre ou un signe. Vérifiez-le."),
    ("nom", "too-long"): mark("Votre nom est trop long : 100 caractères au maximum."),
    ("prenom", "empty"): mark("Écrivez votre prénom."),
    ("prenom", "sign"): mark("Votre prénom contient un chiffre ou un signe. Vérifiez-le."),
    ("prenom", "too-long"): mark("Votre prénom est trop long : 100 caractères au maximum."),
    ("telephone", "empty"): mark("Écrivez votre numéro de téléphone portable."),
    ("telephone", "letters"): mark("Le numéro contient une lettre. Écrivez seulement des chiffres."),
    ("telephone", "length-abroad"): mark("Vérifiez ce numéro et son indicatif."),
    ("telephone", "landline"): mark(
        "Ce numéro est celui d'un téléphone fixe. Il faut un portable pour recevoir un SMS."
    ),
    ("telephone", "not-mobile"): mark(
        "Ce numéro n'est pas celui d'un téléphone portable. Il faut un portable pour recevoir un SMS."
    ),
    ("telephone", "needs-plus"): mark("Écrivez le numéro avec + et l'indicatif du pays, par exemple +32."),
    ("code", "empty"): mark("Écrivez le code de sécurité reçu par SMS."),
    ("code", "signs"): mark("Le code contient seulement des chiffres."),
    ("code", "expired"): mark("Ce code n'est plus valable : les 30 minutes sont passées. Demandez un nouveau code."),
    ("code", "used-up"): mark("Il y a eu trop d'essais : ce code n'est plus valable. Demandez un nouveau code."),
    ("autre-identifiant", "empty"): mark("Écrivez l'identifiant de l'autre compte."),
    ("autre-mot-de-passe", "empty"): mark("Écrivez le mot de passe de l'autre compte."),
    ("autre-identifiant", "not-grouped"): mark(
        "Nous ne pouvons pas regrouper ces comptes. Vérifiez l'identifiant et le mot de passe. "
        "Le nom et le prénom doivent être les mêmes sur les deux comptes."
    ),
    ("mine", "no-answer"): mark("Choisissez une réponse pour %(name)s."),
    ("jour", "empty"): mark("Écrivez la date de naissance de %(given_name)s."),
    ("jour", "missing-day"): mark("Il manque le jour de naissance de %(given_name)s."),
    ("jour", "missing-month"): mark("Il manque le mois de naissance de %(given_name)s."),
    ("jour", "missing-year"): mark("Il manque l'année de naissance de %(given_name)s."),
    ("jour", "impossible"): mark("Cette date n'existe pas pour %(given_name)s. Vérifiez le jour, le mois et l'année."),
    ("jour", "future"): mark("La date de naissance de %(given_name)s est dans le futur. Vérifiez l'année."),
    ("jour", "mismatch"): mark("Vérifiez cette date."),
    ("jour", "one-empty"): mark("Écrivez la date de naissance."),
    ("jour", "one-missing-day"): mark("Il manque le jour de naissance."),
    ("jour", "one-missing-month"): mark("Il manque le mois de naissance."),
    ("jour", "one-missing-year"): mark("Il manque l'année de naissance."),
    ("jour", "one-impossible"): mark("Cette date n'existe pas. Vérifiez le jour, le mois et l'année."),
    ("jour", "one-future"): mark("Cette date est dans le futur. Vérifiez l'année."),
    ("identifiant", "empty"): mark("Écrivez votre identifiant."),
    ("identifiant", "too-long"): mark("Votre identifiant est trop long. Vérifiez-le."),
    ("mot-de-passe", "empty"): mark("Choisissez un mot de passe."),
    ("mot-de-passe", "rules"): mark("Il manque dans votre mot de passe : %(missing)s."),
    ("mot-de-passe", "common"): mark(
        "Ce mot de passe est très utilisé : il est facile à deviner. Choisissez-en un autre."
    ),
    ("mot-de-passe", "own-name"): mark(
        "Votre mot de passe contient votre nom, votre prénom ou celui d'un enfant. Choisissez-en un autre."
    ),
    ("mot-de-passe", "too-long"): mark("Votre mot de passe est trop long : 128 caractères au maximum."),
    ("confirmation", "empty"): mark("Écrivez le mot de passe une deuxième fois."),
    ("confirmation", "differs"): mark("Les deux mots de passe sont différents. Écrivez deux fois le même."),
    ("mot-de-passe", "same"): mark("Le nouveau mot de passe doit être différent de l'actuel."),
    ("compris", "unticked"): mark("Cochez « J'ai compris » pour fermer votre compte."),
    ("actuel", "empty"): mark("Écrivez votre mot de passe actuel."),
    ("actuel", "wrong"): mark("Le mot de passe actuel n'est pas le bon."),
    ("email", "empty"): mark("Écrivez votre adresse e-mail."),
    ("email", "incomplete"): mark("Cette adresse est incomplète. Exemple : nom@exemple.fr"),
    ("email", "accents"): mark("Écrivez cette adresse sans accent. Exemple : nom@exemple.fr"),
    ("email", "long"): mark("Cette adresse est trop longue."),
    ("email", "same"): mark("C'est déjà l'adresse e-mail de votre compte."),
    ("email", "too-many"): mark("Trop de mails ont été demandés aujourd'hui. Réessayez demain."),
    ("username", "empty"): mark("Écrivez votre identifiant."),
    ("username", "wrong"): mark("Identifiant ou mot de passe incorrect. Vérifiez les deux, puis réessayez."),
    ("password", "empty"): mark("Écrivez votre mot de passe."),
}
"""Sentence of each fault, by the control's name without its number, and the code."""

_DATE_PARTS = frozenset({"jour", "mois", "annee"})
MINIMUM_LENGTH = 8
"""Characters of a password; said on the page, decided by `people.passwords`."""


def say_fault(fault: Fault, rules_met: Sequence[bool] = ()) -> str:
    """Return the sentence for a fault.

    Args:
        fault: What a journey found.
        rules_met: The five rules of a password, in the order of the page, when the fault is about one.

    Raises:
        KeyError: No sentence was written for this fault.
    """
    control = re.sub(r"-\d+$", "", fault.control)
    place = "jour" if control in _DATE_PARTS else control
    counted = _say_counted(place, fault)
    if counted is not None:
        return counted
    values = dict(fault.values)
    if (place, fault.code) == ("mot-de-passe", "rules"):
        values["missing"] = ", ".join(_missing_rules(rules_met, int(values.get("n", 0))))
    return translate(_FAULTS[place, fault.code], **values)


def _say_counted(place: str, fault: Fault) -> str | None:
    """Return the sentence of a fault whose words agree with a number, None for the others."""
    match place, fault.code:
        case "telephone", "length":
            return translate_plural(
                "Ce numéro a %(n)s chiffre. En France, un numéro de portable en a 10, par exemple 06 39 98 00 01.",
                "Ce numéro a %(n)s chiffres. En France, un numéro de portable en a 10, par exemple 06 39 98 00 01.",
                int(fault.values["n"]),
            )
        case "code", "length":
            # « Vous en avez écrit 1 » needs no agreement.
            return translate("Le code a 6 chiffres. Vous en avez écrit %(n)s.", n=fault.values["n"])
        case "code", "wrong":
            return translate_plural(
                "Ce code n'est pas le bon. Vérifiez les 6 chiffres du dernier SMS. Il vous reste %(n)s essai.",
                "Ce code n'est pas le bon. Vérifiez les 6 chiffres du dernier SMS. Il vous reste %(n)s essais.",
                int(fault.values["n"]),
            )
        case "", "slowed":
            return translate_plural(
                "Trop de SMS ont été demandés. Réessayez dans %(n)s minute.",
                "Trop de SMS ont été demandés. Réessayez dans %(n)s minutes.",
                int(fault.values["minutes"]),
            )
        case _, "dates-differ":
            return translate_plural(
                "Au moins une date n'est pas celle que l'école connaît. Vérifiez toutes les dates. "
                "Il vous reste %(n)s essai.",
                "Au moins une date n'est pas celle que l'école connaît. Vérifiez toutes les dates. "
                "Il vous reste %(n)s essais.",
                int(fault.values["n"]),
            )
        case _, "one-differs":
            return translate_plural(
                "Cette date ne correspond pas. Il vous reste %(n)s essai.",
                "Cette date ne correspond pas. Il vous reste %(n)s essais.",
                int(fault.values["n"]),
            )
        case "autre-identifiant", "slowed":
            return translate_plural(
                "Il y a eu trop d'essais. Attendez %(n)s minute avant de recommencer.",
                "Il y a eu trop d'essais. Attendez %(n)s minutes avant de recommencer.",
                int(fault.values["minutes"]),
            )
        case (("username" | "actuel"), "slowed"):
            return translate_plural(
                "Il y a eu trop d'essais. Attendez %(n)s minute, ou choisissez un nouveau mot de passe avec "
                "« Mot de passe oublié ».",
                "Il y a eu trop d'essais. Attendez %(n)s minutes, ou choisissez un nouveau mot de passe avec "
                "« Mot de passe oublié ».",
                int(fault.values["minutes"]),
            )
        case _:
            return None


def _missing_rules(rules_met: Sequence[bool], length: int) -> list[str]:
    """Return what a password lacks, all at once."""
    lacking = max(1, MINIMUM_LENGTH - length)
    names = (
        translate("1 majuscule"),
        translate("1 minuscule"),
        translate("1 chiffre"),
        translate("1 caractère spécial"),
        translate_plural("%(n)s caractère", "%(n)s caractères", lacking),
    )
    met = tuple(rules_met) or (False,) * len(names)
    return [name for name, is_met in zip(names, met, strict=True) if not is_met]


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of the error summary, a link to the control."""

    control: str
    text: str


class Complaints:
    """Everything that is wrong on a page, in words: for the summary at the top and for the place beside each control."""

    def __init__(self, faults: Sequence[Fault], rules_met: Sequence[bool] = ()) -> None:
        self.summary: list[SummaryLine] = []
        self._beside: dict[str, str] = {}
        first = next((fault.control for fault in faults if fault.control), "")
        # Then there is nothing to correct.
        self._only_wait = bool(faults) and all(fault.code == "slowed" for fault in faults)
        for fault in faults:
            text = say_fault(fault, rules_met)
            if fault.control:
                self._beside[fault.control] = text
            if fault.code != "mismatch":
                # All dates are marked alike beside themselves; the summary says once that one of them differs.
                self.summary.append(SummaryLine(fault.control or first, text))

    def __bool__(self) -> bool:
        return bool(self.summary)

    def beside(self, control: str) -> str:
        """Return the words to set beside a control, "" when nothing is wrong with it."""
        return self._beside.get(control, "")

    def beside_date(self, number: int) -> str:
        """Return the words to set beside the date of a pupil's card."""
        return next((text for part in ("jour", "mois", "annee") if (text := self.beside(f"{part}-{number}"))), "")

    def beside_single_date(self) -> str:
        """Return the words to set beside the date of a page that asks for one."""
        return next((text for part in ("jour", "mois", "annee") if (text := self.beside(part))), "")

    def marks_date_part(self, part: str, number: int) -> bool:
        """Tell whether a part of a date is marked: the missing one alone, otherwise all three."""
        if self.beside(f"jour-{number}"):
            return True
        return bool(self.beside(f"{part}-{number}"))

    @property
    def heading(self) -> str:
        """Return the H2 of the summary."""
        if self._only_wait:
            return translate("Attendez un peu")
        return translate_plural("Il y a %(n)s erreur à corriger", "Il y a %(n)s erreurs à corriger", len(self.summary))


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """A notice: its kind (« info », « reussi » or « attention »), its bold first sentence, and the rest."""

    kind: str
    first: str
    rest: str = ""


def say_notice(notice: Notice | None, seconds: int = 0) -> NoticeWords | None:
    """Return the words of a notice.

    Args:
        notice: What the journey has to say, or None.
        seconds: Before another SMS may be asked for.
    """
    match notice:
        case None:
            return None
        case Notice.ALREADY_DONE:
            return NoticeWords("info", translate("Cette étape est déjà faite."), translate("Continuez ici."))
        case Notice.NEW_CODE_SENT:
            return NoticeWords(
                "reussi", translate("Un nouveau SMS est parti."), translate("Utilisez le code du dernier SMS.")
            )
        case Notice.NEW_LINK_SENT:
            return NoticeWords(
                "reussi", translate("Un nouveau message est parti."), translate("Utilisez le lien du dernier message.")
            )
        case Notice.FINISHED:
            return NoticeWords(
                "reussi", translate("Votre démarche est terminée."), translate("Vous pouvez vous connecter.")
            )
        case Notice.NOT_FINISHED:
            return NoticeWords(
                "info",
                translate("Vous n'avez pas terminé avec FranceConnect."),
                translate("Vous pouvez réessayer ou utiliser votre identifiant."),
            )
        case Notice.IDLE | Notice.CLOSED | Notice.PROVE:
            return _say_own_account(notice)
        case Notice.CODE_ON_ITS_WAY:
            return _say_wait(translate("Un SMS est déjà parti."), seconds)
        case Notice.LINK_ON_ITS_WAY:
            return _say_wait(translate("Un message est déjà parti."), seconds)


def _say_own_account(notice: Literal[Notice.IDLE, Notice.CLOSED, Notice.PROVE]) -> NoticeWords:
    """Return the words of a notice that leads from the pages of an account to the sign-in page."""
    match notice:
        case Notice.IDLE:
            return NoticeWords(
                "info",
                translate("Par sécurité, connectez-vous de nouveau."),
                translate(
                    "« Mon compte » se ferme après 30 minutes sans action. Ce qui n'était pas envoyé n'est pas enregistré."
                ),
            )
        case Notice.CLOSED:
            return NoticeWords(
                "attention",
                translate("Ce compte a été fermé."),
                translate("Vous l'aviez demandé. Une question ? Appelez le secrétariat de l'école."),
            )
        case Notice.PROVE:
            return NoticeWords(
                "info",
                translate("Par sécurité, connectez-vous de nouveau."),
                translate("Ce que vous voulez faire est important : nous vérifions que c'est bien vous."),
            )


def _say_wait(first: str, seconds: int) -> NoticeWords:
    rest = translate_plural(
        "Vous pourrez en demander un autre dans %(n)s seconde.",
        "Vous pourrez en demander un autre dans %(n)s secondes.",
        max(1, seconds),
    )
    return NoticeWords("info", first, rest)


_ONE_HOUR = 3600
_LONGEST_IN_MINUTES = 90 * 60


def say_duration(seconds: int) -> str:
    """Return a waiting time in words, rounded up: « 15 minutes », « 24 heures »."""
    if seconds <= _LONGEST_IN_MINUTES:
        words = translate_plural("%(n)s minute", "%(n)s minutes", max(1, -(-seconds // 60)))
    else:
        words = translate_plural("%(n)s heure", "%(n)s heures", -(-seconds // _ONE_HOUR))
    return words.replace(" ", NO_BREAK_SPACE) if current_language().spoken == "fr" else words


def say_strength(level: int) -> str:
    """Return the word for 1, 2 or 3; "" for anything else."""
    return {1: translate("Faible"), 2: translate("Moyen"), 3: translate("Fort")}.get(level, "")


def spell_out(identifiant: str) -> str:
    """Return an identifiant letter by letter, for those who listen: « j, point, d, … »."""
    signs = {".": translate("point"), "-": translate("tiret")}
    return ", ".join(signs.get(sign, sign) for sign in identifiant)
