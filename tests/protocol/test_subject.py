"""OpenID Connect Core 1.0 section 8."""

from dataclasses import replace

from idp.protocol.subject import sector_of, subject_of
from tests.protocol.surroundings import ENT


def keyed_hash(purpose: str, value: str) -> str:
    return f"{purpose}|{value}"


def subject(seed: str = "seed", aaf_key: str | None = "GRENOBLE-1", **changes: str) -> str:
    return subject_of(replace(ENT, **changes), seed=seed, aaf_key=aaf_key, keyed_hash=keyed_hash)  # type: ignore[arg-type]


def test_a_pairwise_subject_is_told_apart_by_sector_and_by_account() -> None:
    assert subject() == subject(client_id="another of the same host")
    assert subject() != subject(sector_identifier="other.example")
    assert subject() != subject(seed="of somebody else")


def test_the_sector_is_the_registered_one_else_the_host_of_the_first_redirect_uri() -> None:
    assert sector_of(ENT) == "ent.example"
    assert sector_of(replace(ENT, sector_identifier="sector.example")) == "sector.example"


def test_a_public_subject_is_the_same_for_every_client_and_nobody_s_pairwise_one() -> None:
    public = subject(subject_type="public")
    assert public == subject(subject_type="public", client_id="another", sector_identifier="other.example")
    assert public == subject(subject_type="public", aaf_key=None)
    assert public != subject(subject_type="public", seed="of somebody else")
    assert public != subject()


def test_a_public_subject_is_derived_and_no_value_of_the_account() -> None:
    assert subject(subject_type="public") == keyed_hash("public-subject", "seed")


def test_a_client_of_the_aaf_kind_gets_the_key_of_the_directory_and_without_one_a_pairwise_subject() -> None:
    assert subject(subject_type="aaf") == "GRENOBLE-1"
    assert subject(subject_type="aaf", aaf_key=None) == subject()
