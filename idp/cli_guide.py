"""`preau guide`: the school's handout for parents."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.cli_support import database_faults, refuse, with_settings

if TYPE_CHECKING:
    from idp.people.records import School
    from idp.settings import Settings

_EXTRA = {"segno", "typst"}
_NAMES = ("guide.html", "guide.pdf")


@click.command()
@click.option(
    "--school", default="", help="The school's name, as on its letters. Default: what the directory says of --uai."
)
@click.option(
    "--uai", default="", help="The school's number: its name and its office's phone are taken from the directory."
)
@click.option("--ent-address", default="", help="Default: the home_uri of the client, where a single one has it.")
@click.option("--office-phone", default="", help="Of the school's office. Default: what the directory says of --uai.")
@click.option(
    "--output", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="The folder. Default: this one."
)
@click.option(
    "--language",
    type=click.Choice(["fr", "facile", "en"]),
    default="fr",
    show_default=True,
    help="French, easy French (« Facile à lire ») or English.",
)
@click.option("--overwrite", is_flag=True, help="Write over guide.html and guide.pdf where they are there already.")
@with_settings
def guide(
    settings: "Settings",
    school: str,
    uai: str,
    ent_address: str,
    office_phone: str,
    output: Path,
    language: str,
    *,
    overwrite: bool,
) -> None:
    """Write the handout that a school gives to parents, as guide.html and guide.pdf: how to activate an account, step by step."""
    known = _load_school(settings, uai) if uai else None
    if not school and known is None:
        refuse("Which school? Give --school, or --uai for one that the directory knows.")
    address = ent_address or _configured_ent_address(settings)
    _check_ent_address(settings, address)
    try:
        from idp.guide.facts import HandoutError, HandoutFacts, spell_phone
        from idp.guide.html import render_html
        from idp.guide.pdf import render_pdf
        from idp.guide.words import compose_handout
        from idp.web.catalogues import load_catalogue
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        refuse(f"The handout needs {error.name}, which is not installed: pip install 'preau[guide]'.")
    try:
        facts = HandoutFacts(
            school=(school or (known.name if known else "")).strip(),
            sign_in_address=settings.origin,
            ent_address=address,
            office_phone=office_phone.strip() or (spell_phone(known.phone) if known else ""),
            has_franceconnect=bool(settings.franceconnect.issuer),
            is_test=settings.test_instance,
        )
        handout = compose_handout(facts, load_catalogue(language).look_up, language)
        contents = (render_html(handout).encode(), render_pdf(handout))
    except HandoutError as error:
        refuse(str(error))
    _write(output, contents, overwrite=overwrite)


def _load_school(settings: "Settings", uai: str) -> "School":
    from idp.adapters.schools import load_schools
    from idp.adapters.stores import make_engine

    engine = make_engine(settings.database_url)
    with database_faults():
        found = load_schools(engine, uai.strip().upper())
    engine.dispose()
    if not found:
        refuse(f"The directory knows no school {uai!r}: give --school.")
    if len({one.name for one in found}) > 1:
        refuse(f"The directory has several names for {uai!r}: give --school.")
    return found[0]


def _configured_ent_address(settings: "Settings") -> str:
    homes = {one.home_uri for one in settings.clients if one.home_uri}
    if len(homes) != 1:
        several = "several clients have a home_uri" if homes else "no client has a home_uri"
        refuse(f"Which ENT? Give --ent-address: {several}.")
    return homes.pop()


def _check_ent_address(settings: "Settings", address: str) -> None:
    from idp.settings.client_rules import uri_problem

    if problem := uri_problem(address, settings.test_issuer_hosts if settings.test_instance else None):
        refuse(f"The ENT's address {problem}.")


def _write(folder: Path, contents: tuple[bytes, ...], *, overwrite: bool) -> None:
    files = [folder / name for name in _NAMES]
    there = [file for file in files if file.exists()]
    if there and not overwrite:
        refuse(
            f"{' and '.join(map(str, there))} {'is' if len(there) == 1 else 'are'} there already: give --overwrite to write over."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
    except OSError as error:
        refuse(f"Cannot write in {folder}: {(error.strerror or 'unknown cause').lower()}.")
    for file in files:
        click.echo(f"{file} was written{' over' if file in there else ''}.")
