"""What the handout says, step by step. Words of a page in « » are the page's own, letter for letter."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from idp.guide.facts import HandoutFacts
from idp.journeys.typography import NO_BREAK_SPACE
from idp.web.french import mark

FRENCH, ENGLISH = "fr", "en"
PICTURES_OF_FRANCECONNECT = frozenset({"choix-du-compte", "informations"})

FRENCH_INSIDE = re.compile('<span lang="fr">(.*?)</span>')
"""What a page of another language, or a site of others, calls something in French."""

Say = Callable[[str], str]
"""Gives a French sentence in the handout's language, set in type, values not filled in yet."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, and the page on which one does it."""

    title: str
    sentences: tuple[str, ...]
    picture: str  # its name in idp/guide/pictures
    picture_says: str  # for whoever does not see it
    line_to_fill: str = ""  # what to write by hand on the paper


@dataclass(frozen=True, slots=True)
class Procedure:
    """One way of activating an account."""

    title: str
    about: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code, and its address beside it."""

    title: str
    address: str
    says: str  # for whoever does not see it


@dataclass(frozen=True, slots=True)
class Note:
    """What stands below the procedures."""

    title: str
    sentences: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Handout:
    """The whole of it, ready to be set. French inside another language stands between `<span lang="fr">` and `</span>`."""

    language: str  # the catalogue's
    spoken: str  # RFC 5646
    title: str
    school: str
    heading: str
    warning: tuple[str, str] | None  # the bold half, and the other one
    warning_name: str  # of its region
    introduction: tuple[str, ...]
    preparation: Note
    scan: str
    codes: tuple[Code, ...]
    procedures: tuple[Procedure, ...]
    notes: tuple[Note, ...]
    tagline: str
    page_of: str  # with %(page)s and %(pages)s


def without_markup(sentence: str) -> str:
    """Return a sentence as it is read where there is no markup."""
    return FRENCH_INSIDE.sub(r"\1", sentence)


def compose_handout(facts: HandoutFacts, say: Say, language: str = FRENCH) -> Handout:
    """Return the handout of a school.

    Args:
        facts: What it is about.
        say: Gives its sentences.
        language: The language of what `say` gives: `fr`, `facile` or `en`.
    """
    heading = say(mark("Activez votre compte parent"))
    return Handout(
        language=language,
        spoken=ENGLISH if language == ENGLISH else FRENCH,
        title=f"{heading} - {facts.school}",
        school=facts.school,
        heading=heading,
        warning=(
            (say(mark("Simulateur, données fictives.")), say(mark("Service de test, sans lien avec l'État.")))
            if facts.is_test
            else None
        ),
        warning_name=say(mark("Avertissement")),
        introduction=_introduction(facts, say),
        preparation=Note(
            say(mark("Préparez :")),
            (
                say(mark("votre téléphone portable (l'école doit connaître son numéro) ;")),
                say(mark("la date de naissance de chaque enfant.")),
            ),
        ),
        scan=say(mark("Scannez un code avec votre téléphone, ou écrivez son adresse.")),
        codes=_codes(facts, say, language),
        procedures=tuple(_with_pictures_in(language, one) for one in _procedures(facts, say)),
        notes=(_next_times(facts, say), _help(facts, say)),
        tagline=say(mark("Préau, le compte des familles pour l'école")),
        page_of=say(mark("Page %(page)s sur %(pages)s")),
    )


def _introduction(facts: HandoutFacts, say: Say) -> tuple[str, ...]:
    return (
        say(mark("Ce compte ouvre l'espace numérique (ENT) de l'école, du collège ou du lycée.")),
        *((say(mark("Il y a deux procédures : suivez-en une seule.")),) if facts.has_franceconnect else ()),
        say(mark("Chaque représentant légal active son propre compte.")),
        say(mark("Il faut environ 3 minutes.")),
    )


def _codes(facts: HandoutFacts, say: Say, language: str) -> tuple[Code, ...]:
    # The page then speaks the handout's language.
    asked = "" if language == FRENCH else f"/?langue={language}"
    return (
        Code(
            say(mark("Activer votre compte")),
            f"{facts.sign_in_address}{asked}",
            say(mark("Code à scanner : page de connexion.")),
        ),
        Code(say(mark("Aller sur l'ENT")), facts.ent_address, say(mark("Code à scanner : ENT."))),
    )


def _procedures(facts: HandoutFacts, say: Say) -> tuple[Procedure, ...]:
    return (_by_sms(facts, say), _by_franceconnect(facts, say)) if facts.has_franceconnect else (_by_sms(facts, say),)


def _with_pictures_in(language: str, procedure: Procedure) -> Procedure:
    # Easy French has the labels of French, and FranceConnect is French alone.
    def find(step: Step) -> Step:
        folder = ENGLISH if language == ENGLISH and step.picture not in PICTURES_OF_FRANCECONNECT else FRENCH
        return replace(step, picture=f"{folder}/{step.picture}")

    return replace(procedure, steps=tuple(map(find, procedure.steps)))


def _by_sms(facts: HandoutFacts, say: Say) -> Procedure:
    return Procedure(
        say(mark("Procédure 1 : par SMS")) if facts.has_franceconnect else say(mark("La procédure, par SMS")),
        say(mark("Vous recevez un code par SMS, puis vous choisissez un mot de passe.")),
        (
            Step(
                say(mark("Ouvrez la page de connexion")),
                (say(mark("Choisissez « Responsable d'élève », puis « Je n'ai pas de compte ».")),),
                "je-n-ai-pas-de-compte",
                say(mark("Page « Je me connecte » : le bouton « Je n'ai pas de compte » est entouré.")),
            ),
            Step(
                say(mark("Dites qui vous êtes")),
                (
                    say(mark("Écrivez votre nom, votre prénom et votre numéro de portable.")),
                    say(mark("Ce sont ceux du parent, pas ceux de l'enfant.")),
                ),
                "identite",
                say(mark("Page « Je confirme mon identité » : un champ pour le nom, un autre pour le prénom.")),
            ),
            Step(
                say(mark("Écrivez le code de sécurité")),
                (
                    say(mark("Vous recevez un SMS. Écrivez ses 6 chiffres, puis choisissez « Continuer ».")),
                    say(mark("Le code est valable 30 minutes.")),
                ),
                "code",
                say(mark("Page « Un code de sécurité a été envoyé » : le champ du code est entouré.")),
            ),
            _kinship_step("enfants", say),
            Step(
                say(mark("Choisissez votre mot de passe")),
                (
                    say(mark("Au moins 8 caractères : 1 majuscule, 1 minuscule, 1 chiffre, 1 caractère spécial.")),
                    say(mark("Écrivez-le deux fois, puis choisissez « Activer mon compte ».")),
                ),
                "mot-de-passe",
                say(mark("Page « Je choisis mon mot de passe » : le bouton « Activer mon compte » est entouré.")),
            ),
            Step(
                say(mark("Notez votre identifiant")),
                (say(mark("Il vous sera demandé à chaque connexion, avec votre mot de passe.")),),
                "identifiant",
                say(mark("Page « Votre compte a été activé avec succès » : l'identifiant est entouré.")),
                line_to_fill=say(mark("Mon identifiant :")),
            ),
        ),
    )


def _by_franceconnect(facts: HandoutFacts, say: Say) -> Procedure:
    which_account = (
        (
            say(mark("C'est un simulateur : n'utilisez jamais un vrai compte.")),
            say(mark("Choisissez par exemple « Impôts fictifs ».")),
        )
        if facts.is_test
        else (
            say(mark("Par exemple celui des impôts ou de l'assurance maladie.")),
            say(mark("Connectez-vous comme d'habitude à ce compte.")),
        )
    )
    return Procedure(
        say(mark("Procédure 2 : avec FranceConnect")),
        say(mark("Vous utilisez un compte que vous avez déjà. Il n'y a pas de mot de passe à créer.")),
        (
            Step(
                say(mark("Ouvrez la page de connexion")),
                (say(mark("Choisissez « Responsable d'élève », puis « Je me connecte avec FranceConnect ».")),),
                "je-me-connecte-avec-franceconnect",
                say(mark("Page « Je me connecte » : le bouton « Je me connecte avec FranceConnect » est entouré.")),
            ),
            Step(
                say(mark("Choisissez un compte que vous connaissez")),
                which_account,
                "choix-du-compte",
                say(mark("Page de FranceConnect : une liste de comptes à choisir.")),
            ),
            Step(
                say(mark("Vérifiez votre nom")),
                (say(mark("C'est bien vous ? Choisissez « Continuer sur Education Nationale ».")),),
                "informations",
                say(
                    mark(
                        "Page « Vous allez vous connecter en tant que : »."
                        " Le bouton « Continuer sur Education Nationale » est entouré."
                    )
                ),
            ),
            Step(
                say(mark("Donnez votre numéro de portable")),
                (
                    say(mark("Écrivez le numéro que l'école connaît.")),
                    say(mark("Écrivez ensuite les 6 chiffres du code reçu par SMS.")),
                ),
                "telephone",
                say(mark("Page « Finissez d'activer votre compte » : le champ du numéro est entouré.")),
            ),
            _kinship_step("enfants-franceconnect", say),
            Step(
                say(mark("Votre compte est activé")),
                (say(mark("La prochaine fois, choisissez « Je me connecte avec FranceConnect ».")),),
                "compte-active",
                say(mark("Page « Votre compte a été activé avec succès », avec le nom de l'enfant.")),
            ),
        ),
    )


def _kinship_step(picture: str, say: Say) -> Step:
    return Step(
        say(mark("Confirmez le lien avec l'élève")),
        (
            say(mark("Choisissez « Je suis le représentant légal de cet élève ».")),
            say(mark("Écrivez sa date de naissance : jour, mois, année.")),
        ),
        picture,
        say(
            mark(
                "Page « Je confirme mon lien avec les élèves »."
                " La réponse « Je suis le représentant légal de cet élève » est entourée."
            )
        ),
    )


def _next_times(facts: HandoutFacts, say: Say) -> Note:
    return Note(
        say(mark("Les fois suivantes")),
        (
            say(mark("Ouvrez l'adresse de l'ENT.")),
            say(mark("Choisissez « Se connecter », puis « Élève ou parent », puis « Responsable d'élève ».")),
            say(mark("Écrivez votre identifiant et votre mot de passe.")),
            *(
                (say(mark("Procédure 2 : choisissez seulement « Je me connecte avec FranceConnect ».")),)
                if facts.has_franceconnect
                else ()
            ),
        ),
        numbered=True,
    )


def _help(facts: HandoutFacts, say: Say) -> Note:
    call = (
        say(mark("Appelez le secrétariat de l'école au %(phone)s."))
        % {"phone": facts.office_phone.strip().replace(" ", NO_BREAK_SPACE)}
        if facts.office_phone
        else say(mark("Appelez le secrétariat de l'école."))
    )
    ask = say(mark("Demandez : « Quel numéro de portable avez-vous pour moi ? »"))
    return Note(
        say(mark("Vous n'y arrivez pas ?")),
        (
            f"{call} {ask}",
            say(mark("La page affiche une référence ? Donnez-la au secrétariat.")),
            say(mark("Identifiant perdu ? Sur la page de connexion, choisissez « Identifiant oublié ».")),
            say(mark("Mot de passe perdu ? Choisissez « Mot de passe oublié ».")),
        ),
    )
