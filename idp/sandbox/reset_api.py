"""The way back to the seed."""

from collections.abc import Callable, Sequence

from idp.adapters.siblings import Siblings
from idp.sandbox.operations import Asked, Operation
from idp.sandbox.siblings_api import REFUSAL, check_siblings


def reset_operations(reset: Callable[[], None], siblings: Siblings) -> Sequence[Operation]:
    """Return the call that forgets everything but the directory and the keys."""

    def go_back(_asked: Asked) -> None:
        reset()
        check_siblings(siblings.reset())

    return (
        Operation(
            "POST",
            "/reset",
            go_back,
            "Go back to the seed: the directory and the signing keys stay. Siblings begin again too.",
            refusals=REFUSAL,
        ),
    )
