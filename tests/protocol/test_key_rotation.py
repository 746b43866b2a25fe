"""OpenID Connect Core 1.0 section 10.1.1."""

from datetime import timedelta

from idp.protocol.key_rotation import (
    JWKS_LIFETIME,
    KNOWN_AFTER,
    PUBLISHED_BEFORE,
    READ_AGAIN_AFTER,
    KeyLife,
    KeyState,
    earliest_end,
    published_until,
)
from tests.protocol.surroundings import NOW

MOMENT = timedelta(microseconds=1)
NEXT = KeyLife("kid", "RS256", NOW)
ACTIVE = KeyLife("kid", "RS256", NOW, signs_since=NOW)
HOUR = timedelta(hours=1)


def test_a_key_is_next_until_it_signs_and_active_until_it_is_retired() -> None:
    assert NEXT.state_at(NOW) is NEXT.state_at(NOW + 1000 * HOUR) is KeyState.NEXT
    assert ACTIVE.state_at(NOW) is ACTIVE.state_at(NOW + 1000 * HOUR) is KeyState.ACTIVE


def test_a_retiring_key_is_retired_by_the_clock_alone() -> None:
    life = KeyLife("kid", "RS256", NOW, NOW, retired_at=NOW + HOUR, published_until=NOW + 9 * HOUR)
    assert life.state_at(NOW + HOUR) is KeyState.RETIRING
    assert life.state_at(NOW + 9 * HOUR - MOMENT) is KeyState.RETIRING
    assert life.state_at(NOW + 9 * HOUR) is KeyState.RETIRED


def test_a_next_key_that_was_taken_out_is_retired() -> None:
    life = KeyLife("kid", "RS256", NOW, retired_at=NOW, published_until=NOW)
    assert life.state_at(NOW) is KeyState.RETIRED


def test_a_key_is_published_longer_before_it_signs_than_any_copy_without_it_is_kept() -> None:
    assert PUBLISHED_BEFORE > READ_AGAIN_AFTER + JWKS_LIFETIME
    assert NEXT.may_sign_from(in_a_hurry=False) == NOW + PUBLISHED_BEFORE


def test_even_in_a_hurry_every_process_publishes_a_key_before_one_signs_with_it() -> None:
    assert READ_AGAIN_AFTER < KNOWN_AFTER < PUBLISHED_BEFORE
    assert NEXT.may_sign_from(in_a_hurry=True) == NOW + KNOWN_AFTER


def test_a_key_stays_published_while_anything_that_the_last_process_signed_may_be_verified() -> None:
    assert published_until(NOW, 8 * HOUR) > NOW + READ_AGAIN_AFTER + 8 * HOUR


def test_a_key_is_not_taken_out_while_a_process_may_still_sign_with_it() -> None:
    life = KeyLife("kid", "RS256", NOW - HOUR, NOW - HOUR, retired_at=NOW, published_until=NOW + HOUR)
    assert earliest_end(life, NOW) == NOW + KNOWN_AFTER
    assert earliest_end(life, NOW + HOUR) == NOW + HOUR


def test_a_key_that_never_signed_is_taken_out_at_once() -> None:
    assert earliest_end(NEXT, NOW) == NOW
