"""Kinds of values that several groups of settings share, and the group itself."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from idp.settings.hosts import split_web_address


def _without_empty_path(address: str) -> str:
    return address[:-1] if split_web_address(address).path == "/" and address.endswith("/") else address


def _listen_address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError("must be an address and a port, for example 127.0.0.1:8400")
    return text


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// and a path, or with postgresql://")
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("must be a network, for example 10.2.0.0/16") from None
    return text


WebAddress = Annotated[str, AfterValidator(_without_empty_path)]
ListenAddress = Annotated[str, AfterValidator(_listen_address)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
Network = Annotated[str, AfterValidator(_network)]
CountryCode = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,3}$")]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Group(BaseModel):
    """Settings that stand under one heading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
