"""What kind of browser signed in, on what kind of machine: two families, never the raw string, from which a person could be known again."""

import re
from collections.abc import Mapping

# In this order: each of them names some of those that follow.
_BROWSER_SIGNS = (
    ("edge", re.compile(r"\bEdgA?/|\bEdgiOS/|\bEdge/")),
    ("opera", re.compile(r"\bOPR/|\bOPT/|\bOpera\b")),
    ("samsung", re.compile(r"\bSamsungBrowser/")),
    ("firefox", re.compile(r"\bFirefox/|\bFxiOS/")),
    ("chrome", re.compile(r"\bChrome/|\bCriOS/|\bChromium/")),
    ("safari", re.compile(r"\bSafari/")),
)
_SYSTEM_SIGNS = (
    ("android", re.compile(r"\bAndroid\b")),
    ("ios", re.compile(r"\biPhone\b|\biPad\b|\biPod\b")),
    ("windows", re.compile(r"\bWindows\b")),
    ("macos", re.compile(r"\bMac OS X\b|\bMacintosh\b")),
    ("chromeos", re.compile(r"\bCrOS\b")),
    ("linux", re.compile(r"\bLinux\b|\bX11\b")),
)
BROWSERS: Mapping[str, str] = {
    "edge": "Edge",
    "opera": "Opera",
    "samsung": "Samsung Internet",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
}
"""The families' names as people know them; no language translates them."""
SYSTEMS: Mapping[str, str] = {
    "android": "Android",
    "ios": "iPhone ou iPad",
    "windows": "Windows",
    "macos": "Mac",
    "chromeos": "ChromeOS",
    "linux": "Linux",
}
_LONGEST = 512  # of what a browser says; the rest is not looked at


def find_device(user_agent: str) -> str:
    """Return the family of a browser and of its system, with a space between, each "" where it is none of those known.

    Args:
        user_agent: As sent (RFC 9110 section 10.1.5).
    """
    said = user_agent[:_LONGEST]
    browser = next((name for name, sign in _BROWSER_SIGNS if sign.search(said)), "")
    system = next((name for name, sign in _SYSTEM_SIGNS if sign.search(said)), "")
    return f"{browser} {system}" if browser or system else ""
