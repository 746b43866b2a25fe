"""The browser of the other stories."""

from tests.browser.conftest import open_page

__all__ = ["open_page"]
