"""AAF of first degree: écoles, from ONDE.

A link may be on either side: ENTEleveAutoriteParentale of the pupil names guardians, ENTPersRelEleveEleve of the guardian names pupils.
Of both only the first field is known for sure: the id of the other side. What is a guess here, for want of a file to look at:

- six fields mean what they mean in second degree;
- with fewer, the second one is the relation where it is a code, and the guardian is a legal one: the attribute of the pupil is named after
  parental authority, and no importer that we know of looks for more.
"""

from idp.journeys.directory_mapping import aaf2d
from idp.journeys.directory_mapping.aaf import AafNames, LinkParts
from idp.journeys.directory_mapping.shared import OTHER_LINK, check_link

_LEGAL = "1"


def read_link(name: str, who: str, value: str) -> LinkParts:
    """Return the person, the relation and the legal level of one value.

    Raises:
        UnusableRecord: The person's id cannot be one; or, of six fields, the relation or the legal level.
    """
    fields = [field.strip() for field in value.split("$")]
    if len(fields) == aaf2d.LINK_FIELDS:
        return aaf2d.read_link(name, who, value)
    relation = fields[1] if len(fields) > 1 and fields[1].isascii() and fields[1].isdigit() else OTHER_LINK
    check_link(name, who, fields[0], relation, _LEGAL)
    return fields[0], relation, _LEGAL


AAF_1D = AafNames(
    family_name="ENTPersonNom",
    given_name="ENTPersonPrenom",
    title="ENTPersonCivilite",
    mobiles=("ENTPersRelEleveTelMobile",),
    other_phones=("ENTPersonTelPerso", "ENTPersRelEleveTelPro"),
    level=("ENTEleveNiveau", "ENTEleveCycle"),
    classes="ENTPersonClasses",
    guardians_of_pupil="ENTEleveAutoriteParentale",
    pupils_of_guardian="ENTPersRelEleveEleve",
    town="ENTEcoleCommune",
    degree=1,
    read_link=read_link,
)
