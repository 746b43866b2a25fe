"""The stories themselves, each at a provider that holds nobody else's."""

from idp.testing.preau import Preau
from tests.stories.story import FAMILIES, tell


def test_a_parent_activates_and_signs_in_where_nobody_else_was(preau: Preau, number: int) -> None:
    assert preau.messages() == []
    tell(preau, FAMILIES[number % len(FAMILIES)])
    assert len(preau.messages()) == 2, "a code, and the identifiant: another worker's text came here, or one was lost"
    made = [line["details"].get("cause") for line in preau.audit(event="activation.account-made")]
    assert len([cause for cause in made if cause != "families"]) == 1
