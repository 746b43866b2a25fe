"""The browser of the other stories, and the stack."""

import pytest

from tests.browser.conftest import Demo, open_page
from tests.containers.stack import ENT, FC, IDP, TOKEN
from tests.support.sandbox import Sandbox

__all__ = ["open_page"]


@pytest.fixture
def demo() -> Demo:
    """The stack, back at its seed."""
    stack = Demo(IDP, ENT, FC, Sandbox(IDP, token=TOKEN))
    stack.sandbox.reset()
    return stack
