"""`python -m benchmarks.text`: what text says about kinds of harvest never seen before.

For every kind of text in a directory: what the gate's own rates and templates say of one account
that sends it, and what a classifier (hashed words and pairs of words, logistic) says that was
trained on every other kind. The second decides how much the first may weigh: a classifier's weight
is its recall on unseen kinds over its alarms on unseen honest ones.
"""

import argparse
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from distillgate.dialects.chat import CHAT
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.fingerprint.fingerprint import Fingerprinter
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import Request, from_document
from distillgate_lab.scenarios.corpus import sources

Vector = NDArray[np.float64]
ACCOUNTS, TEXTS, BATCH = 6, 200, 20
"""Accounts and texts of each by kind, and texts that a classifier's account mean is over."""
PLACES = 1 << 15
QUANTILE = 0.99
"""Of the honest accounts it was trained on: the classifier's threshold."""


@dataclass(slots=True)
class Kind:
    """One kind of text."""

    name: str
    harvest: bool
    rows: list[tuple[str, str]] = field(default_factory=list)
    """Instructions and turn."""
    varying: list[str] = field(default_factory=list)


def kinds(directory: Path) -> list[Kind]:
    """Read every kind of text; probes and clocks are none."""
    found = []
    for source in sources(directory):
        rows = [row for row in source.rows if not row.get("params")]
        if source.role == "trace" or not rows:
            continue
        kind = Kind(source.name.removesuffix(".jsonl.gz"), source.role == "distill")
        for row in rows:
            if row.get("turns"):
                turn = next((t["content"] for t in row["turns"] if t["role"] == "user"), "")
                kind.rows.append(("", turn))
            else:
                kind.rows.append((row.get("system") or "", row["prompt"]))
        kind.varying = without_fixed([turn for _, turn in kind.rows])
        found.append(kind)
    return found


def without_fixed(texts: Sequence[str]) -> list[str]:
    """Take out of texts the lines that many of them share."""
    counts = Counter(line for text in texts for line in {*text.split("\n")})
    often = max(3, len(texts) // 20)
    return ["\n".join(line for line in t.split("\n") if counts[line] < often) for t in texts]


# --- what the gate says


@dataclass(slots=True)
class Said:
    """What the gate said of the accounts of one kind."""

    restricted: int = 0
    first: list[int] = field(default_factory=list)
    """Exchanges before each restriction."""
    signals: Counter[str] = field(default_factory=Counter)
    content: float = 0.0
    """Highest weight of the family, mean over the accounts."""
    signed: float = 0.0
    """Share of requests that a known template is found in."""


def said_of(kind: Kind, dice: random.Random) -> Said:
    """Have single accounts send one kind of text."""
    said, reader = Said(), Fingerprinter(seed=0)
    for _ in range(ACCOUNTS):
        engine = Engine(EngineSettings(), count=_count, secret=b"texts" * 8)
        rows = dice.sample(kind.rows, min(TEXTS, len(kind.rows)))
        first, seen, content, signed = None, set(), 0.0, 0
        for number, (system, turn) in enumerate(rows, 1):
            messages = [{"role": "system", "content": system}] if system else []
            messages.append({"role": "user", "content": turn})
            request = from_document(CHAT, {"model": "m", "messages": messages})
            decision = engine.begin(Exchange("a", request), 600.0 * number)
            pieces = reader.cut(request, 1, (), settled=False)
            signed += reader.read(request, pieces).signature is not None
            outcome = Outcome(200, len(turn) // 4, max(1, int(dice.lognormvariate(6.0, 0.6))))
            engine.finish(decision, outcome, 600.0 * number + 5)
            seen |= {r.signal for r in decision.reasons if r.family in ("content", "signature")}
            content = max(content, decision.families.get("content", 0.0))
            if first is None and decision.action.restricts:
                first = number
        said.signals.update(seen)
        said.content += content / ACCOUNTS
        said.signed += signed / len(rows) / ACCOUNTS
        if first is not None:
            said.restricted += 1
            said.first.append(first)
    return said


def _count(request: Request) -> int:
    return sum(len(message.text) for message in request.messages) // 4


# --- what a classifier says


@dataclass(slots=True)
class Matrix:
    """Texts as rows of hashed words and pairs of words, each row of length one."""

    rows: NDArray[np.intp]
    places: NDArray[np.intp]
    values: Vector
    count: int

    def dot(self, weights: Vector) -> Vector:
        """Score every text."""
        parts = self.values * weights[self.places]
        return np.bincount(self.rows, parts, self.count).astype(np.float64)

    def back(self, errors: Vector) -> Vector:
        """Sum the texts, each times its error."""
        parts = self.values * errors[self.rows]
        return np.bincount(self.places, parts, PLACES).astype(np.float64)


def matrix(texts: Sequence[str]) -> Matrix:
    """Hash texts."""
    rows, places, values = [], [], []
    for row, text in enumerate(texts):
        words = text.lower().split()[:400]
        pairs = {crc32(f"{a} {b}".encode()) for a, b in pairwise(words)}
        found = {crc32(word.encode()) % PLACES for word in words} | {p % PLACES for p in pairs}
        rows += [row] * len(found)
        places += sorted(found)
        values += [len(found) ** -0.5] * len(found) if found else []
    return Matrix(np.array(rows), np.array(places), np.array(values), len(texts))


def train(texts: Matrix, labels: Vector, weight: Vector, steps: int = 80) -> Vector:
    """Fit a logistic model by gradient descent with momentum; `weight` evens the kinds out."""
    weights, speed = np.zeros(PLACES), np.zeros(PLACES)
    for _ in range(steps):
        guess = 1 / (1 + np.exp(-texts.dot(weights)))
        slope = texts.back((guess - labels) * weight) + 1e-5 * weights
        speed = 0.9 * speed - 40.0 * slope
        weights += speed
    return weights


def account_means(scores: Vector) -> Vector:
    """Give the mean scores of accounts of `BATCH` texts each."""
    whole = len(scores) // BATCH * BATCH
    means: Vector = scores[:whole].reshape(-1, BATCH).mean(axis=1)
    return means


def left_out(every: Sequence[Kind], dice: random.Random) -> dict[str, float]:
    """Give, for every kind, the share of its accounts that a model trained on the rest flags."""
    texts, kind_of = [], []
    for number, kind in enumerate(every):
        chosen = dice.sample(kind.varying, min(400, len(kind.varying)))
        texts += chosen
        kind_of += [number] * len(chosen)
    data, owner = matrix(texts), np.array(kind_of)
    labels = np.array([every[number].harvest for number in kind_of], np.float64)
    flagged = {}
    for number, kind in enumerate(every):
        rest = owner != number
        weight = np.zeros(len(owner))
        for label in (0.0, 1.0):
            same = rest & (labels == label)
            for other in np.unique(owner[same]):
                mine = same & (owner == other)
                weight[mine] = 0.5 / len(np.unique(owner[same])) / mine.sum()
        scores = data.dot(train(data, labels, weight))
        honest = [account_means(scores[owner == o]) for o in np.unique(owner[rest & (labels == 0)])]
        line = float(np.quantile(np.concatenate(honest), QUANTILE))
        flagged[kind.name] = float(np.mean(account_means(scores[~rest]) > line))
    return flagged


def write(every: Sequence[Kind], said: dict[str, Said], flagged: dict[str, float]) -> str:
    """Write the table, and what weight follows."""
    lines = [
        f"{'kind':44} {'left out':>8} {'content':>8} {'template':>9} {'restricted':>10}  signals"
    ]
    sums: dict[bool, list[float]] = defaultdict(list)
    for kind in sorted(every, key=lambda kind: kind.harvest):
        one = said[kind.name]
        sums[kind.harvest].append(flagged[kind.name])
        first = f" from {max(one.first)}" if one.first else ""
        named = ", ".join(f"{name} {count}/{ACCOUNTS}" for name, count in one.signals.items())
        lines.append(
            f"{kind.name:44} {flagged[kind.name]:8.3f} {one.content:8.2f} {one.signed:9.3f} "
            f"{one.restricted:>8}/{ACCOUNTS}  {named}{first}"
        )
    recall, alarms = np.mean(sums[True]), max(1e-3, float(np.mean(sums[False])))
    weight = math.log(max(1e-3, float(recall)) / alarms)
    found = f"recall {recall:.3f} (worst {min(sums[True]):.3f})"
    wrong = f"alarms on honest kinds {alarms:.3f} (worst {max(sums[False]):.3f})"
    cap = EngineSettings().risk.caps["content"]
    return "\n".join(
        [
            *lines,
            f"classifier, trained without the kind: {found}, {wrong}",
            f"weight that follows: {weight:+.2f} nats; the family's cap: {cap:g}",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    every = kinds(parser.parse_args(arguments).corpus)
    dice = random.Random(1)
    said = {kind.name: said_of(kind, dice) for kind in every}
    print(write(every, said, left_out(every, dice)))


if __name__ == "__main__":
    main()
