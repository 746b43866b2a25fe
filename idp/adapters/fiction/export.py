"""What an export is: how many pupils, from which seed, in which formats, and where its files are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from idp.adapters.fiction.places import MAX_ACADEMIES, MAX_SCHOOLS, PUPILS_PER_SCHOOL
from idp.people.fiction import EXPORTED_ON
from idp.people.population import Codes

MAX_PUPILS = 5_000_000  # fewer than there are households with a number
MAX_ENT_PUPILS = 20_000
"""The most pupils for which the sample ENT's copy is written: it reads the whole of it when it starts."""


class Format(StrEnum):
    """What files are written."""

    AAF_2D = "aaf2d"
    AAF_1D = "aaf1d"
    SIECLE = "siecle"
    CSV = "csv"

    @property
    def degrees(self) -> frozenset[int]:
        """The degrees of the schools that such a file may be of."""
        return {Format.AAF_1D: frozenset({1}), Format.CSV: frozenset({1, 2})}.get(self, frozenset({2}))


class LinkSide(StrEnum):
    """Whose record states a link in AAF of first degree."""

    PUPIL = "pupil"
    GUARDIAN = "guardian"


class SiecleFields(StrEnum):
    """Which fields a link of SIECLE has: NIVEAU_RESPONSABILITE and its like, or RESP_LEGAL and its like."""

    NEW = "new"
    OLD = "old"


class CsvEncoding(StrEnum):
    """How a table is written: UTF-8 with its mark, or Windows-1252, where names lose the accents that it lacks."""

    UTF_8 = "utf-8"
    WINDOWS_1252 = "windows-1252"


class ExportFault(ValueError):  # noqa: N818  what somebody asked for is no error of the program
    """An export that cannot be; its text is one sentence."""


@dataclass(frozen=True, slots=True)
class Export:
    """What to write.

    Attributes:
        pupils: How many pupils, over all the degrees of the formats.
        seed: The population: the same number gives the same people.
        schools: How many of each degree; None for one for each 600 pupils.
        academies: How many; with several, each has a folder of its own.
        formats: Each once; with several, each has a folder of its own.
        split: Records in one AAF file.
        zipped: Put the files of each folder into one ZIP.
        delta: Write a second export besides, of what changed since: AAF only.
        codes: Codes of relation and legal level.
        links: Whose record states a link in AAF of first degree.
        siecle_fields: Which fields a link of SIECLE has.
        csv_encoding: How tables are written.
        exported_on: The day that the files bear.

    Raises:
        ExportFault: It cannot be.
    """

    pupils: int
    seed: int = 1
    schools: int | None = None
    academies: int = 1
    formats: tuple[Format, ...] = (Format.AAF_2D,)
    split: int = 5000
    zipped: bool = False
    delta: bool = False
    codes: Codes = Codes.MODERN
    links: LinkSide = LinkSide.PUPIL
    siecle_fields: SiecleFields = SiecleFields.NEW
    csv_encoding: CsvEncoding = CsvEncoding.UTF_8
    exported_on: date = EXPORTED_ON

    def __post_init__(self) -> None:
        bounds = (
            ("pupils", self.pupils, 1, MAX_PUPILS),
            ("academies", self.academies, 1, MAX_ACADEMIES),
            ("schools", self.school_count, self.academies, MAX_SCHOOLS),
            ("records in a file", self.split, 1, MAX_PUPILS),
        )
        for title, value, least, most in bounds:
            if not least <= value <= most:
                raise ExportFault(f"The number of {title} goes from {least} to {most}, and {value} was asked for.")
        if self.delta and not self.aaf:
            raise ExportFault("Only AAF has deltas: SIECLE and CSV are exported whole.")

    @property
    def school_count(self) -> int:
        """How many schools of each degree there are."""
        if self.schools is not None:
            return self.schools
        return min(MAX_SCHOOLS, max(self.academies, -(-self.pupils // PUPILS_PER_SCHOOL)))

    @property
    def degrees(self) -> frozenset[int]:
        """The degrees of the pupils that are written."""
        return frozenset().union(*(one.degrees for one in self.formats))

    @property
    def aaf(self) -> tuple[Format, ...]:
        """The formats that are AAF."""
        return tuple(one for one in self.formats if one in {Format.AAF_1D, Format.AAF_2D})

    @property
    def has_ent_directory(self) -> bool:
        """Whether the sample ENT's copy is written."""
        return bool(self.aaf) and self.pupils <= MAX_ENT_PUPILS

    def folder_of(self, folder: Path, file_format: Format, academy: str, *, delta: bool = False) -> Path:
        """Return where the files of one format and one academy are; a full export and its delta are kept apart."""
        if self.delta:
            folder /= "delta" if delta else "complet"
        if self.academies > 1:
            folder /= f"academie-{int(academy):02}"
        return folder / file_format.value if len(self.formats) > 1 else folder


Progress = Callable[[int], object]
"""Called now and then with the number of pupils written."""
