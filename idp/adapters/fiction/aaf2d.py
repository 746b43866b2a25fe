"""AAF of second degree (AAF-VE): collèges and lycées. The attributes are those that importers know, and none besides."""

from idp.adapters.fiction.aaf import Attributes, Group
from idp.adapters.fiction.export import Format
from idp.adapters.fiction.places import Enrolment, School, academy_title
from idp.people.population import (
    Adult,
    Child,
    Codes,
    Register,
    fictional_ine,
    record_id,
    relation_code,
    standing_codes,
)


class SecondDegree:
    """The dialect of second degree: a link is in the pupil's record."""

    file_format = Format.AAF_2D
    phone_attributes = frozenset({"mobile", "ENTPersonMobileSMS"})
    school_attributes = frozenset({"ENTPersonStructRattach", "ENTEleveClasses"})
    pupil_links = frozenset({"ENTElevePersRelEleve"})
    guardian_links: frozenset[str] = frozenset()

    def __init__(self, codes: Codes) -> None:
        self._codes = codes

    def pupil_id(self, academy: str, enrolment: Enrolment) -> str:
        """Return the jointure of a pupil."""
        return record_id(Register.PUPIL_2D, academy, enrolment.child.household, enrolment.child.slot)

    def guardian_id(self, academy: str, adult: Adult) -> str:
        """Return the jointure of a guardian."""
        return record_id(Register.GUARDIAN_2D, academy, adult.household, adult.slot)

    def pupil(self, group: Group, enrolment: Enrolment) -> Attributes:
        """Return a pupil's attributes."""
        child, school = enrolment.child, enrolment.school
        return {
            "ENTPersonJointure": (self.pupil_id(group.academy, enrolment),),
            "ENTEleveINE": (fictional_ine(child.household, child.slot),),
            "ENTEleveStructRattachId": (eleve_id(group.academy, child),),
            "ENTPersonDateNaissance": (f"{child.birth_date:%d/%m/%Y}",),
            "ENTPersonNomPatro": (child.family_name,),
            "sn": (child.family_name,),
            "givenName": (child.given_names[0],),
            "ENTPersonAutresPrenoms": child.given_names[1:],
            "personalTitle": ("Mlle" if child.girl else "M.",),
            "ENTElevePersRelEleve": [
                f"{self.guardian_id(group.academy, tie.adult)}${relation_code(tie.role, self._codes)}"
                f"${standing_codes(tie.standing, self._codes)}"
                for tie in child.ties
            ],
            "ENTEleveStatutEleve": ("SCOLAIRE",),
            "ENTEleveNivFormation": (child.level.name,),
            "ENTPersonStructRattach": (school.jointure,),
            "ENTEleveClasses": (f"{school.jointure}${enrolment.class_name}",),
            "ENTEleveGroupes": (),
        }

    def guardian(self, group: Group, adult: Adult) -> Attributes:
        """Return a guardian's attributes. Of one in five the mobile number is in `mobile` alone, as in older exports."""
        town = group.enrolments[0].school.town
        texted = "" if (adult.household + adult.slot) % 5 == 0 else adult.mobile
        return {
            "ENTPersonJointure": (self.guardian_id(group.academy, adult),),
            "ENTPersonDateNaissance": (),
            "ENTPersonNomPatro": (adult.birth_name,),
            "sn": (adult.family_name,),
            "givenName": (adult.given_names[0],),
            "ENTPersonAutresPrenoms": adult.given_names[1:],
            "personalTitle": ("Mme" if adult.woman else "M.",),
            "homePhone": (adult.landline,),
            "telephoneNumber": (),
            "mobile": (adult.mobile,),
            "ENTPersonMobileSMS": (texted,),
            "mail": (adult.mail,),
            "ENTPersonAdresse": (f"{adult.street}$$$",),
            "ENTPersonCodePostal": (town.postal_code,),
            "ENTPersonVille": (town.name,),
            "ENTPersonPays": ("FRANCE",),
            "ENTPersonAdresseDiffusion": ("N",),
        }

    def school(self, school: School) -> Attributes:
        """Return a school's attributes."""
        town = school.town
        return {
            "ENTStructureJointure": (school.jointure,),
            "ENTStructureUAI": (school.uai,),
            "ENTEtablissementUAI": (school.uai,),
            "ENTStructureNomCourant": (school.name,),
            "ENTStructureTypeStruct": (school.type_name,),
            "ENTEtablissementContrat": ("PU",),
            "street": (school.street,),
            "postalCode": (town.postal_code,),
            "l": (town.name,),
            "telephoneNumber": (school.phone,),
            "ENTServAcAcademie": (academy_title(town),),
            "ENTServAcCodeAcademie": (f"{int(town.academy):02}",),
            "ENTStructureClasses": school.classes,
            "ENTStructureGroupes": (),
        }


def eleve_id(academy: str, child: Child) -> str:
    """Return the pupil's id in the school's software: ENTEleveStructRattachId, and SIECLE's ELEVE_ID."""
    return record_id(Register.ELEVE_ID, academy, child.household, child.slot)
