"""E-mail addresses as families type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.people.emails import EmailAddress, EmailFault, is_fictional, parse_email


def fault_of(typed: str) -> str:
    with pytest.raises(EmailFault) as refused:
        parse_email(typed)
    return refused.value.code


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("joe.dupont@famille.example", "joe.dupont@famille.example"),
        ("  joe@famille.example\t", "joe@famille.example"),
        ("Joe.Dupont@Famille.EXAMPLE", "Joe.Dupont@famille.example"),
        ("joe+ecole@famille.example", "joe+ecole@famille.example"),
        ("o'neill_2@a-b.famille.example", "o'neill_2@a-b.famille.example"),
        ("j@xn--cole-9oa.example", "j@xn--cole-9oa.example"),
        ("j@1.example2", "j@1.example2"),
    ],
)
def test_an_address_is_kept_as_typed_but_for_its_domain(typed: str, kept: str) -> None:
    assert parse_email(typed).address == kept


@pytest.mark.parametrize("typed", ["", "   ", "\n"])
def test_nothing_typed_is_told_as_such(typed: str) -> None:
    assert fault_of(typed) == "empty"


@pytest.mark.parametrize(
    "typed",
    [
        "joe", "joe@", "@famille.example", "joe@famille", "joe@famille.", "joe@.example", "joe@famille..example",
        ".joe@famille.example", "joe.@famille.example", "joe..d@famille.example", "joe dupont@famille.example",
        "joe@fam ille.example", "joe@@famille.example", "a@b@famille.example", "joe@-famille.example",
        "joe@famille-.example", "joe@127.0.0.1", "joe@[127.0.0.1]", '"joe"@famille.example', "joe@famille_x.example",
        "Joe <joe@famille.example>", "joe@famille.example, x@y.example", "joe@famille.example;x@y.example",
    ],
)  # fmt: skip
def test_what_is_no_single_mailbox_is_incomplete(typed: str) -> None:
    assert fault_of(typed) == "incomplete"


@pytest.mark.parametrize("sign", ["\r", "\n", "\r\n", "\0", "\x1b", "\u2028", "\x85", "\ufeff"])
@pytest.mark.parametrize(
    "place", ["joe{}@famille.example", "joe@famille{}.example", "joe@famille.example{}Bcc: x@y.example"]
)
def test_no_line_end_and_no_control_sign_gets_into_a_header(sign: str, place: str) -> None:
    assert fault_of(place.format(sign)) == "incomplete"


@pytest.mark.parametrize("typed", ["zoé@famille.example", "joe@école.example", "joe@fаmille.example"])
def test_letters_that_servers_write_in_two_ways_are_refused_in_words(typed: str) -> None:
    """The last one has a Cyrillic letter."""
    assert fault_of(typed) == "accents"


def test_length_is_bounded_as_servers_bound_it() -> None:
    labels = ".".join(["d" * 60] * 3)
    longest = f"{'l' * 64}@{labels}.fr{'x' * 3}"
    assert len(longest) == 254 - 1
    assert parse_email(f"{longest}x").address == f"{longest}x"
    assert fault_of(f"{longest}xx") == "long"
    assert fault_of(f"{'l' * 65}@famille.example") == "long"
    assert fault_of(f"joe@{'d' * 64}.example") == "incomplete"


def test_two_addresses_that_differ_by_their_case_are_compared_as_one() -> None:
    assert parse_email("Joe@Famille.example").compared == parse_email("joe@famille.example").compared


@pytest.mark.parametrize("domain", ["famille.test", "famille.example", "x.invalid", "example.com", "a.example.org"])
def test_domains_that_are_kept_for_tests_belong_to_nobody(domain: str) -> None:
    assert is_fictional(parse_email(f"joe@{domain}"))


@pytest.mark.parametrize("domain", ["notexample.com", "example.fr", "test.fr", "example.com.fr"])
def test_any_other_domain_may_be_somebodys(domain: str) -> None:
    assert not is_fictional(parse_email(f"joe@{domain}"))


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_a_fault_with_a_name(typed: str) -> None:
    try:
        email = parse_email(typed)
    except EmailFault as fault:
        outcome = fault.code
    else:
        outcome = "read"
        assert email.address.isascii()
        assert email.address.isprintable()
        assert " " not in email.address
        assert parse_email(email.address) == email == EmailAddress(email.address)
    assert outcome in {"read", "empty", "incomplete", "accents", "long"}
