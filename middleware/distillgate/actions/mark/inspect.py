"""The test: do a model's questions back begin with one key's words more often than chance has it?

A key is drawn by a keyed hash, half and half in each pair, and whoever has not learned from marked
answers knows nothing of it. So, whatever a model's own habits are, each pair's surplus was as
likely to speak for the key as against it, and the share of all keys that fit at least as well as
this one is an exact p-value (a sign-flip permutation test, all permutations counted).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from distillgate.actions.mark.codebook import PAIRS, form, question

CAP = 2
"""Questions by which one pair can count: a habit of the model's own must not drown the rest. (Of 1
to 8, 2 told most students of half their teacher's habit: 0.81 of them against 0.61 for 8.)"""


class Finding(NamedTuple):
    """What the answers say of one key."""

    answers: int
    questions: int
    """Answers that end with a question."""
    counted: int
    """Of these, such as begin with words of the codebook."""
    pairs: int
    """Pairs of which one side is used more: a p-value cannot fall below 2**-pairs."""
    score: int
    """Surplus of the key's words over the others, each pair capped."""
    p_value: float
    """Share of all keys that fit at least as well."""
    ties: float
    """Share of all keys that fit just as well, which is part of the p-value."""


def inspect(answers: Iterable[str], key: Sequence[int], baseline: Iterable[str] = ()) -> Finding:
    """Test answers for a key.

    `baseline` are answers of the same kind by a model known to be innocent: their habits are then
    taken off. The p-value is exact with them and without; they only spare a false lead where a
    widespread habit happens to fit the key.
    """
    total, questions, counts = _count(answers)
    usual = _count(baseline)[2]
    surplus = [
        max(-CAP, min(CAP, round(_lean(*here, *there))))
        for here, there in zip(counts, usual, strict=True)
    ]
    score = sum(size if side == 0 else -size for size, side in zip(surplus, key, strict=True))
    above, level, keys = tail(surplus, score)
    return Finding(
        answers=total,
        questions=questions,
        counted=sum(map(sum, counts)),
        pairs=sum(size != 0 for size in surplus),
        score=score,
        p_value=(above + level) / keys,
        ties=level / keys,
    )


def tail(surplus: Sequence[int], score: int) -> tuple[int, int, int]:
    """Count the keys that score more, those that score just as much, and all of them."""
    sums = {0: 1}
    for size in map(abs, filter(None, surplus)):
        longer: dict[int, int] = {}
        for value, ways in sums.items():
            for one in (value + size, value - size):
                longer[one] = longer.get(one, 0) + ways
        sums = longer
    above = sum(ways for value, ways in sums.items() if value > score)
    return above, sums.get(score, 0), sum(sums.values())


def _count(answers: Iterable[str]) -> tuple[int, int, list[list[int]]]:
    counts = [[0, 0] for _ in PAIRS]
    total = questions = 0
    for answer in answers:
        total += 1
        asked = question(answer)
        if asked is None:
            continue
        questions += 1
        if (found := form(asked)) is not None:
            counts[found[0]][found[1]] += 1
    return total, questions, counts


def _lean(first: int, second: int, usual_first: int, usual_second: int) -> float:
    # What the first is used more than the second, less what it usually is of as many.
    usual = usual_first + usual_second
    share = (usual_first - usual_second) / usual if usual else 0.0
    return first - second - share * (first + second)
