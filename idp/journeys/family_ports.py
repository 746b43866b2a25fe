"""What taking a family out again asks of the database, beside what an import and an account's removal ask."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from idp.people.emails import EmailAddress

FamilyRecord: TypeAlias = tuple[str, str, str, str]
"""A record that a family brought: kind, academy, origin and jointure."""


class FamilyStore(Protocol):
    """The traces of a family."""

    def load_guardians(self, records: Sequence[FamilyRecord]) -> list[int]:
        """Return the ids of the guardians' records among these."""

    def forget_answers(self, guardian_ids: Sequence[int]) -> None:
        """Undo what these guardians proved or contested: their links are declared again."""

    def forget_texts(self, guardian_ids: Sequence[int]) -> None:
        """Forget the texts to the numbers of these guardians that no other present record has."""

    def forget_mails(self, emails: Sequence[EmailAddress]) -> None:
        """Forget the mails to these addresses."""

    def release_identifiant(self, identifiant: str) -> None:
        """Let an identifiant be given again: a document says which one, and may be loaded again."""
