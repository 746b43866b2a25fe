"""The sentence of each fault, letter for letter (spaces apart)."""

from collections.abc import Iterator

import pytest

from idp.journeys.answers import Fault, Notice
from idp.web.words import Complaints, say_duration, say_fault, say_notice, say_strength, spell_out
from tests.web.world import World


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    with World().build().test_request_context("/"):
        yield


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


SENTENCES = [
    (Fault("nom", "empty"), "Écrivez votre nom."),
    (Fault("prenom", "empty"), "Écrivez votre prénom."),
    (Fault("nom", "sign"), "Votre nom contient un chiffre ou un signe. Vérifiez-le."),
    (Fault("prenom", "sign"), "Votre prénom contient un chiffre ou un signe. Vérifiez-le."),
    (Fault("nom", "too-long"), "Votre nom est trop long : 100 caractères au maximum."),
    (Fault("prenom", "too-long"), "Votre prénom est trop long : 100 caractères au maximum."),
    (Fault("telephone", "empty"), "Écrivez votre numéro de téléphone portable."),
    (
        Fault("telephone", "length", {"n": 1}),
        "Ce numéro a 1 chiffre. En France, un numéro de portable en a 10, par exemple 06 39 98 00 01.",
    ),
    (
        Fault("telephone", "length", {"n": 9}),
        "Ce numéro a 9 chiffres. En France, un numéro de portable en a 10, par exemple 06 39 98 00 01.",
    ),
    (Fault("telephone", "length-abroad"), "Vérifiez ce numéro et son indicatif."),
    (Fault("telephone", "letters"), "Le numéro contient une lettre. Écrivez seulement des chiffres."),
    (
        Fault("telephone", "landline"),
        "Ce numéro est celui d'un téléphone fixe. Il faut un portable pour recevoir un SMS.",
    ),
    (
        Fault("telephone", "not-mobile"),
        "Ce numéro n'est pas celui d'un téléphone portable. Il faut un portable pour recevoir un SMS.",
    ),
    (Fault("telephone", "needs-plus"), "Écrivez le numéro avec + et l'indicatif du pays, par exemple +32."),
    (Fault("code", "empty"), "Écrivez le code de sécurité reçu par SMS."),
    (Fault("code", "length", {"n": 5}), "Le code a 6 chiffres. Vous en avez écrit 5."),
    (Fault("code", "signs"), "Le code contient seulement des chiffres."),
    (
        Fault("code", "wrong", {"n": 4}),
        "Ce code n'est pas le bon. Vérifiez les 6 chiffres du dernier SMS. Il vous reste 4 essais.",
    ),
    (
        Fault("code", "wrong", {"n": 1}),
        "Ce code n'est pas le bon. Vérifiez les 6 chiffres du dernier SMS. Il vous reste 1 essai.",
    ),
    (
        Fault("code", "expired"),
        "Ce code n'est plus valable : les 30 minutes sont passées. Demandez un nouveau code.",
    ),
    (Fault("mine-2", "no-answer", {"name": "Léa DUPONT"}), "Choisissez une réponse pour Léa DUPONT."),
    (Fault("jour-1", "empty", {"given_name": "Léa"}), "Écrivez la date de naissance de Léa."),
    (Fault("jour-1", "missing-day", {"given_name": "Léa"}), "Il manque le jour de naissance de Léa."),
    (Fault("mois-1", "missing-month", {"given_name": "Léa"}), "Il manque le mois de naissance de Léa."),
    (Fault("annee-1", "missing-year", {"given_name": "Léa"}), "Il manque l'année de naissance de Léa."),
    (
        Fault("jour-1", "impossible", {"given_name": "Léa"}),
        "Cette date n'existe pas pour Léa. Vérifiez le jour, le mois et l'année.",
    ),
    (
        Fault("jour-1", "future", {"given_name": "Léa"}),
        "La date de naissance de Léa est dans le futur. Vérifiez l'année.",
    ),
    (
        Fault("", "dates-differ", {"n": 2}),
        "Au moins une date n'est pas celle que l'école connaît. Vérifiez toutes les dates. Il vous reste 2 essais.",
    ),
    (
        Fault("", "dates-differ", {"n": 1}),
        "Au moins une date n'est pas celle que l'école connaît. Vérifiez toutes les dates. Il vous reste 1 essai.",
    ),
    (Fault("jour-1", "mismatch"), "Vérifiez cette date."),
    (Fault("mot-de-passe", "empty"), "Choisissez un mot de passe."),
    (
        Fault("mot-de-passe", "common"),
        "Ce mot de passe est très utilisé : il est facile à deviner. Choisissez-en un autre.",
    ),
    (
        Fault("mot-de-passe", "own-name"),
        "Votre mot de passe contient votre nom, votre prénom ou celui d'un enfant. Choisissez-en un autre.",
    ),
    (Fault("mot-de-passe", "too-long"), "Votre mot de passe est trop long : 128 caractères au maximum."),
    (Fault("confirmation", "empty"), "Écrivez le mot de passe une deuxième fois."),
    (Fault("confirmation", "differs"), "Les deux mots de passe sont différents. Écrivez deux fois le même."),
    (Fault("username", "empty"), "Écrivez votre identifiant."),
    (Fault("password", "empty"), "Écrivez votre mot de passe."),
    (Fault("username", "wrong"), "Identifiant ou mot de passe incorrect. Vérifiez les deux, puis réessayez."),
    (
        Fault("username", "slowed", {"minutes": 15}),
        (
            "Il y a eu trop d'essais. Attendez 15 minutes, ou choisissez un nouveau mot de passe avec "
            "« Mot de passe oublié »."
        ),
    ),
]


@pytest.mark.parametrize(("fault", "sentence"), SENTENCES, ids=lambda one: getattr(one, "code", None))
def test_each_fault_has_its_sentence(fault: Fault, sentence: str) -> None:
    assert plain(say_fault(fault)) == sentence


@pytest.mark.parametrize(
    ("met", "length", "missing"),
    [
        ((False, True, False, True, True), 9, "1 majuscule, 1 chiffre"),
        ((True, True, True, False, False), 7, "1 caractère spécial, 1 caractère"),
        (
            (False, False, False, False, False),
            3,
            "1 majuscule, 1 minuscule, 1 chiffre, 1 caractère spécial, 5 caractères",
        ),
    ],
)
def test_everything_that_a_password_lacks_is_said_at_once(met: tuple[bool, ...], length: int, missing: str) -> None:
    said = say_fault(Fault("mot-de-passe", "rules", {"n": length}), met)
    assert plain(said) == f"Il manque dans votre mot de passe : {missing}."


def test_a_fault_without_a_sentence_is_loud() -> None:
    with pytest.raises(KeyError):
        say_fault(Fault("nom", "unheard-of"))


def test_wrong_dates_are_one_line_at_the_top_and_every_date_is_marked_alike() -> None:
    complaints = Complaints(
        (Fault("", "dates-differ", {"n": 4}), Fault("jour-1", "mismatch"), Fault("jour-2", "mismatch"))
    )
    assert [line.control for line in complaints.summary] == ["jour-1"]
    assert complaints.heading == "Il y a 1 erreur à corriger"
    assert complaints.beside_date(1) == complaints.beside_date(2) == "Vérifiez cette date."
    assert all(complaints.marks_date_part(part, 2) for part in ("jour", "mois", "annee"))
    assert complaints.beside_date(3) == ""


def test_a_missing_part_of_a_date_is_the_only_one_marked() -> None:
    complaints = Complaints((Fault("mois-2", "missing-month", {"given_name": "Léa"}),))
    assert [complaints.marks_date_part(part, 2) for part in ("jour", "mois", "annee")] == [False, True, False]
    assert plain(complaints.beside_date(2)) == "Il manque le mois de naissance de Léa."


def test_who_must_only_wait_is_told_of_nothing_to_correct() -> None:
    slowed = Fault("username", "slowed", {"minutes": 15})
    assert Complaints([slowed]).heading == "Attendez un peu"
    assert Complaints([slowed, Fault("password", "empty")]).heading == "Il y a 2 erreurs à corriger"


def test_the_heading_of_the_summary_counts_what_it_lists() -> None:
    complaints = Complaints((Fault("nom", "empty"), Fault("prenom", "empty")))
    assert complaints.heading == "Il y a 2 erreurs à corriger"
    assert not Complaints(())


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (Notice.ALREADY_DONE, "Cette étape est déjà faite. Continuez ici."),
        (Notice.NEW_CODE_SENT, "Un nouveau SMS est parti. Utilisez le code du dernier SMS."),
        (Notice.CODE_ON_ITS_WAY, "Un SMS est déjà parti. Vous pourrez en demander un autre dans 42 secondes."),
        (Notice.FINISHED, "Votre démarche est terminée. Vous pouvez vous connecter."),
    ],
)
def test_each_notice_has_its_words(notice: Notice, words: str) -> None:
    said = say_notice(notice, 42)
    assert said is not None
    assert f"{said.first} {said.rest}" == words


def test_one_second_is_singular() -> None:
    said = say_notice(Notice.CODE_ON_ITS_WAY, 1)
    assert said is not None
    assert said.rest.endswith("dans 1 seconde.")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 minute"),
        (61, "2 minutes"),
        (890, "15 minutes"),
        (5400, "90 minutes"),
        (5401, "2 heures"),
        (86400, "24 heures"),
    ],
)
def test_waiting_times_are_rounded_up(seconds: int, words: str) -> None:
    assert plain(say_duration(seconds)) == words


def test_strength_is_a_word() -> None:
    assert [say_strength(level) for level in range(4)] == ["", "Faible", "Moyen", "Fort"]


def test_an_identifiant_is_spelt_for_those_who_listen() -> None:
    assert spell_out("j.du-2") == "j, point, d, u, tiret, 2"
