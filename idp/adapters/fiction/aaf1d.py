"""AAF of first degree: écoles, from ONDE, with attribute names of its own.

The links are in the pupils' records or in the guardians'. How their values look is not known beyond the first field, the other side's
id; all six fields of second degree are written.
"""

from idp.adapters.fiction.aaf import Attributes, Group
from idp.adapters.fiction.export import Format, LinkSide
from idp.adapters.fiction.places import Enrolment, School, academy_title
from idp.people.population import (
    Adult,
    Codes,
    Register,
    Tie,
    fictional_ine,
    record_id,
    relation_code,
    standing_codes,
)

_ON_PUPIL = "ENTEleveAutoriteParentale"
_ON_GUARDIAN = "ENTPersRelEleveEleve"
_CYCLES = {"PS": "1", "MS": "1", "GS": "1", "CP": "2", "CE1": "2", "CE2": "2", "CM1": "3", "CM2": "3"}


class FirstDegree:
    """The dialect of first degree."""

    file_format = Format.AAF_1D
    phone_attributes = frozenset({"ENTPersRelEleveTelMobile"})
    school_attributes = frozenset({"ENTPersonStructRattach", "ENTPersonClasses"})

    def __init__(self, codes: Codes, side: LinkSide) -> None:
        self._codes = codes
        self._side = side
        self.pupil_links = frozenset({_ON_PUPIL}) if side is LinkSide.PUPIL else frozenset[str]()
        self.guardian_links = frozenset({_ON_GUARDIAN}) if side is LinkSide.GUARDIAN else frozenset[str]()

    def pupil_id(self, academy: str, enrolment: Enrolment) -> str:
        """Return the jointure of a pupil."""
        return record_id(Register.PUPIL_1D, academy, enrolment.child.household, enrolment.child.slot)

    def guardian_id(self, academy: str, adult: Adult) -> str:
        """Return the jointure of a guardian."""
        return record_id(Register.GUARDIAN_1D, academy, adult.household, adult.slot)

    def pupil(self, group: Group, enrolment: Enrolment) -> Attributes:
        """Return a pupil's attributes."""
        child, school = enrolment.child, enrolment.school
        attributes: dict[str, tuple[str, ...]] = {
            "ENTPersonJointure": (self.pupil_id(group.academy, enrolment),),
            "ENTEleveINE": (fictional_ine(child.household, child.slot),),
            "ENTPersonDateNaissance": (f"{child.birth_date:%d/%m/%Y}",),
            "ENTPersonNomPatro": (child.family_name,),
            "ENTPersonNom": (child.family_name,),
            "ENTPersonPrenom": (child.given_names[0],),
            "ENTPersonAutresPrenoms": child.given_names[1:],
            "ENTPersonCivilite": ("Mlle" if child.girl else "M.",),
            "ENTEleveNiveau": (child.level.name,),
            "ENTEleveCycle": (_CYCLES[child.level.name],),
            "ENTPersonStructRattach": (school.jointure,),
            "ENTPersonClasses": (f"{school.jointure}${enrolment.class_name}",),
            "ENTPersonGroupes": (),
        }
        if self._side is LinkSide.PUPIL:
            attributes[_ON_PUPIL] = tuple(
                self._link(self.guardian_id(group.academy, tie.adult), tie) for tie in child.ties
            )
        return attributes

    def guardian(self, group: Group, adult: Adult) -> Attributes:
        """Return a guardian's attributes, with the links to all the household's pupils of this academy."""
        town = group.enrolments[0].school.town
        attributes: dict[str, tuple[str, ...]] = {
            "ENTPersonJointure": (self.guardian_id(group.academy, adult),),
            "ENTPersonNomPatro": (adult.birth_name,),
            "ENTPersonNom": (adult.family_name,),
            "ENTPersonPrenom": (adult.given_names[0],),
            "ENTPersonAutresPrenoms": adult.given_names[1:],
            "ENTPersonCivilite": ("Mme" if adult.woman else "M.",),
            "ENTPersonTelPerso": (adult.landline,),
            "ENTPersRelEleveTelPro": (),
            "ENTPersRelEleveTelMobile": (adult.mobile,),
            "ENTPersonMail": (adult.mail,),
            "ENTPersonAdresse": (f"{adult.street}$$$",),
            "ENTPersonCodePostal": (town.postal_code,),
            "ENTPersonVille": (town.name,),
            "ENTPersonPays": ("FRANCE",),
        }
        if self._side is LinkSide.GUARDIAN:
            attributes[_ON_GUARDIAN] = tuple(
                self._link(self.pupil_id(group.academy, one), tie)
                for one in group.enrolments
                for tie in one.child.ties
                if tie.adult.slot == adult.slot
            )
        return attributes

    def school(self, school: School) -> Attributes:
        """Return an école's attributes."""
        town = school.town
        return {
            "ENTStructureJointure": (school.jointure,),
            "ENTStructureUAI": (school.uai,),
            "ENTStructureNomCourant": (school.name,),
            "ENTStructureTypeStruct": (school.type_name,),
            "ENTStructureAdresse": (school.street,),
            "ENTEcoleCommune": (town.name,),
            "ENTServAcAcademie": (academy_title(town),),
            "ENTServAcCodeAcademie": (f"{int(town.academy):02}",),
            "ENTStructureClasses": school.classes,
        }

    def _link(self, other: str, tie: Tie) -> str:
        return f"{other}${relation_code(tie.role, self._codes)}${standing_codes(tie.standing, self._codes)}"
