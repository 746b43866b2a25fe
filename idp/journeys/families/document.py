"""What a document may hold, member by member: the reader and docs/reference/families.md are both made from these classes.

Handles (`key`) name things inside one document; nobody outside ever sees one.
"""

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from idp.people.academies import ACADEMIES
from idp.people.civil_identity import Gender
from idp.people.population import Role

Path: TypeAlias = tuple[str | int, ...]
"""Where something stands: names of members, and places in lists from 0."""

ALWAYS = "always"
"""Of a fault that strikes every answer."""
MOST_TIMES = 1_000_000
RELATIONS = {role.name.lower().replace("_", "-"): role.modern for role in Role}
"""Word of the document to code of the directory."""


class When(StrEnum):
    """When the directory knows a pupil, seen from the accounts of the guardians."""

    ALWAYS = "always"
    """Before and after."""
    LEFT = "left"
    """When the accounts were activated, and no more today."""
    LATER = "later"
    """Only since an import that came after."""


@dataclass(frozen=True, slots=True)
class DocumentFault:
    """One thing to correct.

    Attributes:
        document: The document's name.
        line: Where it stands, from 1; 0 where nothing is known of lines.
        path: The member, for example ``families[0].guardians[1].phone``.
        problem: The value, and what would be right, without a full stop. A password is never repeated.
    """

    document: str
    line: int
    path: str
    problem: str

    def __str__(self) -> str:
        """Return the sentence."""
        where = f"{self.document}, line {self.line}" if self.line else self.document
        return f"{where}: {self.path} {self.problem}."


class FamiliesRefused(Exception):  # noqa: N818  the name says what happened
    """A document that cannot be used. Its text is one line for each fault, and nothing was written."""

    def __init__(self, *faults: DocumentFault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Rule:
    """How one member is written.

    Attributes:
        kind: ``text``, ``texts``, ``number``, ``times``, ``seconds``, ``flag``, ``date``, ``table`` or ``tables``; ``raw``: tables that
            somebody else reads.
        about: What it means, for whoever writes a document.
        among: The only values, none named: any.
        of: The class of a table, or of each of the tables.
    """

    kind: str
    about: str
    among: tuple[Any, ...] = ()
    of: "type[Member] | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A table of the document: its fields carry a `Rule`; `at` is where it stands."""

    at: Path


_BLANKS: dict[str, Any] = {
    "text": "",
    "texts": (),
    "number": 0,
    "flag": False,
    "date": date(1900, 1, 1),
    "times": 1,
    "seconds": None,
}


def rules_of(kind: type[Member]) -> Iterator[tuple[str, Rule, "Field[Any]"]]:
    """Yield each member of a table with its rule and its field."""
    for one in fields(kind):
        if "rule" in one.metadata:
            yield one.name, one.metadata["rule"], one


def is_required(one: "Field[Any]") -> bool:
    """Tell whether a member must be given."""
    return one.default is MISSING and one.default_factory is MISSING


def blank_of(rule: Rule) -> Any:
    """Return what stands for a member that is missing or malformed, so that the rest can be looked at too."""
    return _BLANKS.get(rule.kind, ())


def text(about: str, among: tuple[str, ...] = ()) -> dict[str, Rule]:
    """Return the rule of a text of one line."""
    return {"rule": Rule("text", about, among)}


def texts(about: str) -> dict[str, Rule]:
    """Return the rule of a list of texts."""
    return {"rule": Rule("texts", about)}


def number(about: str, among: tuple[int, ...]) -> dict[str, Rule]:
    """Return the rule of one of a few numbers."""
    return {"rule": Rule("number", about, among)}


def times(about: str) -> dict[str, Rule]:
    """Return the rule of how often something happens."""
    return {"rule": Rule("times", about)}


def seconds(about: str) -> dict[str, Rule]:
    """Return the rule of a length of time."""
    return {"rule": Rule("seconds", about)}


def flag(about: str) -> dict[str, Rule]:
    """Return the rule of a yes or no."""
    return {"rule": Rule("flag", about)}


def day(about: str) -> dict[str, Rule]:
    """Return the rule of a date."""
    return {"rule": Rule("date", about)}


def table(about: str, of: "type[Member]") -> dict[str, Rule]:
    """Return the rule of a table."""
    return {"rule": Rule("table", about, of=of)}


def tables(about: str, of: "type[Member]") -> dict[str, Rule]:
    """Return the rule of a list of tables."""
    return {"rule": Rule("tables", about, of=of)}


def raw(about: str) -> dict[str, Rule]:
    """Return the rule of tables that somebody else reads."""
    return {"rule": Rule("raw", about)}


@dataclass(frozen=True, slots=True, kw_only=True)
class School(Member):
    """An école, a collège or a lycée."""

    key: str = field(metadata=text("How pupils name it."))
    name: str = field(metadata=text("Its name on the pages."))
    uai: str = field(
        default="",
        metadata=text("`999`, four digits and I, O or Q: no real school has such a UAI. Empty with `listed = false`."),
    )
    academy: str = field(metadata=text("National code of its academy, `8` for Grenoble.", among=tuple(ACADEMIES)))
    degree: int = field(metadata=number("1: école. 2: collège or lycée.", among=(1, 2)))
    town: str = field(default="", metadata=text("Where it is."))
    sector: str = field(
        default="public", metadata=text("Public, or private under contract.", among=("public", "private"))
    )
    listed: bool = field(
        default=True,
        metadata=flag(
            "`false`: pupils name it, and no file brings its own record, so that nobody knows its UAI or its degree."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Member):
    """What a guardian activated. Without this table, nothing was."""

    identifiant: str = field(metadata=text("First letter, dot, family name in a to z, four digits: `j.dupont4271`."))
    password: str = field(default="", metadata=text("By the pages' rules. Empty: FranceConnect is the only way in."))
    locked: bool = field(
        default=False,
        metadata=flag(
            "Too many wrong passwords were just tried: the sign-in page says to wait, for 15 minutes after a load or a reset."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CivilPerson(Member):
    """Who a guardian is at FranceConnect's simulator, in the words of its own persons, so that it reads this table too (`--families`)."""

    login: str = field(metadata=text("Typed at any fictional identity provider."))
    password: str = field(default="123", metadata=text("Typed beside it."))
    about: str = field(default="", metadata=text("What she is there for, in the provider's list."))
    given_names: tuple[str, ...] = field(metadata=texts("Every first name, in order."))
    family_name: str = field(metadata=text("Birth name."))
    preferred_username: str = field(default="", metadata=text("Usage name."))
    gender: str = field(
        default=Gender.UNSPECIFIED.value,
        metadata=text("As the civil register says.", among=tuple(one.value for one in Gender)),
    )
    birthdate: str = field(metadata=text("`1984-03-02`; a day or a month may be `00`."))
    birthplace: str = field(default="", metadata=text("COG code of the commune, empty for a person born abroad."))
    birthcountry: str = field(default="99100", metadata=text("COG code of the country."))
    email: str = field(metadata=text("At her identity provider."))
    linked: bool = field(default=False, metadata=flag("Her account was linked with FranceConnect. Needs `account`."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Member):
    """How one academy's file of one degree writes a guardian, where it is not as above; or that there is such a record at all."""

    academy: str = field(metadata=text("National code.", among=tuple(ACADEMIES)))
    degree: int = field(metadata=number("Of the file.", among=(1, 2)))
    jointure: str = field(
        default="", metadata=text("The record's id, which `FrEduCtRefId` tells. Empty: one is made of the keys.")
    )
    family_name: str = field(default="", metadata=text("Name in use."))
    birth_name: str = field(default="", metadata=text("Birth name."))
    given_names: tuple[str, ...] = field(default=(), metadata=texts("First names, in order."))
    phone: str = field(default="", metadata=text("Mobile number."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardian(Member):
    """An adult whom a school knows: one record in each academy and degree where a pupil of hers is."""

    key: str = field(metadata=text("How links name her."))
    title: str = field(default="", metadata=text("Civility.", among=("", "M.", "Mme")))
    family_name: str = field(metadata=text("Name in use."))
    birth_name: str = field(default="", metadata=text("Birth name, where the files give one."))
    given_names: tuple[str, ...] = field(metadata=texts("First names, in order."))
    phone: str = field(
        default="",
        metadata=text("Mobile number: 06 39 98 xx xx, which belongs to nobody. Empty: the school knows none."),
    )
    account: Account | None = field(default=None, metadata=table("What she activated.", of=Account))
    franceconnect: CivilPerson | None = field(
        default=None, metadata=table("Who she is at FranceConnect's simulator.", of=CivilPerson)
    )
    records: tuple[Record, ...] = field(default=(), metadata=tables("How single files write her.", of=Record))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Member):
    """What one guardian is to a pupil."""

    guardian: str = field(metadata=text("Key of a guardian of the same family."))
    relation: str = field(metadata=text("What she is to the pupil.", among=tuple(RELATIONS)))
    legal: bool = field(default=True, metadata=flag("Whether she is a legal guardian. `false`: somebody to be called."))
    contested: bool = field(default=False, metadata=flag("She said « Je ne suis pas le représentant légal »."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil(Member):
    """A pupil."""

    key: str = field(metadata=text("A name of its own inside the family."))
    family_name: str = field(metadata=text("Family name."))
    given_name: str = field(metadata=text("First name."))
    birth_date: date = field(metadata=day("A date of TOML: `2012-04-12`."))
    school: str = field(metadata=text("Key of a school of this document."))
    ine: str = field(default="", metadata=text("`FICTIF-` and four to nine digits. Empty: one is made of the keys."))
    level: str = field(default="", metadata=text("For example `5EME`."))
    class_name: str = field(default="", metadata=text("For example `5EME B`."))
    when: str = field(
        default=When.ALWAYS.value,
        metadata=text(
            "`left`: gone since the accounts were activated. `later`: came with an import after that.",
            among=tuple(one.value for one in When),
        ),
    )
    guardians: tuple[Link, ...] = field(
        default=(), metadata=tables("Who answers for the pupil, each guardian once.", of=Link)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(Member):
    """Guardians and pupils who share a story."""

    key: str = field(metadata=text("A name of its own among all documents of an instance."))
    about: str = field(default="", metadata=text("The story, for whoever reads the document."))
    guardians: tuple[Guardian, ...] = field(default=(), metadata=tables("The adults.", of=Guardian))
    pupils: tuple[Pupil, ...] = field(default=(), metadata=tables("The children.", of=Pupil))


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultToArm(Member):
    """What goes wrong from the load on, and again from each reset on, wherever it was used up: one of the [faults](faults.md)."""

    key: str = field(
        metadata=text("A name of its own among all documents of an instance: another fault under it takes its place.")
    )
    fault: str = field(metadata=text("Its name in the catalogue."))
    times: int | str = field(default=1, metadata=times("How many answers it strikes."))
    client_id: str = field(
        default="", metadata=text("Whose answers alone: a client of this document, or one that the instance knows.")
    )
    identifiant: str = field(default="", metadata=text("Whose answers alone: of an account of the documents."))
    endpoint: str = field(default="", metadata=text("Where alone, of the endpoints where it bites."))
    seconds: float | None = field(default=None, metadata=seconds("How long `slow` takes; of no other fault."))


@dataclass(frozen=True, slots=True, kw_only=True)
class FamiliesDocument(Member):
    """The document."""

    name: str
    lines: dict[Path, int]
    title: str = field(default="", metadata=text("What it shows, in a few words."))
    about: str = field(default="", metadata=text("Which bug of real life it is for, in a sentence."))
    effect: str = field(default="", metadata=text("What is seen from outside, in a sentence."))
    schools: tuple[School, ...] = field(default=(), metadata=tables("The schools.", of=School))
    families: tuple[Family, ...] = field(default=(), metadata=tables("The families.", of=Family))
    faults: tuple[FaultToArm, ...] = field(
        default=(), metadata=tables("What goes wrong, on an instance with the control API.", of=FaultToArm)
    )
    clients: Any = field(
        default=(),
        metadata=raw(
            "Relying parties, as `[[clients]]` of the [settings](settings.md), where `[families]` names the document."
        ),
    )

    def guardians(self) -> Iterator[tuple[Family, Guardian]]:
        """Yield every guardian with her family."""
        for family in self.families:
            for guardian in family.guardians:
                yield family, guardian

    def pupils(self) -> Iterator[tuple[Family, Pupil]]:
        """Yield every pupil with the family."""
        for family in self.families:
            for pupil in family.pupils:
                yield family, pupil

    def identifiants(self) -> Iterator[str]:
        """Yield the identifiant of every account."""
        for _, guardian in self.guardians():
            if guardian.account is not None:
                yield guardian.account.identifiant

    def client_ids(self) -> Iterator[str]:
        """Yield the name of every client, where it is one: the settings read the rest."""
        for given in self.clients:
            if isinstance(given.get("client_id"), str):
                yield given["client_id"]

    def school(self, key: str) -> School | None:
        """Return the school with this key."""
        return next((one for one in self.schools if one.key == key), None)

    def fault(self, at: Path, problem: str) -> DocumentFault:
        """Return a fault at a place of this document."""
        return DocumentFault(self.name, line_of(self.lines, at), say_path(at), problem)


def line_of(lines: dict[Path, int], at: Path) -> int:
    """Return the line of a place, or of the nearest thing around it whose line is known."""
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 0)


def say_path(at: Path) -> str:
    """Return a place as people write it: ``families[0].guardians[1].phone``."""
    said = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return said.removeprefix(".") or "the document"
