"""The cards of pupils, one answer each, as forms bring them."""

from flask import request

from idp.journeys.answers import PupilAnswer, TypedDate

_MOST_PUPILS = 50
"""Cards that a form may answer; nobody has that many, and a forged form could name a million."""


def read_answers() -> list[PupilAnswer]:
    """Return the answers of the cards `1`, `2`, … as far as the form has any field of one."""
    form = request.form
    answers: list[PupilAnswer] = []
    for number in range(1, _MOST_PUPILS + 1):
        fields = (f"lien-{number}", f"jour-{number}", f"mois-{number}", f"annee-{number}")
        if not any(name in form for name in fields):
            break
        link, *date = (form.get(name, "") for name in fields)
        answers.append(PupilAnswer({"oui": True, "non": False}.get(link), TypedDate(*date)))
    return answers
