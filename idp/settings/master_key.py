"""The master key, which is never in the database: 32 bytes that every other key is derived from."""

import base64
import binascii
import os
import secrets
import stat
import tempfile
from pathlib import Path

from idp.settings.faults import Fault, SettingsError
from idp.settings.model import Settings

KEY_BYTES = 32


def load_master_key(settings: Settings) -> bytes:
    """Return the master key, from `master_key` or from its file.

    Raises:
        SettingsError: There is none, it is not 32 bytes in base64, or its file is open to every user of the machine.
    """
    if settings.master_key is not None:
        return _decode(settings.master_key.get_secret_value(), "master_key", "")
    path = settings.master_key_file
    try:
        if path.stat().st_mode & stat.S_IRWXO:
            raise SettingsError(
                Fault("master_key_file", "is open to every user of this machine: chmod 600 it", str(path))
            )
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise SettingsError(
            Fault("master_key_file", "does not exist: run preau init, or set PREAU_MASTER_KEY", str(path))
        ) from None
    except OSError as error:
        raise SettingsError(
            Fault("master_key_file", f"cannot be read: {(error.strerror or '').lower()}", str(path))
        ) from None
    except UnicodeDecodeError:
        text = ""
    return _decode(text, "master_key_file", str(path))


def create_master_key(path: Path) -> bool:
    """Write a new key, readable by its owner alone, and return True; do nothing and return False when the file exists.

    Raises:
        SettingsError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written whole beside it, then linked: two programs that start together agree on one key, and no reader meets half a key.
        with tempfile.NamedTemporaryFile(dir=path.parent) as beside:  # made with mode 0600
            beside.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            beside.flush()
            os.fsync(beside.fileno())
            os.link(beside.name, path)
    except FileExistsError:
        return False
    except OSError as error:
        raise SettingsError(
            Fault("master_key_file", f"cannot be written: {(error.strerror or '').lower()}", str(path))
        ) from None
    return True


def _decode(text: str, key: str, source: str) -> bytes:
    try:
        value = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        value = b""
    if len(value) != KEY_BYTES:
        raise SettingsError(Fault(key, f"must be {KEY_BYTES} bytes in base64", source))
    return value
