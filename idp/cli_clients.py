"""`preau client`: the relying parties, as whoever runs the service sees them. Those of the settings are shown, and changed there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from idp.cli_support import database_faults, refuse, with_settings

if TYPE_CHECKING:
    from idp.journeys.client_office import ClientOffice, Enrolled
    from idp.journeys.rows import RegisteredClientRow
    from idp.settings import ClientSettings, Settings

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_client_id = click.argument("client_id", metavar="CLIENT_ID")
_ONCE = "The secret is shown this once: `preau client rotate-secret` makes another one."


@click.group()
def client() -> None:
    """The relying parties."""


@client.command("add")
@click.argument("name", metavar="NAME")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where codes may be sent, letter for letter.")
@click.option(
    "--post-logout-redirect-uri", "post_logout", multiple=True, help="Where a browser may go after signing out."
)
@click.option("--scope", "scopes", multiple=True, help="What it may ask for. Default: openid, profile, ect.scope.cnx.")
@click.option("--resource", "resources", multiple=True, help="Of [[resources]], what it may ask for tokens for.")
@click.option(
    "--client-credentials",
    is_flag=True,
    help="Let it have tokens for itself; without --redirect-uri nobody signs in to it.",
)
@click.option("--refresh-tokens", is_flag=True, help="Let it have refresh tokens, and ask for offline_access.")
@click.option("--public", is_flag=True, help="A page of scripts or an app: it has no secret.")
@click.option(
    "--jwks",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A JWK set with its public keys: it signs who it is (private_key_jwt).",
)
@click.option("--jwks-uri", help="Where it keeps that set, in place of --jwks: fetched when it is needed.")
@click.option("--sector-identifier-uri", help="Where it lists its redirect URIs: `sub` is derived for that host.")
@click.option(
    "--consent",
    type=click.Choice(["none", "remembered", "always"]),
    default="none",
    show_default=True,
    help="Whether the person is asked before it is told anything of her.",
)
@click.option(
    "--pkce",
    type=click.Choice(["required", "if_sent"]),
    default="required",
    show_default=True,
    help="if_sent: it may leave PKCE out, and must then send a nonce.",
)
@click.option("--initiate-login-uri", help="Where others may send a person so that it begins a sign-in.")
@_as_json
@with_settings
def client_add(
    settings: "Settings",
    name: str,
    redirect_uris: tuple[str, ...],
    post_logout: tuple[str, ...],
    scopes: tuple[str, ...],
    resources: tuple[str, ...],
    client_credentials: bool,
    refresh_tokens: bool,
    public: bool,
    jwks: Path | None,
    jwks_uri: str | None,
    sector_identifier_uri: str | None,
    consent: str,
    pkce: str,
    initiate_login_uri: str | None,
    as_json: bool,
) -> None:
    """Register a client called NAME on the pages, and print its client_id and, once, its secret. Every process knows it at once."""
    from idp.choices import registration_rules
    from idp.protocol.client_endpoint import RequestRefusedError
    from idp.protocol.client_metadata import check_client_metadata
    from idp.world import build_documents

    if not redirect_uris and not client_credentials:
        raise click.UsageError(
            "--redirect-uri is missing: without it, a client gets tokens by --client-credentials alone."
        )
    if public and (jwks or jwks_uri):
        raise click.UsageError("--public and keys exclude one another: a public client proves nothing.")
    if public and pkce != "required":
        raise click.UsageError("--public and --pkce if_sent exclude one another: PKCE is all that a public client has.")
    sent = {
        "client_name": name,
        "redirect_uris": list(redirect_uris),
        "post_logout_redirect_uris": list(post_logout) or None,
        "scope": " ".join(scopes) or None,
        "grant_types": [
            *(["authorization_code"] if redirect_uris else []),
            *(["refresh_token"] if refresh_tokens else []),
            *(["client_credentials"] if client_credentials else []),
        ],
        "resources": list(resources) or None,
        "token_endpoint_auth_method": "none" if public else "private_key_jwt" if jwks or jwks_uri else None,
        "jwks": _read_keys(jwks) if jwks else None,
        "jwks_uri": jwks_uri,
        "sector_identifier_uri": sector_identifier_uri,
        "initiate_login_uri": initiate_login_uri,
    }
    try:
        rules = registration_rules(settings, build_documents(settings).fetch, by_operator=True)
        # Not the client's own words: what registers by itself cannot say them.
        metadata = {**check_client_metadata(sent, rules), "consent": consent, "pkce": pkce}
    except RequestRefusedError as refusal:
        refuse(refusal.description)
    with _office(settings) as office:
        added = office.enrol(metadata, changes_itself=False)
    if added is not None:  # there is no ceiling for an operator
        _tell_added(added, as_json=as_json)


@client.command("list")
@_as_json
@with_settings
def client_list(settings: "Settings", *, as_json: bool) -> None:
    """List every client: those of the settings, then those that were added or registered themselves."""
    source = _source()
    found = [(one.client_id, one.client_name, source) for one in settings.clients]
    with _office(settings) as office:
        found += [(row.client_id, row.metadata["client_name"], _origin(row)) for row in office.load_all()]
    if as_json:
        names = ("client_id", "client_name", "from")
        click.echo(json.dumps([dict(zip(names, one, strict=True)) for one in found], indent=2, ensure_ascii=False))
    elif found:
        _tell_table([("client_id", "name", "from"), *found])
    else:
        click.echo("There are no clients.")


@client.command("show")
@_client_id
@_as_json
@with_settings
def client_show(settings: "Settings", client_id: str, *, as_json: bool) -> None:
    """Show what is registered of a client, its secret excepted."""
    configured = _find_configured(settings, client_id)
    if configured is not None:
        shown = {**configured.model_dump(mode="json", exclude={"client_secret"}), "from": _source()}
    else:
        with _office(settings) as office:
            row = office.load(client_id) or _refuse_unknown(client_id)
        issued_at = row.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        shown = {"client_id": client_id, **row.metadata, "client_id_issued_at": issued_at, "from": _origin(row)}
    if as_json:
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        _tell_table([(name, _in_words(value)) for name, value in shown.items() if value not in (None, "", [], {})])


@client.command("rotate-secret")
@_client_id
@_as_json
@with_settings
def client_rotate_secret(settings: "Settings", client_id: str, *, as_json: bool) -> None:
    """Give a client another secret, and print it once. The former one is refused from this moment."""
    _refuse_configured(settings, client_id)
    with _office(settings) as office:
        row = office.load(client_id) or _refuse_unknown(client_id)
        renewed = office.rotate_secret(client_id)
    if renewed is None:
        refuse(f"{client_id} has no secret: it is registered for {row.metadata['token_endpoint_auth_method']}.")
    if as_json:
        click.echo(json.dumps({"client_id": client_id, "client_secret": renewed.client_secret}, indent=2))
    else:
        click.echo(f"client_secret  {renewed.client_secret}\nThe former one is refused from now on. {_ONCE}")


@client.command("remove")
@_client_id
@with_settings
def client_remove(settings: "Settings", client_id: str) -> None:
    """Forget a client, and revoke its codes and its tokens, in every process at once."""
    _refuse_configured(settings, client_id)
    with _office(settings) as office:
        removed = office.remove(client_id)
    if not removed:
        _refuse_unknown(client_id)
    click.echo(f"{client_id} is not registered any more, and its tokens are worth nothing.")


@contextmanager
def _office(settings: "Settings") -> Iterator["ClientOffice"]:
    from idp.journeys.client_office import ClientOffice
    from idp.world import build_world

    with database_faults():
        world = build_world(settings)
        yield ClientOffice(world.stores, world.clock, world.secrets)


def _read_keys(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        refuse(f"{file} cannot be read: {(error.strerror or str(error)).lower()}.")
    except (ValueError, RecursionError):
        refuse(f"{file} is not JSON.")


def _source() -> str:
    """Return where clients of the settings stand: a file or a variable."""
    from idp.settings.load import source_of

    return source_of("clients", click.get_current_context().find_root().params["config"])


def _origin(row: "RegisteredClientRow") -> str:
    return "preau client add" if row.registration_token_hash is None else "registered itself"


def _find_configured(settings: "Settings", client_id: str) -> "ClientSettings | None":
    return next((one for one in settings.clients if one.client_id == client_id), None)


def _refuse_configured(settings: "Settings", client_id: str) -> None:
    if _find_configured(settings, client_id) is not None:
        refuse(f"{client_id} stands in {_source()}: change it there.")


def _refuse_unknown(client_id: str) -> NoReturn:
    refuse(f"There is no client {client_id}: see preau client list.")


def _tell_added(added: "Enrolled", *, as_json: bool) -> None:
    told = {"client_id": added.row.client_id, "client_secret": added.client_secret}
    known: Mapping[str, str] = {name: value for name, value in told.items() if value is not None}
    if as_json:
        click.echo(json.dumps({**known, **added.row.metadata}, indent=2, ensure_ascii=False))
        return
    _tell_table(list(known.items()))
    if added.client_secret is not None:
        click.echo(_ONCE)


def _tell_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _in_words(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
