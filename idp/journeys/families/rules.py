"""What may not be in a document: the checks, in the order in which their faults are told. All are made; none stops the others.

Fictional only: a phone, a UAI or an INE that could be somebody's is refused by its name. And only what could have come of the real
journeys: whether an account may be there is asked of the rules that a parent meets (`people.persons`, `people.identity_matching`,
`people.passwords`), and a record of the rules that a file meets (`directory_mapping`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from idp.journeys.directory_mapping import JOINTURE, UnusableRecord, read_entry
from idp.journeys.directory_ports import Operation, SourceRecord
from idp.journeys.families.armed import FaultJudge, find_unarmable
from idp.journeys.families.civil import civil_identity, is_civil_birthdate
from idp.journeys.families.document import (
    DocumentFault,
    FamiliesDocument,
    Family,
    FaultToArm,
    Guardian,
    Path,
    Pupil,
    School,
    When,
)
from idp.journeys.families.proof import find_records
from idp.journeys.families.reading import show
from idp.journeys.families.records import GuardianRecord, guardian_records, links_of, records_after, records_before
from idp.people.fiction import is_fictional_ine, is_fictional_uai
from idp.people.identifiants import identifiant_stem, is_identifiant
from idp.people.identity_matching import pupil_contradiction
from idp.people.passwords import normalise_password, password_fault
from idp.people.phones import is_fictional, parse_directory_mobile
from idp.people.records import Guardian as KnownGuardian

Faults = Iterator[DocumentFault]
_KEY = re.compile(r"[\w.-]{1,64}")
_PHONE = "a number from 06 39 98 00 00 to 06 39 98 99 99, which belongs to nobody"
_PASSWORD_FAULTS = {
    "too-long": "has more than 128 characters",
    "rules": "must have 8 characters or more, with an upper and a lower case letter, a digit and a special character",
    "common": "is one of the most used passwords",
    "own-name": "may not hold a name of the family",
}


@dataclass(frozen=True, slots=True)
class Bench:
    """What the checks look at.

    Attributes:
        documents: All that will be loaded together.
        is_common: Tells whether a password is among the most used ones.
        judge: Knows the faults.
    """

    documents: Sequence[FamiliesDocument]
    is_common: Callable[[str], bool]
    judge: FaultJudge

    def records(self) -> Iterator[tuple[FamiliesDocument, Family, GuardianRecord]]:
        """Yield every guardian's record."""
        for document in self.documents:
            for family, guardian in document.guardians():
                for record in guardian_records(document, family, guardian):
                    yield document, family, record


def find_faults(
    documents: Sequence[FamiliesDocument], is_common: Callable[[str], bool], judge: FaultJudge
) -> list[DocumentFault]:
    """Return everything that is wrong with documents that are loaded together, each member of which is right in itself.

    Args:
        documents: The documents.
        is_common: Tells whether a password is among the most used ones.
        judge: Knows the faults that may be armed.
    """
    bench = Bench(documents, is_common, judge)
    faults = [fault for check in _FIRST for fault in check(bench)]
    # What follows takes keys, references and numbers for right.
    return faults or [fault for check in _THEN for fault in check(bench)]


# --- keys, references and fiction -----------------------------------------------------------------------------------------------------


def _keys(bench: Bench) -> Faults:
    for document in bench.documents:
        yield from _well_named(document, document.faults)
        yield from _repeated(document, "key", [(one.at, one.key) for one in document.schools])
        yield from _repeated(document, "uai", [(one.at, one.uai) for one in document.schools if one.uai])
        for family in document.families:
            yield from _well_named(document, [family, *family.guardians, *family.pupils])
            yield from _repeated(document, "key", [(one.at, one.key) for one in family.guardians])
            yield from _repeated(document, "key", [(one.at, one.key) for one in family.pupils])
            for pupil in family.pupils:
                yield from _repeated(document, "guardian", [(one.at, one.guardian) for one in pupil.guardians])
            for guardian in family.guardians:
                places = [(one.at, f"{one.academy}, degree {one.degree}") for one in guardian.records]
                yield from _repeated(document, "academy", places)
    yield from _repeated_anywhere(
        (document, family.at, "key", family.key) for document in bench.documents for family in document.families
    )
    guardians = [(document, one) for document in bench.documents for _, one in document.guardians()]
    yield from _repeated_anywhere(
        (document, one.account.at, "identifiant", one.account.identifiant) for document, one in guardians if one.account
    )
    yield from _repeated_anywhere(
        (document, one.at, "key", one.key) for document in bench.documents for one in document.faults
    )
    yield from _repeated_anywhere(
        (document, one.franceconnect.at, "login", one.franceconnect.login)
        for document, one in guardians
        if one.franceconnect
    )


def _well_named(document: FamiliesDocument, keyed: Sequence[Family | Guardian | Pupil | FaultToArm]) -> Faults:
    for one in keyed:
        if not _KEY.fullmatch(one.key):
            yield document.fault(
                (*one.at, "key"), f"= {show(one.key)} must be 1 to 64 letters, digits, hyphens, dots or underscores"
            )


def _repeated(document: FamiliesDocument, member: str, given: Sequence[tuple[Path, str]]) -> Faults:
    counts = Counter(value for _, value in given)
    for at, value in given:
        if not value:
            yield document.fault((*at, member), "must not be empty")
        elif counts[value] > 1:
            yield document.fault(
                (*at, member), f"= {show(value)} is given {counts[value]} times: each must be another one"
            )


def _repeated_anywhere(given: Iterable[tuple[FamiliesDocument, Path, str, str]]) -> Faults:
    first: dict[str, tuple[FamiliesDocument, Path]] = {}
    for document, at, member, value in given:
        if not value:
            yield document.fault((*at, member), "must not be empty")
        elif value in first:
            other = first[value][0].fault((*first[value][1], member), "")
            where = f"line {other.line} of {other.document}" if other.line else other.path
            yield document.fault(
                (*at, member), f"= {show(value)} is there already, in {where}: each must be another one"
            )
        else:
            first[value] = (document, at)


def _references(bench: Bench) -> Faults:
    for document in bench.documents:
        schools = [one.key for one in document.schools]
        for family, pupil in document.pupils():
            if pupil.school not in schools:
                yield document.fault(
                    (*pupil.at, "school"), f"= {show(pupil.school)} is no school's key: {_listed(schools)}"
                )
            adults = [one.key for one in family.guardians]
            for link in pupil.guardians:
                if link.guardian not in adults:
                    yield document.fault(
                        (*link.at, "guardian"),
                        f"= {show(link.guardian)} is no guardian's key of this family: {_listed(adults)}",
                    )


def _schools(bench: Bench) -> Faults:
    for document in bench.documents:
        for school in document.schools:
            at = (*school.at, "uai")
            if school.listed and not is_fictional_uai(school.uai):
                yield document.fault(
                    at, f"= {show(school.uai)} may be a real school's: write 999, four digits and I, O or Q"
                )
            elif school.uai and not school.listed:
                yield document.fault(at, "must be left out, because listed = false: nobody knows it")


def _same_schools(bench: Bench) -> Faults:
    """Two documents may speak of one school, in the same words: each would undo what the other says."""
    known: dict[str, tuple[str, School]] = {}
    for document in bench.documents:
        for school in document.schools:
            name, other = known.setdefault(school.uai, (document.name, school))
            said, said_there = (replace(one, at=(), key="") for one in (school, other))
            if school.listed and said != said_there:
                yield document.fault(
                    (*school.at, "uai"),
                    f"= {show(school.uai)} is described in other words in {name}: give both the same",
                )


def _fiction(bench: Bench) -> Faults:
    for document in bench.documents:
        for _, guardian in document.guardians():
            for at, phone in ((guardian.at, guardian.phone), *((one.at, one.phone) for one in guardian.records)):
                number = parse_directory_mobile(phone, fiction=True) if phone else None
                if phone and (number is None or not is_fictional(number)):
                    yield document.fault((*at, "phone"), f"= {show(phone)} may be somebody's: write {_PHONE}")
        for _, pupil in document.pupils():
            if pupil.ine and not is_fictional_ine(pupil.ine):
                yield document.fault(
                    (*pupil.at, "ine"), f"= {show(pupil.ine)} may be somebody's: write FICTIF- and four to nine digits"
                )


def _civil(bench: Bench) -> Faults:
    for document in bench.documents:
        for _, guardian in document.guardians():
            person = guardian.franceconnect
            if person is None:
                continue
            if not is_civil_birthdate(person.birthdate):
                yield document.fault(
                    (*person.at, "birthdate"),
                    f"= {show(person.birthdate)} must be a date, 1984-03-02, whose day or month may be 00",
                )
            if not person.email.endswith(".example"):
                yield document.fault(
                    (*person.at, "email"), f"= {show(person.email)} may be somebody's: end it with .example"
                )
            if person.linked and guardian.account is None:
                yield document.fault((*person.at, "linked"), "needs account: what is linked is an account")


def _attachments(bench: Bench) -> Faults:
    for document in bench.documents:
        for family, guardian in document.guardians():
            if not guardian_records(document, family, guardian):
                yield document.fault(
                    guardian.at,
                    "has no pupil: say in records which academy and degree know her, or no file would hold her",
                )


def _armed(bench: Bench) -> Faults:
    yield from find_unarmable(bench.documents, bench.judge)


# --- what files and journeys would not make --------------------------------------------------------------------------------------------


def _records(bench: Bench) -> Faults:
    """Each record must be one that an import takes, and have an id of its own."""
    for document in bench.documents:
        for records in (records_before([document], leavers=True), records_after([document])):
            for at, record in (pair for some in records.values() for pair in some):
                if record.operation is Operation.DELETE:
                    continue
                why = _find_refusal(record)
                if why:
                    yield document.fault(at, f"makes a record that an import rejects: {why}")
    yield from _repeated_anywhere(
        (document, record.at, "jointure", f"{record.academy}/{record.degree}/{record.jointure}")
        for document, _, record in bench.records()
    )


def _find_refusal(record: SourceRecord) -> str:
    if not JOINTURE.fullmatch(record.jointure):
        return "no usable id (jointure)"
    try:
        read_entry(record, None, fiction=True)
    except UnusableRecord as why:
        return str(why)
    return ""


def _contests(bench: Bench) -> Faults:
    for document in bench.documents:
        for family, guardian in document.guardians():
            for _, link in links_of(family, guardian):
                if link.contested and not (guardian.phone and link.legal):
                    yield document.fault(
                        (*link.at, "contested"), "needs a legal guardian with a phone: nobody else is ever asked"
                    )


def _identifiants(bench: Bench) -> Faults:
    for document, _, guardian in _holders(bench):
        account = guardian.account
        stem = identifiant_stem(guardian.given_names[0], guardian.family_name)
        if account and not (is_identifiant(account.identifiant) and account.identifiant[:-4] == stem):
            yield document.fault(
                (*account.at, "identifiant"),
                f"= {show(account.identifiant)} must be {stem} and four digits, as the journeys give it",
            )


def _ways_in(bench: Bench) -> Faults:
    for document, family, guardian in _holders(bench):
        account, person = guardian.account, guardian.franceconnect
        if account is None:
            continue
        if not account.password and not (person and person.linked):
            yield document.fault((*account.at, "password"), "is missing: give one, or franceconnect with linked = true")
        if not account.password and account.locked:
            yield document.fault((*account.at, "locked"), "needs password: it is wrong passwords that lock")
        words = [guardian.family_name, guardian.birth_name, *guardian.given_names]
        words += [name for pupil, _ in links_of(family, guardian) for name in (pupil.family_name, pupil.given_name)]
        password = normalise_password(account.password)
        code = password_fault(password, own_words=[word for word in words if word], is_common=bench.is_common)
        if account.password and code:
            yield document.fault((*account.at, "password"), _PASSWORD_FAULTS[code])


def _provable(bench: Bench) -> Faults:
    """An account is there only where its guardian could have proved phone and children (guarantee 2 of docs/security.md)."""
    known = list(_known_records(bench))
    for document, family, guardian in _holders(bench):
        account = guardian.account
        if account is None:
            continue
        own = {(one.academy, one.degree) for one in guardian_records(document, family, guardian) if not one.later}
        standing = [
            pupil
            for pupil, link in links_of(family, guardian)
            if link.legal and not link.contested and pupil.when != When.LATER
        ]
        if not guardian.phone:
            yield document.fault(account.at, "needs the guardian's phone: a code is sent to it")
        elif not standing or not own:
            yield document.fault(
                account.at,
                "needs a legal link that is not contested, to a pupil who does not come later: there is nothing to prove",
            )
        else:
            why = _find_doubt(guardian, known) or _find_contradiction(
                guardian, [pupil.birth_date for pupil in standing]
            )
            if why:
                yield document.fault(account.at, f"could not have been activated: {why}")


def _find_doubt(guardian: Guardian, known: Sequence[tuple[Guardian, KnownGuardian]]) -> str:
    """Return why the person is not found by what she would type, or by what FranceConnect would say, "" when she is."""
    phone = parse_directory_mobile(guardian.phone, fiction=True)
    holders = [record for _, record in known if record.mobile == phone]
    owners = {record.id: owner for owner, record in known}
    found, why = find_records(guardian, holders)
    if any(owners[record.id] is not guardian for record in found):
        return "another guardian's record is taken for hers"
    return why


def _find_contradiction(guardian: Guardian, births: Sequence[date]) -> str:
    person = guardian.franceconnect
    if person is None or not person.linked:
        return ""
    return pupil_contradiction(civil_identity(person), births)


def _known_records(bench: Bench) -> Iterator[tuple[Guardian, KnownGuardian]]:
    earlier = (record for _, _, record in bench.records() if not record.later)
    for number, record in enumerate(earlier, start=1):
        yield record.owner, record.as_known(number)


def _holders(bench: Bench) -> Iterator[tuple[FamiliesDocument, Family, Guardian]]:
    for document in bench.documents:
        for family, guardian in document.guardians():
            if guardian.account is not None:
                yield document, family, guardian


def _listed(keys: Sequence[str]) -> str:
    return f"there are {', '.join(map(show, keys))}" if keys else "there is none"


_FIRST = (_keys, _references, _schools, _same_schools, _fiction, _civil, _attachments, _armed)
"""Whether the document says what it means."""
_THEN = (_records, _contests, _identifiants, _ways_in, _provable)
"""Whether that could be."""
