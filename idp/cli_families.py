"""`preau families`: schools, families and clients of a test instance, as code, and the library of named cases."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli_support import database_faults, refuse, with_settings

if TYPE_CHECKING:
    from idp.journeys.families.document import DocumentFault, FamiliesDocument
    from idp.settings import Settings

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def families() -> None:
    """Families as code, for test instances."""


@families.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
def families_check(files: tuple[Path, ...]) -> None:
    """Read families documents that are to be loaded together; say all that is wrong, one line each, and exit 1; or say that all is well."""
    from idp.adapters.passwords import ZxcvbnJudge
    from idp.journeys.families.document import DocumentFault, FamiliesRefused
    from idp.journeys.families.rules import find_faults
    from idp.sandbox.fault_rules import DocumentFaults
    from idp.settings.document_clients import client_faults_of

    documents = _read(_load_texts(files))
    faults = find_faults(documents, ZxcvbnJudge().is_common, DocumentFaults(None))
    for one in documents:
        for place, key, problem in client_faults_of(one.clients):
            line = one.fault(("clients", place), "").line
            faults.append(DocumentFault(one.name, line, key, problem))
    if faults:
        refuse(str(FamiliesRefused(*faults)))
    for one in documents:
        guardians, pupils = len(list(one.guardians())), len(list(one.pupils()))
        click.echo(
            f"{one.name} is right: {_count(len(one.families), 'family', 'families')}, {_count(guardians, 'guardian')}, "
            f"{_count(pupils, 'pupil')}, {_count(len(one.schools), 'school')}, {_count(len(one.clients), 'client')}, "
            f"{_count(len(one.faults), 'fault')}."
        )


@families.command("load")
@click.argument("files", metavar="[FILE...]", nargs=-1, type=_FILE)
@with_settings
def families_load(settings: "Settings", files: tuple[Path, ...]) -> None:
    """Take families documents into this test instance, as imports and activations would make them. A second load changes nothing.

    Without FILE: those that [families] of the settings names.
    """
    from idp.families import build_families_loader
    from idp.journeys.directory_desk import ImportUnderWay
    from idp.journeys.families.document import FamiliesRefused
    from idp.world import build_world

    if not settings.test_instance:
        refuse("Families are fictional: they are loaded into a test instance only (test_instance = true).")
    if not files and not settings.families.asked:
        refuse("Which families? Give files, or name some in [families] of the settings.")
    texts = _load_texts(files) if files else _load_named_texts(settings)
    documents = _read(texts)
    try:
        with database_faults():
            report = build_families_loader(build_world(settings)).load(documents)
    except (FamiliesRefused, ImportUnderWay) as refusal:
        refuse(str(refusal))
    click.echo(
        f"Directory: {report.added} records added, {report.changed} changed, {report.unchanged} unchanged. "
        f"Accounts: {len(report.made)} made, {len(report.kept)} there already. "
        f"Faults: {len(report.armed)} armed."
    )
    for sentence in report.notes:
        click.echo(sentence, err=True)
    known = {one.client_id for one in settings.clients}
    for one in documents:
        strange = [str(given.get("client_id")) for given in one.clients if given.get("client_id") not in known]
        if strange:
            click.echo(
                f"{one.name}: {', '.join(strange)} not known yet: clients come with families.file of the settings, at a start.",
                err=True,
            )


@families.command("remove")
@click.argument("name", metavar="NAME")
@with_settings
def families_remove(settings: "Settings", name: str) -> None:
    """Take the family of this name out of a test instance again: its people, their accounts, sessions, texts and faults. Schools stay."""
    from idp.families import build_families_remover
    from idp.journeys.directory_desk import ImportUnderWay
    from idp.journeys.families.removing import FamilyUnknown
    from idp.world import build_world

    if not settings.test_instance:
        refuse("Families are fictional: a test instance alone has any (test_instance = true).")
    try:
        with database_faults():
            removal = build_families_remover(build_world(settings)).remove(name)
    except FamilyUnknown as unknown:
        refuse(f"{unknown}.")
    except ImportUnderWay as busy:
        refuse(str(busy))
    click.echo(
        f"Directory: {removal.records} records gone. Accounts: {_count(len(removal.accounts), 'account')} removed. "
        f"Faults: {len(removal.faults)} disarmed."
    )


@families.command("list")
def families_list() -> None:
    """List the named cases of the library, each with the bug of real life that it is for."""
    from idp.adapters.case_library import case_names

    names = case_names()
    width = max(map(len, names))
    for name in names:
        click.echo(f"{name:<{width}}  {_case(name).about}")


@families.command("show")
@click.argument("name", metavar="NAME")
def families_show(name: str) -> None:
    """Print a case of the library: a document to load, to change, or to begin one's own with."""
    from idp.adapters.case_library import load_case

    try:
        click.echo(load_case(name), nl=False)
    except KeyError:
        refuse(f"There is no case called {name}: preau families list says which there are.")


def _load_texts(files: tuple[Path, ...]) -> "list[tuple[str, str | DocumentFault]]":
    """Return the name of each file with its text, or with why it has none."""
    from idp.journeys.families.document import DocumentFault

    texts: list[tuple[str, str | DocumentFault]] = []
    for file in files:
        try:
            texts.append((str(file), file.read_text(encoding="utf-8")))
        except OSError as error:
            why = (error.strerror or "no reason given").lower()
            texts.append((str(file), DocumentFault(str(file), 0, "the file", f"cannot be read: {why}")))
        except UnicodeDecodeError:
            texts.append((str(file), DocumentFault(str(file), 0, "the file", "is not UTF-8 text")))
    return texts


def _load_named_texts(settings: "Settings") -> "list[tuple[str, str | DocumentFault]]":
    """Return what the settings name: they were read with it, so that all of it is there."""
    return list(settings.families.load_texts())


def _read(texts: "list[tuple[str, str | DocumentFault]]") -> "list[FamiliesDocument]":
    """Read every document, and tell the faults of all of them."""
    from idp.journeys.families.document import DocumentFault, FamiliesRefused
    from idp.journeys.families.reading import read_document

    documents: list[FamiliesDocument] = []
    faults: list[DocumentFault] = []
    for name, text in texts:
        if isinstance(text, DocumentFault):
            faults.append(text)
            continue
        try:
            documents.append(read_document(text, name))
        except FamiliesRefused as refusal:
            faults += refusal.faults
    if faults:
        refuse(str(FamiliesRefused(*faults)))
    return documents


def _case(name: str) -> "FamiliesDocument":
    from idp.adapters.case_library import load_case
    from idp.journeys.families.reading import read_document

    return read_document(load_case(name), f"{name}.toml")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
