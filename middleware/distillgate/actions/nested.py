"""Parameters that stand inside other objects: where, the dialect says (`Measured.fields`)."""

from collections.abc import Iterable

from distillgate.actions.draft import Draft
from distillgate.wire.edit import Value
from distillgate.wire.fields import integer
from distillgate.wire.operation import Path

_LEVELS = ("minimal", "low", "medium", "high")
_SAFE = "low"
"""The level that every model with levels takes."""


def take_out(draft: Draft, paths: Iterable[Path], said: str) -> None:
    """Take parameters out, where they are given."""
    for *where, name in paths:
        for parent in draft.at(*where):
            if next(parent.members(name), None) is not None:
                parent.remove(name)
                draft.removed.add(said)
                draft.record(said)


def lower(draft: Draft, paths: Iterable[Path], most: int, said: str) -> bool:
    """Lower numbers, where they are higher or mean no limit; return whether one was given."""
    given = False
    for value in _given(draft, paths):
        given = True
        asked = integer(value.read())
        if asked is None or not 0 <= asked <= most:
            value.replace(most)
            draft.record(said)
    return given


def limit(draft: Draft, paths: tuple[Path, ...], most: int) -> None:
    """Limit the output, also where no limit is given."""
    said = paths[0][-1]
    if not lower(draft, paths, most, said):
        for *where, name in paths:
            parents = [value for value in draft.at(*where) if value.kind == b"{"]
            for parent in parents:
                parent.put(name, most)
            if parents:
                break
        else:
            (outer, name) = paths[0]
            draft.body.root.put(outer, {name: most})
        draft.record(said)
    draft.limit = most


def calm(draft: Draft, paths: Iterable[Path], most: str) -> None:
    """Ask for the least effort that every model takes, where more is asked for than `most`."""
    allowed = _LEVELS.index(most) if most in _LEVELS else 0 if most == "none" else len(_LEVELS)
    for value in _given(draft, paths):
        asked = value.read()
        if isinstance(asked, str) and asked.lower() in _LEVELS[allowed + 1 :]:
            value.replace(_SAFE.upper() if asked.isupper() else _SAFE)
            draft.record("effort")


def _given(draft: Draft, paths: Iterable[Path]) -> Iterable[Value]:
    return [value for path in paths for value in draft.at(*path) if value.text() != b"null"]
