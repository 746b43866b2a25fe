"""Reads SIECLE's ResponsablesAvecAdresses (root `BEE_RESPONSABLES`): a guardian for each PERSONNE, a link for each RESPONSABLE_ELEVE.

Both are wherever the file puts them, below DONNEES; their values are the elements inside. Addresses and all else are passed over.
"""

from idp.adapters.directory_files.xml_records import Draft, XmlRecords
from idp.journeys.directory_ports import Kind, Operation, Origin, RejectedRecord, SourceRecord

_KINDS = {"PERSONNE": Kind.GUARDIAN, "RESPONSABLE_ELEVE": Kind.LINK}
_SECTIONS = frozenset(
    {"BEE_RESPONSABLES", "PARAMETRES", "UAJ", "ANNEE_SCOLAIRE", "DATE_EXPORT", "HORODATAGE", "DONNEES"}
    | {"PERSONNES", "RESPONSABLES", "ADRESSES", "ADRESSE"}
)
_VALUES = frozenset(
    {"LC_CIVILITE", "LL_CIVILITE", "NOM", "NOM_USAGE", "NOM_DE_FAMILLE", "PRENOM", "MEL", "CODE_PROFESSION"}
    | {"TEL_PERSONNEL", "TEL_PORTABLE", "TEL_PROFESSIONNEL", "ACCEPTE_SMS", "COMMUNICATION_ADRESSE", "ADRESSE_ID"}
    | {"ELEVE_ID", "PERSONNE_ID", "NIVEAU_RESPONSABILITE", "CODE_PARENTE", "PAIE_FRAIS_SCOLAIRES"}
    | {"PERCOIT_LES_AIDES", "HEBERGE_ELEVE", "A_CONTACTER_EN_PRIORITE"}
    | {"RESP_LEGAL", "RESP_FINANCIER", "PERS_PAIMENT", "PERS_CONTACT"}
    | {"LIGNE1_ADRESSE", "LIGNE2_ADRESSE", "LIGNE3_ADRESSE", "LIGNE4_ADRESSE"}
    | {"CODE_POSTAL", "LIBELLE_POSTAL", "CODE_PAYS", "LL_PAYS"}
)


class SiecleRecords(XmlRecords):
    """One file of SIECLE."""

    title = "file of SIECLE's ResponsablesAvecAdresses"
    root = "BEE_RESPONSABLES"
    elements = frozenset(_KINDS) | _SECTIONS | _VALUES
    attribute_names = frozenset({"VERSION", "PERSONNE_ID", "ADRESSE_ID"})

    def open_element(self, depth: int, tag: str, attributes: list[str]) -> bool:
        """Take an element below the root, and say whether its text is a value."""
        draft = self.draft
        if draft is None:
            if tag in _KINDS:
                self._open_record(depth, tag, attributes)
            return False
        if depth > self.record_depth + 1:
            draft.fail("elements nested deeper than in a record of SIECLE")
            return False
        return True

    def keep_value(self, draft: Draft, tag: str, value: str) -> None:
        """Take a value, whose tag says what it is."""
        draft.attributes.setdefault(tag, []).append(value)

    def finish(self, draft: Draft) -> SourceRecord | RejectedRecord:
        """Return the record of a person or of a link."""
        attributes = {name: tuple(values) for name, values in draft.attributes.items()}
        ids = ("PERSONNE_ID", "ELEVE_ID") if draft.kind == Kind.LINK else ("PERSONNE_ID",)
        for name in ids:
            if not draft.fault and not attributes.get(name):
                draft.fail(f"no {name}")
        if draft.fault:
            return RejectedRecord(self.file, draft.line, draft.fault)
        jointure = ".".join(attributes[name][0] for name in ids)
        return SourceRecord(self.file, draft.line, Operation.ADD, draft.kind, jointure, attributes, Origin.SIECLE)

    def _open_record(self, depth: int, tag: str, attributes: list[str]) -> None:
        draft = self.begin_record(depth)
        draft.kind = _KINDS[tag]
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            if value.strip():
                draft.attributes[name] = [value.strip()]
