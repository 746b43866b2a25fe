"""RFC 8707 section 2."""

from typing import Any

import pytest

from tests.protocol.test_authorization_request_rfc6749 import check, refused
from tests.protocol.test_request_object_rfc9101 import ask, inside, sign
from tests.protocol.test_request_object_rfc9101 import refused as refused_object

API = "https://api.ent.example/"


def test_a_resource_that_is_not_known_is_an_invalid_target() -> None:
    assert refused(resource=API).error == "invalid_target"
    assert refused(resource="no address").error == "invalid_target"


def test_a_client_may_name_several_which_is_no_repetition() -> None:
    assert refused(("resource", API), ("resource", f"{API}more")).error == "invalid_target"


def test_an_empty_one_counts_as_absent() -> None:
    assert check(resource="").client_id == "ent"


@pytest.mark.parametrize("value", [API, [API], [API, f"{API}more"]])
def test_inside_a_request_object_they_are_a_text_or_a_list(value: Any) -> None:
    assert refused_object(sign(inside(resource=value))).error == "invalid_target"
    assert ask(sign(inside(resource=[]))).client_id == "ent"


def test_outside_a_request_object_they_count_for_nothing() -> None:
    assert ask(sign(inside()), resource=API).client_id == "ent"
