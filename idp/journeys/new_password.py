"""What a new password does, whoever chose it and wherever: it is judged, kept, and everybody else is out (guarantee 7).

Recovery, « Mon compte » and an activation that meets an active account all come here, so that none of them forgets a session, a token
or a word to the person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from idp.journeys import mails, messages
from idp.journeys.answers import Fault
from idp.journeys.local_time import paris_time
from idp.journeys.mails import Mail
from idp.journeys.policy import ActivationPolicy
from idp.journeys.ports import PasswordHasher, PasswordJudge, UnitOfWork
from idp.journeys.rows import AuditEvent
from idp.journeys.session_end import SessionEnd
from idp.journeys.telling import Telling
from idp.people.passwords import normalise_password, password_fault
from idp.people.records import AccountHolder, Guardian, Pupil


@dataclass(frozen=True, slots=True)
class JudgedPassword:
    """What is wrong with a password and its confirmation, and how strong it is: 1 to 3, 0 for none."""

    faults: tuple[Fault, ...]
    strength: int


class NewPassword:
    """Judges, hashes and keeps a new password."""

    def __init__(
        self, *, judge: PasswordJudge, hasher: PasswordHasher, session_end: SessionEnd, policy: ActivationPolicy
    ) -> None:
        self._judge = judge
        self._hasher = hasher
        self._session_end = session_end
        self._policy = policy
        self._telling = Telling(policy)

    def read(self, password: str, confirmation: str, own_words: Iterable[str]) -> JudgedPassword:
        """Judge a password: the guide's rules, the most used ones, the names that it may not hold.

        Args:
            password: As typed.
            confirmation: As typed.
            own_words: Of `own_words`.
        """
        words = tuple(own_words)
        faults = []
        code = password_fault(password, own_words=words, is_common=self._judge.is_common)
        if code is not None:
            faults.append(Fault("mot-de-passe", code, {"n": len(password)}))
        if not confirmation:
            faults.append(Fault("confirmation", "empty"))
        elif confirmation != password:
            faults.append(Fault("confirmation", "differs"))
        return JudgedPassword(tuple(faults), self._judge.strength(password, words) if password else 0)

    def hash(self, password: str) -> str:
        """Return what is kept of a password, as the sign-in page compares it. Outside any transaction: it takes tens of milliseconds."""
        return self._hasher.hash(normalise_password(password))

    def keep(
        self,
        desk: UnitOfWork,
        holder: AccountHolder,
        password_hash: str,
        now: datetime,
        *,
        by: str,
        reference: str = "",
        keeping: str | None = None,
    ) -> int:
        """Replace the password of an account, or give it a first one, with all that follows from it; return how many sessions ended.

        The other sessions end and the ENTs are told; every refresh token dies, offline ones and those of the present session too; whatever
        was allowed in the person's name is asked again. Every number that the school knows of her is texted,
        and her confirmed address gets a mail.

        Args:
            desk: The transaction.
            holder: Whose password.
            password_hash: Of `hash`.
            now: The present moment.
            by: Which journey, for the audit trail: ``activation``, ``recovery`` or ``account``.
            reference: What the person may read out to the office.
            keeping: `sid` of the session in which she chose it, and which goes on; None when there is none.
        """
        account_id = holder.account.id
        # The account's row first: who signs in at this moment holds it, and its session is then seen below.
        desk.accounts.set_password(account_id, password_hash, now)
        ended = self._session_end.end_all(desk, account_id, now, keeping=keeping)
        is_first = holder.account.password_hash is None
        text, mail = self.announce(now, holder.account.language, is_first=is_first)
        self._telling.text(desk, holder, text, now)
        self._telling.mail(desk, account_id, mail, now)
        desk.ledger.record(
            AuditEvent(
                "account.password-added" if is_first else "account.password-changed",
                reference=reference,
                account_id=account_id,
                details={"guardians": [one.id for one in holder.guardians], "by": by, "sessions": ended},
            ),
            now,
        )
        return ended

    def announce(self, now: datetime, language: str, *, is_first: bool) -> tuple[str, Mail]:
        """Return the text and the mail that tell a person that a password was added to her account, or changed."""
        local = paris_time(now)
        text = messages.sms_password_added if is_first else messages.sms_password_changed
        mail = mails.mail_password_added if is_first else mails.mail_password_changed
        return text(local, language=language), mail(local, self._policy.recovery_page, language=language)


def own_words(guardians: Iterable[Guardian], pupils: Iterable[Pupil]) -> tuple[str, ...]:
    """Return the names that a password may not hold: the person's and the children's."""
    words: list[str] = []
    for guardian in guardians:
        words += (guardian.family_name, guardian.birth_name, *guardian.given_names)
    for pupil in pupils:
        words += (pupil.family_name, pupil.given_name)
    return tuple(word for word in words if word)


def own_words_of(holder: AccountHolder) -> tuple[str, ...]:
    """Return the names that the password of an account may not hold."""
    account = holder.account
    children = (link.pupil for link in holder.kinships)
    return (account.family_name, account.given_name, *own_words(holder.guardians, children))
