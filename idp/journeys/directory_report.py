"""The account of an import."""

import json
from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class SchoolChanges:
    """What an import changes of one school, against what is known of it."""

    pupils_added: int = 0
    pupils_modified: int = 0
    pupils_absent: int = 0
    links_added: int = 0  # to pupils who are known already
    links_removed: int = 0
    links_changed: int = 0  # another relation or legal level
    phones_changed: int = 0  # a number that is known changes or goes
    known_links: int = 0
    known_phones: int = 0
    waiting: int = 0  # links of the guardians' side whose pupil is not known
    homonyms: int = 0  # and those that two pupils could be meant by

    @property
    def links(self) -> int:
        """Links of known pupils that are added, removed or changed."""
        return self.links_added + self.links_removed + self.links_changed


@dataclass(slots=True)
class ImportReport:
    """The account of an import.

    What was read is what was added, modified, deleted, left unchanged or rejected. What a full export no longer holds was not read:
    `absent` counts it apart. Links of the guardians' side are counted where they end, as they stand in the whole academy: made, waiting
    for their pupil, or in doubt between homonyms.
    """

    academy: str
    dry_run: bool = False
    full: bool = False  # what the files no longer hold becomes absent
    read: int = 0
    added: int = 0
    modified: int = 0
    deleted: int = 0
    unchanged: int = 0
    rejected: int = 0
    absent: int = 0
    linked: int = 0
    waiting: int = 0
    homonyms: int = 0
    skipped: dict[str, int] = field(default_factory=dict)  # by kind; not part of what was read
    incomplete_files: list[str] = field(default_factory=list)  # cut short or ill-formed: their end was not read
    notes: list[str] = field(default_factory=list)  # sentences that whoever imports must read
    schools: dict[str, SchoolChanges] = field(default_factory=dict)  # by UAI, those that something changes

    @property
    def balanced(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.added + self.modified + self.deleted + self.unchanged + self.rejected

    @property
    def clean(self) -> bool:
        """Whether nothing was rejected and no link is in doubt: the command's exit status."""
        return not (self.rejected or self.homonyms)

    def school(self, uai: str) -> SchoolChanges:
        """Return what changes of a school, to be added to."""
        return self.schools.setdefault(uai, SchoolChanges())

    def to_json(self) -> str:
        """Return the report as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)
