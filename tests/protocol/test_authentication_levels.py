"""OpenID Connect Core 1.0 sections 3.1.2.1 (`acr_values`) and 5.5.1.1 (essential `acr`): what a session is worth to a request."""

import pytest

from idp.protocol.authentication_levels import Choice, Level, Levels
from idp.protocol.authorization_request import AuthorizationRequest

ONE, TWO = Level("one"), Level("two", "sms")
LEVELS = Levels([ONE, TWO])
PWD, BOTH = ("pwd",), ("pwd", "sms", "mfa")


def request(wished: tuple[str, ...] = (), essential: tuple[str, ...] = ()) -> AuthorizationRequest:
    # As the check of `claims` leaves them: what is essential is wished for first.
    return AuthorizationRequest(
        "ent", "https://ent.example/", acr_values=(*essential, *wished), essential_acr=essential
    )


@pytest.mark.parametrize(
    ("wished", "amr", "choice"),
    [
        ((), PWD, Choice("responsable")),
        (("one",), PWD, Choice("one")),
        (("two",), PWD, Choice("responsable", TWO)),
        (("two",), BOTH, Choice("two")),
        (("two", "one"), PWD, Choice("one", TWO)),
        (("one", "two"), PWD, Choice("one")),
        (("responsable", "two"), PWD, Choice("responsable")),
        (("two", "responsable"), PWD, Choice("responsable", TWO)),
        (("eleve", "two"), BOTH, Choice("two")),
        (("eleve", "unheard-of"), PWD, Choice("responsable")),
        ((), BOTH, Choice("responsable")),
    ],
)
def test_wishes_are_taken_in_their_order(wished: tuple[str, ...], amr: tuple[str, ...], choice: Choice) -> None:
    assert LEVELS.choose(request(wished), "responsable", amr) == choice


@pytest.mark.parametrize(
    ("essential", "wished", "amr", "choice"),
    [
        (("two",), (), PWD, Choice(None, TWO)),
        (("two",), (), BOTH, Choice("two")),
        (("two", "responsable"), (), PWD, Choice("responsable", TWO)),
        (("eleve",), (), BOTH, Choice(None)),
        (("eleve",), ("one",), PWD, Choice(None)),
        (("eleve", "two"), (), PWD, Choice(None, TWO)),
        (("one",), ("two",), PWD, Choice("one")),
    ],
)
def test_what_is_essential_admits_nothing_else(
    essential: tuple[str, ...], wished: tuple[str, ...], amr: tuple[str, ...], choice: Choice
) -> None:
    assert LEVELS.choose(request(wished, essential), "responsable", amr) == choice


def test_without_levels_acr_is_the_profile() -> None:
    assert Levels().choose(request(("two", "one")), "eleve", BOTH) == Choice("eleve")
    assert (Levels().names, LEVELS.names) == ((), ("one", "two"))


def test_a_level_is_proved_by_its_method_among_others() -> None:
    assert ONE.is_proved_by(())
    assert not TWO.is_proved_by(("pwd", "mfa"))
    assert TWO.is_proved_by(("fc", "sms"))
