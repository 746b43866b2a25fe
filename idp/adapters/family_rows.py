"""The traces of a family that is taken out of a test instance."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, exists, select, tuple_, update

from idp.adapters.directory_tables import guardian, kinship
from idp.adapters.links import Link
from idp.adapters.messages import RECIPIENT_PURPOSE
from idp.adapters.tables import identifiant, outbox
from idp.journeys.directory_ports import Kind
from idp.journeys.family_ports import FamilyRecord
from idp.journeys.ports import Secrets
from idp.people.emails import EmailAddress
from idp.people.records import KinshipState

_ENDS = tuple_(guardian.c.academy, guardian.c.origin, guardian.c.jointure)
_GUARDIANS = select(guardian.c.id).where(_ENDS.in_(bindparam("ends", expanding=True))).order_by(guardian.c.id)
_THESE = guardian.c.id.in_(bindparam("ids", expanding=True))
_DECLARE = (
    update(kinship)
    .where(
        tuple_(kinship.c.academy, kinship.c.guardian_origin, kinship.c.guardian_jointure).in_(
            select(guardian.c.academy, guardian.c.origin, guardian.c.jointure).where(_THESE)
        ),
        kinship.c.state != KinshipState.DECLARED.value,
    )
    .values(state=KinshipState.DECLARED.value, state_at=None)
)
_other = guardian.alias()
_OWN_NUMBERS = (
    select(guardian.c.mobile)
    .where(
        _THESE,
        guardian.c.mobile != "",
        ~exists().where(
            _other.c.mobile == guardian.c.mobile,
            _other.c.present.is_(True),
            _other.c.id.not_in(bindparam("ids", expanding=True)),
        ),
    )
    .distinct()
)
_FORGET_MESSAGES = delete(outbox).where(outbox.c.recipient_hash.in_(bindparam("hashes", expanding=True)))
_RELEASE = delete(identifiant).where(identifiant.c.value == bindparam("one"))


class SqlFamilies:
    """Implements `journeys.family_ports.FamilyStore`."""

    def __init__(self, link: Link, secrets: Secrets) -> None:
        self._link = link
        self._secrets = secrets

    def load_guardians(self, records: Sequence[FamilyRecord]) -> list[int]:
        """Return the ids of the guardians' records among these."""
        ends = [tuple(rest) for kind, *rest in records if kind == Kind.GUARDIAN]
        return list(self._link.run(_GUARDIANS, {"ends": ends}).scalars()) if ends else []

    def forget_answers(self, guardian_ids: Sequence[int]) -> None:
        """Undo what these guardians proved or contested: their links are declared again."""
        self._link.run(_DECLARE, {"ids": list(guardian_ids)})

    def forget_texts(self, guardian_ids: Sequence[int]) -> None:
        """Forget the texts to the numbers of these guardians that no other present record has."""
        numbers = self._link.run(_OWN_NUMBERS, {"ids": list(guardian_ids)}).scalars()
        hashes = [self._secrets.keyed_hash(RECIPIENT_PURPOSE, number) for number in numbers]
        self._link.run(_FORGET_MESSAGES, {"hashes": hashes})

    def forget_mails(self, emails: Sequence[EmailAddress]) -> None:
        """Forget the mails to these addresses."""
        hashes = [self._secrets.keyed_hash(RECIPIENT_PURPOSE, one.address) for one in emails]
        self._link.run(_FORGET_MESSAGES, {"hashes": hashes})

    def release_identifiant(self, identifiant: str) -> None:
        """Let an identifiant be given again: a document says which one, and may be loaded again."""
        self._link.run(_RELEASE, {"one": identifiant})
