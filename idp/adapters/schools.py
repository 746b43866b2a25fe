"""Schools of the directory, by the number that everybody knows them by."""

from sqlalchemy import Engine, select

from idp.adapters.directory_tables import school
from idp.people.records import School

_BY_UAI = select(
    school.c.academy, school.c.jointure, school.c.uai, school.c.name, school.c.degree, school.c.town, school.c.phone
).order_by(school.c.id)


def load_schools(engine: Engine, uai: str) -> tuple[School, ...]:
    """Return the schools of a UAI: one, unless two academies say they have it.

    Args:
        engine: The database.
        uai: `0691234A`, in capitals.
    """
    with engine.connect() as connection:
        rows = connection.execute(_BY_UAI.where(school.c.uai == uai)).all()
    return tuple(School(**row._mapping) for row in rows)
