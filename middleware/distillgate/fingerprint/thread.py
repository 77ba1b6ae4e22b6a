"""A conversation's place: what came before this request's newest turns, as one running hash."""

from collections.abc import Iterable, Sequence

import xxhash

from distillgate.records import FrozenStruct
from distillgate.wire.message import Message

TELLING = 60
"""Length from which a text is unlikely to be written twice by chance."""


class Thread(FrozenStruct, frozen=True):
    """Keyed hashes of one conversation; instructions are left out, since relays change them."""

    before: int | None
    """The conversation as the request before this one carried it; None of the first."""
    tells: bool
    """Whether that was long enough that two people hardly send it by chance ("hello" is not)."""
    now: int
    """The conversation as this request carries it."""
    telling: bool
    """Whether this is."""
    start: int
    """Where the newest run of answers begins; 0 where there is none..."""
    end: int
    """...and where it ends."""


def thread(turns: Sequence[Message], seed: int) -> Thread:
    """Follow a conversation's turns."""
    answers = [place for place, turn in enumerate(turns) if turn.role == "assistant"]
    if not answers:  # a conversation that begins: most do
        now = xxhash.xxh3_64_intdigest(_written(turns), seed)
        return Thread(None, False, now, _long(turns), 0, 0)
    start, end = _newest_run(answers)
    running = xxhash.xxh3_64(_written(turns[:start]), seed)
    before = running.intdigest()
    tells = start > answers[0] or _long(turns[:start])
    running.update(_written(turns[start:]))
    return Thread(before, tells, running.intdigest(), _long(turns), start, end)


def _newest_run(places: Sequence[int]) -> tuple[int, int]:
    """Return where the newest run of neighbouring places starts and ends; 0 and 0 for none."""
    if not places:
        return 0, 0
    start = end = places[-1]
    for place in reversed(places[:-1]):
        if place != start - 1:
            break
        start = place
    return start, end + 1


def _written(turns: Iterable[Message]) -> bytes:
    text = "".join([f"{turn.role}\n{turn.text}\n" for turn in turns if turn.role != "system"])
    return text.encode("utf-8", "surrogatepass")


def _long(turns: Iterable[Message]) -> bool:
    left = TELLING
    for turn in turns:
        if turn.role != "system":
            left -= len(turn.text)
            if left <= 0:  # of a long conversation, after its first turn
                return True
    return False
