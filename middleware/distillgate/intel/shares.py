"""A bound on what is told at once that no source can use up for the others."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Protocol, TypeVar


class _Versioned(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def modified(self) -> float: ...


Made = TypeVar("Made", bound=_Versioned)


def newest(made: Iterable[Made], most: int) -> tuple[list[Made], Counter[str]]:
    """Return the newest of each source up to its share of a number, and how many more each has.

    What those who tell less leave of their shares is the others'.
    """
    by_source = defaultdict[str, list[Made]](list)
    for one in made:
        by_source[one.source].append(one)
    kept, beyond = list[Made](), Counter[str]()
    for at, source in enumerate(sorted(by_source, key=lambda one: (len(by_source[one]), one))):
        its, share = by_source[source], (most - len(kept)) // (len(by_source) - at)
        if len(its) > share:
            beyond[source] = len(its) - share
            its = sorted(its, key=lambda one: -one.modified)[:share]
        kept += its
    return kept, beyond
