"""Country codes offered beside the phone number: the French ones first, then the neighbours."""

from idp.web.french import mark

COUNTRIES: tuple[tuple[str, str], ...] = (
    ("+33", mark("+33 France")),
    ("+262", mark("+262 La Réunion, Mayotte")),
    ("+590", mark("+590 Guadeloupe, Saint-Martin, Saint-Barthélemy")),
    ("+594", mark("+594 Guyane")),
    ("+596", mark("+596 Martinique")),
    ("+508", mark("+508 Saint-Pierre-et-Miquelon")),
    ("+681", mark("+681 Wallis-et-Futuna")),
    ("+687", mark("+687 Nouvelle-Calédonie")),
    ("+689", mark("+689 Polynésie française")),
    ("+32", mark("+32 Belgique")),
    ("+352", mark("+352 Luxembourg")),
    ("+41", mark("+41 Suisse")),
    ("+49", mark("+49 Allemagne")),
    ("+39", mark("+39 Italie")),
    ("+34", mark("+34 Espagne")),
    ("+377", mark("+377 Monaco")),
    ("+44", mark("+44 Royaume-Uni")),
    ("other", mark("Autre pays")),
)
"""(value of the form, words of the option)."""
