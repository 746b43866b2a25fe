"""AAF of second degree: collèges and lycées.

A link is on the pupil's record alone: `guardian $ relation $ pays $ legal $ to be called $ paid`. Old files write the relation with one
digit (1 father, 2 mother) and the two legal guardians as 1 and 2; newer ones have SIECLE's codes (10 mother, 20 father) and 1 for both.
"""

from idp.journeys.directory_mapping.aaf import AafNames, LinkParts
from idp.journeys.directory_mapping.shared import UnusableRecord, check_link

LINK_FIELDS = 6


def read_link(name: str, who: str, value: str) -> LinkParts:
    """Return the person, the relation and the legal level of one value.

    Raises:
        UnusableRecord: It has not six fields, or one of the three cannot be what it should be.
    """
    fields = value.split("$")
    if len(fields) != LINK_FIELDS:
        raise UnusableRecord(f"{name} has {len(fields)} fields instead of {LINK_FIELDS}")
    person, relation, level = fields[0].strip(), fields[1].strip(), fields[3].strip()
    check_link(name, who, person, relation, level)
    return person, relation, level


AAF_2D = AafNames(
    family_name="sn",
    given_name="givenName",
    title="personalTitle",
    mobiles=("ENTPersonMobileSMS", "mobile"),
    other_phones=("homePhone", "telephoneNumber"),
    level=("ENTEleveNivFormation", "ENTEleveMEF"),
    classes="ENTEleveClasses",
    guardians_of_pupil="ENTElevePersRelEleve",
    pupils_of_guardian="",
    town="l",
    degree=None,
    read_link=read_link,
)
