"""Files written side by side, record by record, with few of them open at a time."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

_OPEN = 48  # below what any system lets a process open


@dataclass(frozen=True, slots=True)
class Shape:
    """How each file begins and ends, and its encoding. What the encoding lacks is written as an XML character reference."""

    head: str = ""
    tail: str = ""
    encoding: str = "utf-8"
    newline: str = "\n"


@dataclass(slots=True)
class _Part:
    path: Path
    number: int
    count: int


class Shelf:
    """The files of one kind. A file that holds `split` records is ended and the next one of its series is begun.

    Args:
        shape: Beginning, end and encoding.
        split: Records in one file, 0 for no limit.
        path_of: The path of a series' file with a number, from 0.
    """

    def __init__(self, shape: Shape, split: int, path_of: Callable[[str, int], Path]) -> None:
        self._shape = shape
        self._split = split
        self._path_of = path_of
        self._parts: dict[str, _Part] = {}
        self._open: OrderedDict[Path, TextIO] = OrderedDict()
        self._paths: list[Path] = []

    def put(self, series: str, text: str) -> None:
        """Write one record at the end of a series.

        Raises:
            OSError: It cannot be written.
        """
        part = self._parts.get(series)
        if part is None or 0 < self._split <= part.count:
            part = self._begin(series, part)
        part.count += 1
        self._file(part.path).write(text)

    def close(self) -> list[Path]:
        """End every file and return their paths.

        Raises:
            OSError: One cannot be written.
        """
        for part in self._parts.values():
            self._end(part)
        self.abandon()
        return sorted(self._paths)

    def abandon(self) -> None:
        """Close what is open."""
        while self._open:
            self._open.popitem()[1].close()

    def _begin(self, series: str, before: _Part | None) -> _Part:
        if before is not None:
            self._end(before)
        number = before.number + 1 if before else 0
        part = _Part(self._path_of(series, number), number, 0)
        part.path.parent.mkdir(parents=True, exist_ok=True)
        self._parts[series] = part
        self._paths.append(part.path)
        self._file(part.path, "w").write(self._shape.head)
        return part

    def _end(self, part: _Part) -> None:
        self._file(part.path).write(self._shape.tail)
        self._open.pop(part.path).close()

    def _file(self, path: Path, mode: Literal["a", "w"] = "a") -> TextIO:
        file = self._open.get(path)
        if file is not None:
            self._open.move_to_end(path)
            return file
        if len(self._open) >= _OPEN:
            self._open.popitem(last=False)[1].close()
        shape = self._shape
        # A codec may begin a file with a mark (utf-8-sig): written once, by whoever opens it first.
        encoding = "utf-8" if mode == "a" and shape.encoding == "utf-8-sig" else shape.encoding
        # Closed when its turn comes, or in `abandon`.
        opened = path.open(mode, encoding=encoding, errors="xmlcharrefreplace", newline=shape.newline)
        self._open[path] = opened
        return opened
