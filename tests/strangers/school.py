"""Families of every kind that a stranger might ask about. Every number ends alike: what a page says of the number typed is the same."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine, insert, update

from idp.adapters.clock import TestClock
from idp.adapters.directory_tables import guardian, kinship, pupil
from idp.adapters.passwords import Argon2Hasher
from idp.adapters.reset import back_to_seed
from idp.adapters.tables import account, account_guardian
from tests.support.inside import Inside

AT = datetime(2031, 3, 4, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """Who a stranger says to be."""

    family_name: str
    given_name: str
    number: str

    @property
    def values(self) -> dict[str, str]:
        """Return the first page's fields."""
        return {
            "nom": self.family_name,
            "prenom": self.given_name,
            "indicatif": "+33",
            "telephone": self.number,
        }


KNOWN = Asked("DUPONT", "Joe", "06 39 98 01 01")
ASKED = {
    "nobody knows name or number": Asked("INCONNU", "Paul", "06 39 98 99 01"),
    "a known name with a number of nobody": Asked("DUPONT", "Joe", "06 39 98 98 01"),
    "a known name with the number of somebody else": Asked("DUPONT", "Joe", "06 39 98 02 01"),
    "a known number under another name": Asked("DURAND", "Joe", "06 39 98 01 01"),
    "a known number under another first name": Asked("DUPONT", "Ada", "06 39 98 01 01"),
    "a father and a son who share names and number": Asked("MARTIN", "Luc", "06 39 98 03 01"),
    "somebody who is active already": Asked("DUBOIS", "Angela", "06 39 98 02 01"),
    "somebody of two academies": Asked("BENALI", "Karim", "06 39 98 04 01"),
    "somebody whose every link is contested": Asked("PETIT", "Anne", "06 39 98 05 01"),
    "somebody who is no legal guardian": Asked("GRAND", "Max", "06 39 98 06 01"),
    "somebody who left the school": Asked("ROUX", "Eve", "06 39 98 07 01"),
    "somebody known through the birth name": Asked("LE GOFF", "Marie-Hélène", "06 39 98 08 01"),
}
SEVERAL_RECORDS = {"a father and a son who share names and number", "somebody of two academies"}
"""Those of whom two records are read: a number of nobody's may read as many, of whoever has the next number."""

# Family name, given names, birth name, academy, present, place in ASKED's numbers, what the link with a child is.
_RECORDS = (
    ("DUPONT", "Joe", "", "8", True, 1, "declared"),
    ("DUBOIS", "Angela, Claire", "", "8", True, 2, "confirmed"),
    ("MARTIN", "Luc", "", "8", True, 3, "declared"),
    ("MARTIN", "Luc", "", "8", True, 3, "declared"),
    ("BENALI", "Karim", "", "8", True, 4, "declared"),
    ("BENALI", "Karim", "", "10", True, 4, "declared"),
    ("PETIT", "Anne", "", "8", True, 5, "contested"),
    ("GRAND", "Max", "", "8", True, 6, "not legal"),
    ("ROUX", "Eve", "", "8", False, 7, "declared"),
    ("MARTIN", "Marie-Hélène", "LE GOFF", "8", True, 8, "declared"),
)
WITH_PASSWORD, WITHOUT_PASSWORD, NOBODYS = "j.dupont0001", "a.dubois0002", "p.inconn0003"
PASSWORD = "Cartable-Bleu-42"
_HASHER = Argon2Hasher(memory_kib=8, time_cost=1, parallelism=1, at_once=1)


def fill_school(engine: Engine) -> None:
    """Write the families: each adult has two children."""
    with engine.begin() as connection:
        for number, (family, given, birth, academy, present, place, link) in enumerate(_RECORDS, start=1):
            connection.execute(
                insert(guardian),
                {
                    "academy": academy,
                    "jointure": str(number),
                    "family_name": family,
                    "birth_name": birth,
                    "given_names": given,
                    "mobile": f"+3363998{place:02}01",
                    "present": present,
                    "digest": "",
                },
            )
            for child in (1, 2):
                connection.execute(
                    insert(pupil),
                    {
                        "academy": academy,
                        "jointure": f"{number}{child}",
                        "school_jointure": "",
                        "family_name": family,
                        "given_name": f"Enfant{'AB'[child - 1]}",
                        "birth_date": date(2012, child, 3),
                        "digest": "",
                    },
                )
                connection.execute(
                    insert(kinship),
                    {
                        "academy": academy,
                        "guardian_jointure": str(number),
                        "pupil_jointure": f"{number}{child}",
                        "relation": "10",
                        "legal_level": "1",
                        "legal": link != "not legal",
                        "state": link if link != "not legal" else "declared",
                    },
                )


def begin_again(inside: Inside) -> None:
    """Go back to these families, with their accounts and contested links, and stop the clock."""
    engine = inside.world.engine
    back_to_seed(engine, inside.world.secrets)
    _add_accounts(engine)
    TestClock(engine).freeze()
    inside.work.take()


def _add_accounts(engine: Engine) -> None:
    """Give an account to Angela, who has no password yet, and another one to a Joe; contest Anne's links, which a reset forgot."""
    password_hash = _HASHER.hash(PASSWORD)
    with engine.begin() as connection:
        # No reset touches what a test did to the school's own numbers.
        connection.execute(update(guardian).values(mobile_changed_at=None))
        connection.execute(update(guardian).where(guardian.c.jointure == "1").values(mobile="+33639980101"))
        for identifiant, encoded, number, family, given in (
            (WITH_PASSWORD, password_hash, 1, "DUPONT", "Joe"),
            (WITHOUT_PASSWORD, None, 2, "DUBOIS", "Angela"),
        ):
            made = connection.execute(
                insert(account).returning(account.c.id),
                {
                    "identifiant": identifiant,
                    "subject_seed": identifiant,
                    "password_hash": encoded,
                    "family_name": family,
                    "given_name": given,
                    "created_at": AT,
                },
            ).scalar_one()
            if number != 1:
                connection.execute(
                    insert(account_guardian), {"guardian_id": number, "account_id": made, "proved_at": AT}
                )
        connection.execute(update(kinship).where(kinship.c.guardian_jointure == "7").values(state="contested"))
