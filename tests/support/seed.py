"""The fictional school in an empty database: put there by the product's commands once for each worker, copied from then on."""

import shutil
from pathlib import Path

from sqlalchemy import make_url

from idp.settings import load_settings
from tests.support.command import run_preau
from tests.support.databases import copy_postgresql_database, has_postgresql_database, kept_folder

_KEPT = "kept_seed"


def put_at_seed(settings: Path, directory: Path) -> None:
    """Make the tables and import the fictional school, whose files stay in `directory / "school"`.

    Args:
        settings: Those of an instance with an empty database, and nobody connected to it.
        directory: The instance's.
    """
    url = make_url(load_settings(settings).database_url)
    assert url.database
    if url.get_backend_name() == "sqlite":
        assert not Path(url.database).exists()
        kept = kept_folder() / "seed.db"
        if not kept.exists():
            fill_by_commands(settings, directory)
            shutil.copy(url.database, kept)
            _keep_school(directory)
            return
        shutil.copy(kept, url.database)
    else:
        server = url.set(database="postgres").render_as_string(hide_password=False)
        if not has_postgresql_database(server, _KEPT):
            fill_by_commands(settings, directory)
            copy_postgresql_database(server, url.database, _KEPT)
            _keep_school(directory)
            return
        copy_postgresql_database(server, _KEPT, url.database)
    shutil.copytree(kept_folder() / "school", directory / "school")


def fill_by_commands(settings: Path, directory: Path) -> None:
    """Do the same by the product's commands."""
    school = directory / "school"
    run_preau(settings, "db", "upgrade")
    run_preau(settings, "directory", "generate", str(school))
    run_preau(settings, "directory", "import", *sorted(str(path) for path in school.glob("*.xml")))


def _keep_school(directory: Path) -> None:
    shutil.copytree(directory / "school", kept_folder() / "school", dirs_exist_ok=True)
