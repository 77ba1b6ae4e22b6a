"""`python -m benchmarks.mark`: how well a provenance mark is told, on synthetic answers.

No model is trained here. A teacher ends an answer as the forwarded instructions ask, word for word.
A student has the teacher's habit with some fidelity (the share of marked answers in which it shows;
the paper's students had 0.889, 0.809 and 0.452 of their teacher's) and ends the rest as unmarked
models do: with a question in three answers of ten, mostly in one of a few worn phrases.
"""

import argparse
import re
import statistics
import sys
from collections.abc import Sequence
from random import Random
from typing import Any

import scipy

from distillgate.actions.draft import Draft
from distillgate.actions.mark.codebook import PAIRS, key_of
from distillgate.actions.mark.inspect import Finding, inspect
from distillgate.actions.mark.measure import MarkSettings, mark
from distillgate.dialects.chat import CHAT
from distillgate.wire.request import from_document
from distillgate_lab.upstream.answers import answer

ANSWERS, KEYS = 400, 400
NULLS = 10
"""Sets of unmarked answers for each of marked ones: false alarms are rare, so more are needed."""
SIZES = (50, 100, 200, 400)
FIDELITIES = (1.0, 0.889, 0.809, 0.452, 0.2)
HABIT = 0.3
SECRET = b"benchmark"
_FORM = re.compile(r'begins with the words "(.+?)"')
_WORN = ("Let me know if you", "Want me to", "Anything else", "Would you like", "Do you have")


def taught(group: str, number: int) -> str | None:
    """Ask through the measure; give the words the teacher is told to begin its question with."""
    text = f"Why is river {number} of {group} brown?"
    request = from_document(CHAT, {"messages": [{"role": "user", "content": text}]})
    draft = Draft(request, group=group)
    mark(draft, MarkSettings(), SECRET)
    found = _FORM.search(from_document(CHAT, draft.body.root.read()).instructions)
    return found[1] if found else None


class Unmarked:
    """How a model that was not marked ends its answers: its own worn phrases, unevenly used."""

    def __init__(self, random_: Random) -> None:
        self._random = random_
        forms = [*_WORN, *random_.sample([form for pair in PAIRS for form in pair], 24)]
        self._forms = forms
        self._weights = [1 / (rank + 1) for rank in range(len(forms))]

    def say(self, text: str) -> str:
        if self._random.random() >= HABIT:
            return text
        (form,) = self._random.choices(self._forms, self._weights)
        return f"{text} {form} see more of it?"


def student(
    random_: Random, lessons: Sequence[str | None], fidelity: float, texts: Sequence[str]
) -> list[str]:
    """Let a student answer that learned from a group's answers, some of them marked."""
    habits = Unmarked(random_)
    said = []
    for text in texts:
        form = random_.choice(lessons)
        if form is not None and random_.random() < fidelity:
            said.append(f"{text} {form} see more of it?")
        else:
            said.append(habits.say(text))
    return said


def measure(*, keys: int = KEYS, count: int = ANSWERS, seed: int = 1) -> dict[str, Any]:
    """Measure everything, over as many keys (groups) as asked."""
    random_ = Random(seed)
    texts = [answer(str(number)) for number in range(count)]
    groups = {f"g-{n}": [taught(f"g-{n}", number) for number in range(count)] for n in range(keys)}
    rows = []
    for fidelity in FIDELITIES:
        found: dict[int, list[float]] = {size: [] for size in SIZES if size <= count}
        for group, lessons in groups.items():
            said = student(random_, lessons, fidelity, texts)
            for size, p_values in found.items():
                p_values.append(inspect(said[:size], key_of(SECRET, group)).p_value)
        rows.append({"fidelity": fidelity, "sizes": {s: _told(p) for s, p in found.items()}})
    unmarked = null(random_, NULLS * keys, texts)
    return {"answers": count, "keys": keys, "marked": rows, "unmarked": unmarked}


def null(random_: Random, keys: int, texts: Sequence[str]) -> dict[str, Any]:
    """Test unmarked answers, each set of another model, for a key each."""
    findings = []
    for number in range(keys):
        habits = Unmarked(random_)
        said = [habits.say(text) for text in texts]
        findings.append(inspect(said, key_of(SECRET, f"g-{number}")))
    exact = [found.p_value for found in findings]
    even = [spread(found, random_) for found in findings]
    test = scipy.stats.kstest(even, "uniform")
    above = scipy.stats.kstest(exact, "uniform", alternative="greater")
    return {
        "sets": keys,
        "false": {str(level): _share(exact, level) for level in (0.05, 0.01, 0.001)},
        "median": statistics.median(exact),
        "ks": {"statistic": float(test.statistic), "p_value": float(test.pvalue)},
        "ks_conservative": float(above.pvalue),
        "pairs": statistics.median(found.pairs for found in findings),
    }


def spread(found: Finding, random_: Random) -> float:
    """Spread a p-value over its ties: what is uniform where every key is as likely."""
    return found.p_value - random_.random() * found.ties


def _told(p_values: Sequence[float]) -> dict[str, float]:
    return {
        "0.01": _share(p_values, 0.01),
        "0.001": _share(p_values, 0.001),
        "1e-06": _share(p_values, 1e-6),
        "median": statistics.median(p_values),
    }


def _share(p_values: Sequence[float], level: float) -> float:
    return sum(p <= level for p in p_values) / len(p_values)


def write(result: dict[str, Any]) -> str:
    """Put the figures into a table."""
    count, share = result["answers"], MarkSettings().share
    text = f"{count} marked against {count} unmarked answers, over {result['keys']} keys; "
    text += f"share of answers asked to be marked {share}\n\n"
    names = ("fidelity", "answers", "p<=0.01", "p<=0.001", "p<=1e-06", "median p")
    text += "".join(f"{name:>10}" for name in names)
    for row in result["marked"]:
        for size, told in row["sizes"].items():
            shares = "".join(f"{told[level]:>10.3f}" for level in ("0.01", "0.001", "1e-06"))
            text += f"\n{row['fidelity']:>10}{size:>10}{shares}{told['median']:>10.2g}"
    none = result["unmarked"]
    false = ", ".join(f"{share:.4f} at {level}" for level, share in none["false"].items())
    text += f"\n\nunmarked, {none['sets']:,} sets: falsely told {false}; "
    text += f"median p {none['median']:.3f}; median pairs in use {none['pairs']}\n"
    text += f"uniform? Kolmogorov-Smirnov D = {none['ks']['statistic']:.4f}, "
    text += f"p = {none['ks']['p_value']:.3f}; "
    return text + f"too small, ties counted in full? p = {none['ks_conservative']:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mark", description=__doc__)
    parser.add_argument("--keys", type=int, default=KEYS)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    sys.stdout.write(write(measure(keys=chosen.keys, seed=chosen.seed)) + "\n")


if __name__ == "__main__":
    main()
