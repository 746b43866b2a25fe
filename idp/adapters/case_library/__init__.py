"""The library of named cases: families documents that come with the package, one file for each case.

Owns the files and their names. What a document may hold is `journeys.families`' business.
"""

from pathlib import Path

EVERY_CASE = "all"
CASES = Path(__file__).parent
"""Where the files are, for programs that read them by themselves."""


def case_names() -> list[str]:
    """Return the names of the cases, in the order of the alphabet."""
    return sorted(path.stem for path in CASES.glob("*.toml"))


def load_case(name: str) -> str:
    """Return the text of a case.

    Raises:
        KeyError: There is no such case.
    """
    if name not in case_names():
        raise KeyError(name)
    return (CASES / f"{name}.toml").read_text(encoding="utf-8")


def chosen_cases(names: tuple[str, ...]) -> list[str]:
    """Return the names of the cases that were chosen, each once: `all` means every one."""
    return case_names() if EVERY_CASE in names else list(dict.fromkeys(names))
