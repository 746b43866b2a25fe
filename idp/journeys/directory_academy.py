"""Which academy the files of an import are of."""

from collections.abc import Callable, Iterable

from idp.journeys.directory_desk import DirectoryStore
from idp.journeys.directory_mapping import UnusableRecord, read_academy, read_entry, read_school_jointure
from idp.journeys.directory_ports import Kind, LinkRecordEntry, Operation, RejectedRecord, SourceRecord
from idp.people.academies import normalise_academy

FileEntry = SourceRecord | RejectedRecord
Source = Callable[[], Iterable[FileEntry]]
"""Begins a new reading of the files each time it is called."""


class ImportRefused(Exception):  # noqa: N818  the name says what happened
    """The import may not be done, and nothing was written; its text is one sentence for whoever asked for it."""


class AcademySigns:
    """What the records of an import say of their academy. Schools are asked for in batches, so that memory stays bounded."""

    def __init__(self, store: DirectoryStore, batch_size: int) -> None:
        self.named: set[str] = set()
        self._store = store
        self._batch_size = batch_size
        self._asked: set[str] = set()
        self._schools: set[str] = set()
        self._uais: set[str] = set()
        self._known: set[str] = set()

    def note(self, record: SourceRecord) -> None:
        """Take in one record."""
        if record.operation is Operation.DELETE:
            return
        if record.kind == Kind.SCHOOL:
            self.named |= _named_academy(record)
        elif record.kind == Kind.PUPIL:
            self._schools.add(read_school_jointure(record))
        elif record.kind == Kind.LINK:
            self._uais.add(_uai(record))
        if len(self._schools) + len(self._uais) >= self._batch_size:
            self.load_known()

    def load_known(self) -> set[str]:
        """Return the academies of the known schools that the records name."""
        schools, uais = self._schools - self._asked - {""}, self._uais - self._asked - {""}
        if schools or uais:
            self._known |= self._store.load_school_academies(sorted(schools), sorted(uais))
        self._asked |= schools | uais
        self._schools.clear()
        self._uais.clear()
        return self._known

    def academy(self) -> str:
        """Return the academy that the records say, "" for none.

        Raises:
            ImportRefused: They say several.
        """
        return _only(self.named) or _only(self.load_known())


def find_academy(source: Source, store: DirectoryStore, given: str, batch_size: int) -> str:
    """Return the academy of an import: the given one, else the first that a school's record names, else that of known schools.

    The files are read until a school's record names one: `AcademySigns` tells later whether others name another.

    Raises:
        ImportRefused: None can be told, or several.
    """
    if given:
        try:
            return normalise_academy(given)
        except ValueError as error:
            raise ImportRefused(f"{error}.") from None
    signs = AcademySigns(store, batch_size)
    for entry in source():
        if isinstance(entry, SourceRecord):
            signs.note(entry)
            if signs.named:
                break
    academy = signs.academy()
    if not academy:
        raise ImportRefused(
            "The academy of these files cannot be told: give the schools' file (EtabEducNat) in the same import, or name the academy."
        )
    return academy


def _only(academies: set[str]) -> str:
    if len(academies) > 1:
        listed = ", ".join(sorted(academies, key=int))
        raise ImportRefused(
            f"These files concern several academies ({listed}): import each academy's files alone, or name one."
        )
    return next(iter(academies), "")


def _named_academy(record: SourceRecord) -> set[str]:
    try:
        academy = read_academy(record)
    except UnusableRecord:
        return set()  # rejected by the reading that decides, which says so
    return {academy} if academy else set()


def _uai(record: SourceRecord) -> str:
    try:
        entry = read_entry(record, None, fiction=False)
    except UnusableRecord:
        return ""
    return entry.link.pupil_uai if isinstance(entry, LinkRecordEntry) else ""
