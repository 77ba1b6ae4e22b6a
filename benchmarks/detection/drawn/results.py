"""Results a line a world: a run that is cut off goes on where it was."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.detection.drawn.play import Played


class _Line(msgspec.Struct, frozen=True):
    ground: str
    played: Played


class Results:
    """The worlds that were played of one ground (texts, seed, sizes), kept in a directory.

    Another ground's results in the same directory are left alone. A line that was cut off in the
    middle is left out, and its world played again.
    """

    def __init__(self, directory: Path | None, ground: str) -> None:
        self._path = directory / "worlds.jsonl" if directory is not None else None
        self._ground = ground
        self._played: dict[int, Played] = {}
        if self._path is not None and self._path.exists():
            for line in self._path.read_bytes().splitlines():
                self._read(line)

    def __contains__(self, index: int) -> bool:
        return index in self._played

    def __iter__(self) -> Iterator[Played]:
        return (self._played[index] for index in sorted(self._played))

    def add(self, played: Played) -> None:
        """Keep a world's result, and write it down at once."""
        if played.index in self:
            return
        self._played[played.index] = played
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            line = msgspec.json.encode(_Line(self._ground, played))
            with self._path.open("ab") as file:
                file.write(b"\n" + line + b"\n")  # what another run was writing is ended, too

    def _read(self, line: bytes) -> None:
        try:
            found = msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError:
            return
        if found.ground == self._ground:
            self._played[found.played.index] = found.played
