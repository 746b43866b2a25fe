"""SIECLE's ResponsablesAvecAdresses: guardians (PERSONNE) and links (RESPONSABLE_ELEVE). It names no pupil but by ELEVE_ID.

Old files give RESP_LEGAL (1 and 2 are the two legal guardians, 0 is none) and no relation; newer ones NIVEAU_RESPONSABILITE (1 legal
guardian, 2 person in charge, 3 contact) and CODE_PARENTE (10 mother, 20 father…).
"""

from idp.journeys.directory_mapping.shared import (
    NAME_LIMIT,
    OTHER_LINK,
    UnusableRecord,
    check_link,
    first,
    given_names,
    mobile,
    required,
    text,
    title,
)
from idp.journeys.directory_ports import (
    GuardianEntry,
    Kind,
    LinkRecordEntry,
    PupilKey,
    SourceRecord,
    StatedLink,
)
from idp.people.kinship import is_legal_guardian

MOBILE = "TEL_PORTABLE"
PHONES = (MOBILE, "TEL_PERSONNEL", "TEL_PROFESSIONNEL")

_OLD_LEGAL = frozenset({"1", "2"})


def read_entry(record: SourceRecord, *, fiction: bool) -> GuardianEntry | LinkRecordEntry:
    """Return what is to be kept of a record of SIECLE; see the package's `read_entry`."""
    if record.kind == Kind.GUARDIAN:
        return _read_guardian(record, fiction=fiction)
    if record.kind == Kind.LINK:
        return _read_link(record)
    raise UnusableRecord("a kind of record that SIECLE's file does not have")


def _read_guardian(record: SourceRecord, *, fiction: bool) -> GuardianEntry:
    birth_name = text(record, "NOM_DE_FAMILLE", limit=NAME_LIMIT)
    usage_name = text(record, "NOM_USAGE", limit=NAME_LIMIT) or text(record, "NOM", limit=NAME_LIMIT)
    if not birth_name and not usage_name:
        raise UnusableRecord("no NOM_DE_FAMILLE")
    names = given_names([required(record, "PRENOM", limit=NAME_LIMIT)])
    if not names:
        raise UnusableRecord("no PRENOM")
    return GuardianEntry(
        jointure=record.jointure,
        family_name=usage_name or birth_name,
        birth_name=birth_name,
        given_names=names,
        title=title(record, "LC_CIVILITE", "LL_CIVILITE"),
        mobile=mobile(record, (MOBILE,), fiction=fiction),
    )


def _read_link(record: SourceRecord) -> LinkRecordEntry:
    guardian, pupil = first(record, "PERSONNE_ID"), first(record, "ELEVE_ID")
    level = first(record, "NIVEAU_RESPONSABILITE")
    relation = first(record, "CODE_PARENTE") or OTHER_LINK
    if level:
        legal = is_legal_guardian(relation, level)
    else:
        level = first(record, "RESP_LEGAL")
        legal = level in _OLD_LEGAL
    check_link("RESPONSABLE_ELEVE", "guardian", guardian, relation, level)
    check_link("RESPONSABLE_ELEVE", "pupil", pupil, relation, level)
    return LinkRecordEntry(guardian, StatedLink(PupilKey.RATTACH, pupil, "", relation, level, legal))
