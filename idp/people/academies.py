"""Academies and their national codes (BCN), as school directories and `FrEduCtRefId` give them."""

ACADEMIES = {
    "1": "Paris",
    "2": "Aix-Marseille",
    "3": "Besançon",
    "4": "Bordeaux",
    "5": "Caen",
    "6": "Clermont-Ferrand",
    "7": "Dijon",
    "8": "Grenoble",
    "9": "Lille",
    "10": "Lyon",
    "11": "Montpellier",
    "12": "Nancy-Metz",
    "13": "Poitiers",
    "14": "Rennes",
    "15": "Strasbourg",
    "16": "Toulouse",
    "17": "Nantes",
    "18": "Orléans-Tours",
    "19": "Reims",
    "20": "Amiens",
    "21": "Rouen",
    "22": "Limoges",
    "23": "Nice",
    "24": "Créteil",
    "25": "Versailles",
    "27": "Corse",
    "28": "La Réunion",
    "31": "Martinique",
    "32": "Guadeloupe",
    "33": "Guyane",
    "40": "Nouvelle-Calédonie",
    "41": "Polynésie",
    "42": "Wallis-et-Futuna",
    "43": "Mayotte",
    "44": "Saint-Pierre-et-Miquelon",
    "70": "Normandie",
    "98": "Agricole",
}
"""Code without leading zero, to name."""


def normalise_academy(code: str) -> str:
    """Return a code without its leading zero: « 08 » and « 8 » are one academy.

    Raises:
        ValueError: It is no code of an academy.
    """
    bare = code.strip().lstrip("0")
    if bare not in ACADEMIES:
        raise ValueError(f"{code!r} is no code of an academy")
    return bare


def academy_name(code: str) -> str:
    """Return the name of an academy.

    Raises:
        ValueError: It is no code of an academy.
    """
    return ACADEMIES[normalise_academy(code)]
