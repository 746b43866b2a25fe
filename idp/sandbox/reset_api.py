"""The way back to the seed."""

from collections.abc import Callable, Sequence

from idp.sandbox.operations import Asked, Operation


def reset_operations(reset: Callable[[], None]) -> Sequence[Operation]:
    """Return the call that forgets everything but the directory and the keys."""

    def go_back(_asked: Asked) -> None:
        reset()

    return (Operation("POST", "/reset", go_back, "Go back to the seed: the directory and the signing keys stay."),)
