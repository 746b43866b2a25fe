"""What may be told to an ENT of a parent: affiliations, and references into the school directories.

Only links that are proved and not contested count: `AccountHolder.kinships` holds no others.
"""

import unicodedata
from collections.abc import Iterator

from idp.people.academies import academy_name
from idp.people.records import AAF_ORIGINS, AccountHolder, Guardian


def affiliations(holder: AccountHolder) -> tuple[str, ...]:
    """Return `FrEduCtPersonAffiliation`: ``resp1d`` and ``resp2d`` by the schools of the pupils; () for a parent of no pupil."""
    degrees = {link.school.degree for link in holder.kinships if link.school is not None}
    return tuple(f"resp{degree}d" for degree in sorted(degrees))


def reference_ids(holder: AccountHolder, middle: str = "") -> tuple[str, ...]:
    """Return `FrEduCtRefId`: ``{AAF}08||123456``, one for each AAF record with a proved link.

    An ENT finds a parent by the id of its own AAF file: an id of another origin would be some other record there.

    Args:
        holder: The account.
        middle: The second field, whose meaning at EduConnect is not known.
    """
    return tuple(f"{{AAF}}{int(one.academy):02d}|{middle}|{one.jointure}" for one in _aaf_records(holder))


def aaf_key(holder: AccountHolder) -> str | None:
    """Return the key under which ENTs file the first AAF record, ``GRENOBLE-123456``, or None without a proved link of one."""
    for one in _aaf_records(holder):
        plain = unicodedata.normalize("NFD", academy_name(one.academy).upper())
        name = "".join(sign for sign in plain if not unicodedata.combining(sign)).replace(" ", "-")
        return f"{name}-{one.jointure}"
    return None


def _aaf_records(holder: AccountHolder) -> Iterator[Guardian]:
    linked = {link.guardian_id for link in holder.kinships}
    return (one for one in holder.guardians if one.id in linked and one.origin in AAF_ORIGINS)
