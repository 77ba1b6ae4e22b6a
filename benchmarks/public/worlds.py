"""The logs: a campaign, and beside it honest accounts that share what gives it away.

All text is a grammar's (`distillgate_lab.scenarios.generated`): nobody's data, and the same bytes
for the same seed.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from distillgate_lab.scenarios import generated
from distillgate_lab.scenarios.campaigns import CAMPAIGNS
from distillgate_lab.scenarios.campaigns.ring import run
from distillgate_lab.scenarios.honest import CLASSES
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Corpus
from distillgate_lab.scenarios.words import Vocabulary

EACH = 24
"""Most calls of an account of a campaign, on average."""
CAMPAIGN = "campaign"


class Pair(NamedTuple):
    """One world."""

    name: str
    campaign: str
    infrastructure: str
    twin: str
    """Honest accounts like it..."""
    alike: str
    """...and in what."""
    accounts: int = 150
    honest: int = 300


PAIRS = (
    Pair("template", "500 accounts", "mimic", "users of popular tools", "one prompt of many"),
    Pair("address", "500 accounts", "shared", "offices and universities", "one network"),
    Pair("reasoning", "fixed reasoning prompt", "residential", "audit trails",
         "they ask for the reasoning"),
    Pair("grading", "rubric grading", "mimic", "model judges", "one rubric", honest=60),
    Pair("generation", "self-instruct", "mimic", "batch classification", "one job, for long",
         honest=60),
    Pair("agents", "tool trajectories", "mimic", "coding agents", "long shared prefixes"),
    Pair("questions", "no shared wrapper", "mimic", "benchmark crowd", "bare questions"),
    Pair("chats", "real-chat replay", "mimic", "chat users", "people's own words"),
    Pair("slow", "slow", "mimic", "classrooms", "few calls each, one sheet", honest=200),
    Pair("heavy", "one heavy account", "mimic", "migrated workloads", "much at once", accounts=1,
         honest=30),
)  # fmt: skip


class World(NamedTuple):
    """One log, with who is what."""

    pair: Pair
    lines: list[bytes]
    labels: dict[str, str]
    """`campaign`, or the honest class, of each account."""

    @property
    def digest(self) -> str:
        """Names its bytes."""
        return hashlib.blake2b(b"".join(self.lines), digest_size=8).hexdigest()


def worlds(seed: int, scale: float, only: Collection[str] | None = None) -> Iterator[World]:
    """Write the worlds, one after the other; `scale` is of the accounts."""
    texts = generated.corpus()
    vocabulary = Vocabulary(texts.texts())
    for pair in PAIRS:
        if not only or pair.name in only:
            yield _world(pair, texts, vocabulary, seed, scale)


def _world(pair: Pair, texts: Corpus, vocabulary: Vocabulary, seed: int, scale: float) -> World:
    records: list[dict[str, Any]] = []
    plan = CAMPAIGNS[pair.campaign]
    if pair.accounts > 1:
        accounts = max(2, round(pair.accounts * scale))
        plan = replace(plan, accounts=accounts, each=min(EACH, plan.each))
    ring = Scene(texts, vocabulary, f"{seed}/{pair.name}", records.append, campaign=True)
    run(ring, plan, pair.infrastructure)
    labels = dict.fromkeys((str(record["account"]) for record in records), CAMPAIGN)
    people = Scene(texts, vocabulary, f"{seed}/{pair.twin}", records.append, campaign=False)
    CLASSES[pair.twin].write(people, max(8, round(pair.honest * scale)))
    for record in records:
        labels.setdefault(str(record["account"]), pair.twin)
    records.sort(key=lambda record: float(record["ts"]))
    return World(pair, [orjson.dumps(record) for record in records], labels)
