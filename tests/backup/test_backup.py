"""What a backup holds, what comes back from it, and what is refused before anything is written."""

import gzip
import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import Engine, func, insert, select

from idp.adapters import migrate
from idp.adapters.backup import KEPT_TABLES, write_backup
from idp.adapters.backup_file import BackupRefused
from idp.adapters.clock import SystemClock
from idp.adapters.directory_tables import school
from idp.adapters.messages import OutboxWorker
from idp.adapters.restore import restore_backup
from idp.adapters.secrets import MasterKey
from idp.adapters.signing_keys import SqlSigningKeys
from idp.adapters.stores import SqlStores
from idp.adapters.tables import audit, outbox
from idp.journeys.rows import AuditEvent, Message

NOW = datetime(2031, 3, 14, 9, 26, 53, tzinfo=UTC)
OTHER_KEY = MasterKey(bytes(32))


def rows_of(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {table.name: [tuple(row) for row in connection.execute(select(table))] for table in KEPT_TABLES}


def back_up(engine: Engine, path: Path, secrets: MasterKey, *, test_instance: bool = True) -> int:
    return write_backup(path, engine, secrets, test_instance=test_instance, now=NOW)


def put_back(path: Path, engine: Engine, secrets: MasterKey, *, replace: bool = False) -> int:
    return restore_backup(path, engine, secrets, test_instance=True, replace=replace)


@pytest.fixture
def file(tmp_path: Path, source: Engine, secrets: MasterKey) -> Path:
    path = tmp_path / "school.backup"
    back_up(source, path, secrets)
    return path


def test_every_row_of_every_table_comes_back_into_the_other_database(
    file: Path, source: Engine, target: Engine, secrets: MasterKey
) -> None:
    assert put_back(file, target, secrets) == len(KEPT_TABLES)
    assert rows_of(target) == rows_of(source)


def test_the_file_is_for_its_owner_alone_and_says_what_it_is(file: Path, secrets: MasterKey) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    header = json.loads(gzip.decompress(file.read_bytes()).splitlines()[0])
    assert (header["format"], header["version"], header["revision"]) == ("preau-backup", 1, migrate.HEAD)
    assert header["made_at"] == "2031-03-14T09:26:53+00:00"
    assert [one.name for one in file.parent.iterdir() if one.name.endswith(".partial")] == []
    assert header["master_key"] not in {bytes(range(32)).hex(), secrets.keyed_hash("backup", "preau-backup")}


def test_a_file_that_is_there_is_not_overwritten(file: Path, source: Engine, secrets: MasterKey) -> None:
    before = file.read_bytes()
    with pytest.raises(BackupRefused, match="is there already"):
        back_up(source, file, secrets)
    assert file.read_bytes() == before


def test_a_backup_is_of_one_moment_while_others_write(
    tmp_path: Path, source: Engine, target: Engine, secrets: MasterKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    from idp.adapters import backup

    write_table = backup._write_table  # the one place between two tables

    def write_then_disturb(writer: Any, connection: Any, table: Any) -> None:
        write_table(writer, connection, table)
        with source.begin() as other:
            number = other.execute(select(func.max(audit.c.id))).scalar_one() + 1
            other.execute(
                insert(audit), {"id": number, "at": NOW, "event": "tokens.issued", "reference": "", "details": "{}"}
            )

    monkeypatch.setattr(backup, "_write_table", write_then_disturb)
    before = rows_of(source)
    back_up(source, tmp_path / "moment", secrets)
    assert len(rows_of(source)["audit"]) == 1 + len(KEPT_TABLES)
    put_back(tmp_path / "moment", target, secrets)
    assert rows_of(target) == before


def test_a_database_that_holds_rows_is_refused_unless_they_may_go(
    file: Path, source: Engine, target: Engine, secrets: MasterKey
) -> None:
    put_back(file, target, secrets)
    with target.begin() as connection:
        connection.execute(school.update().values(name="École changée"))
    with pytest.raises(BackupRefused, match=r"holds rows already \(.*school.*\). With --replace"):
        put_back(file, target, secrets)
    assert rows_of(target)["school"] != rows_of(source)["school"]
    put_back(file, target, secrets, replace=True)
    assert rows_of(target) == rows_of(source)


def test_another_master_key_is_refused_with_what_it_would_break(file: Path, target: Engine) -> None:
    with pytest.raises(BackupRefused, match=r"another master key.*signing keys could not sign"):
        put_back(file, target, OTHER_KEY)
    assert not any(rows_of(target).values())


def test_fiction_and_real_people_do_not_mix(tmp_path: Path, source: Engine, target: Engine, secrets: MasterKey) -> None:
    back_up(source, tmp_path / "real", secrets, test_instance=False)
    with pytest.raises(BackupRefused, match="a test instance may not have it"):
        put_back(tmp_path / "real", target, secrets)


def repack(file: Path, lines: list[bytes]) -> None:
    file.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_is_refused(file: Path, target: Engine, secrets: MasterKey, part: float) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(BackupRefused, match="damaged"):
        put_back(file, target, secrets)
    assert not any(rows_of(target).values())


def test_a_file_that_was_changed_is_refused(file: Path, target: Engine, secrets: MasterKey) -> None:
    lines = gzip.decompress(file.read_bytes()).splitlines()
    accounts = next(place for place, line in enumerate(lines) if b'{"table":"account"' in line)
    changes = {
        "a row changed": [*lines[: accounts + 1], lines[accounts + 1].replace(b'"x"', b'"y"'), *lines[accounts + 2 :]],
        "a row gone": [*lines[: accounts + 1], *lines[accounts + 2 :]],
        "the end gone": lines[:-1],
        "more after the end": [*lines, lines[-1]],
    }
    for change, changed in changes.items():
        repack(file, changed)
        with pytest.raises(BackupRefused, match="damaged"):
            put_back(file, target, secrets)
        assert not any(rows_of(target).values()), change
    repack(file, lines)
    assert put_back(file, target, secrets) == len(KEPT_TABLES)


def test_a_file_of_another_revision_format_or_kind_is_refused(file: Path, target: Engine, secrets: MasterKey) -> None:
    lines = gzip.decompress(file.read_bytes()).splitlines()
    for old, new, said in (
        (f'"revision":"{migrate.HEAD}"'.encode(), b'"revision":"0001"', "tables of revision 0001"),
        (b'"version":1', b'"version":2', "a format that this version of Préau does not know"),
        (b'"format":"preau-backup"', b'"format":"album"', "is no backup of Préau"),
    ):
        repack(file, [lines[0].replace(old, new), *lines[1:]])
        with pytest.raises(BackupRefused, match=said):
            put_back(file, target, secrets)
    file.write_text("a letter", encoding="utf-8")
    with pytest.raises(BackupRefused, match="damaged"):
        put_back(file, target, secrets)


def test_rows_that_come_later_get_numbers_of_their_own(file: Path, target: Engine, secrets: MasterKey) -> None:
    put_back(file, target, secrets)
    with SqlStores(target, secrets).writing() as desk:
        desk.ledger.record(AuditEvent("tokens.issued"), NOW)
    with target.connect() as connection:
        assert connection.execute(select(func.max(audit.c.id))).scalar_one() == 2


class Phone:
    """Keeps what it is told to send."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    def send(self, recipient: str, body: str) -> None:
        self.texts.append((recipient, body))


def test_a_sealed_text_that_was_not_sent_is_sent_after_the_restore(
    tmp_path: Path, source: Engine, target: Engine, secrets: MasterKey
) -> None:
    with source.begin() as connection:
        connection.execute(outbox.delete())
    with SqlStores(source, secrets).writing() as desk:
        desk.outbox.put(Message("sms", "+33639980001", "482913 est votre code"), at=SystemClock().now())
    back_up(source, tmp_path / "texts", secrets)
    put_back(tmp_path / "texts", target, secrets)
    phone = Phone()
    assert OutboxWorker(target, secrets, SystemClock(), {"sms": phone}, keep_bodies=False).run_once() == 1
    assert phone.texts == [("+33639980001", "482913 est votre code")]


def test_sealed_keys_still_sign_and_what_they_signed_is_still_verified(
    tmp_path: Path, source: Engine, target: Engine, secrets: MasterKey
) -> None:
    with source.begin() as connection:
        connection.execute(KEYS.delete())
    before = SqlSigningKeys(source, secrets, SystemClock()).load_active_key("RS256")
    token = jwt.encode({"alg": "RS256", "kid": before.kid}, {"iss": "https://idp.example"}, before.key)
    back_up(source, tmp_path / "keys", secrets)
    put_back(tmp_path / "keys", target, secrets)
    after = SqlSigningKeys(target, secrets, SystemClock()).load_active_key("RS256")
    assert after.kid == before.kid
    public = RSAKey.import_key(after.key.as_dict(private=False))
    assert jwt.decode(token, public).claims == {"iss": "https://idp.example"}
    again = jwt.encode({"alg": "RS256", "kid": after.kid}, {"iss": "https://idp.example"}, after.key)
    assert again == token, "RS256 is deterministic (RFC 8017 section 8.2): the same key signs the same"


KEYS = next(table for table in KEPT_TABLES if table.name == "signing_key")
