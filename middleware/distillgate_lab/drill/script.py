"""What a drill plays: scenarios by their names, as calls in the order of their times."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from distillgate.errors import ConfigError
from distillgate_lab.scenarios import corpus, generated
from distillgate_lab.scenarios.campaigns import CAMPAIGNS, Campaign
from distillgate_lab.scenarios.campaigns.ring import run
from distillgate_lab.scenarios.clock import DAY
from distillgate_lab.scenarios.honest import CLASSES
from distillgate_lab.scenarios.infrastructure import INFRASTRUCTURES
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Corpus
from distillgate_lab.scenarios.words import Vocabulary

_AT = "@"
_HONEST = 50
"""Accounts of an honest class where nothing is said."""


class Call(NamedTuple):
    """One exchange to play."""

    at: float
    """Seconds after the drill's beginning, on the scenario's own clock."""
    label: str
    """Its honest class or campaign."""
    record: dict[str, Any]
    """The exchange as the traffic log has it; its answer is what the scenario expected."""


class Script(NamedTuple):
    """A drill, written out."""

    calls: list[Call]
    left_out: int
    """Calls beyond the limit."""
    start: float
    """When the scenario's first exchange is, on its own calendar."""

    @property
    def days(self) -> float:
        """How long it takes on its own clock."""
        return self.calls[-1].at / DAY if self.calls else 0.0


def scenarios() -> Iterator[tuple[str, str, str]]:
    """Return every scenario: its name, `campaign` or `honest`, and what it is in a sentence."""
    for name, plan in CAMPAIGNS.items():
        yield name, "campaign", f"{_said(plan.feed)} ({', '.join(_manners(plan))})"
    for name, kind in CLASSES.items():
        yield name, "honest", _said(kind.write)


def write(
    names: Sequence[str], *, accounts: int | None, limit: int, seed: str, texts: Path | None
) -> Script:
    """Write a drill of some scenarios.

    `accounts` is how many each has (their own number for campaigns, 50 for honest classes, where it
    is None); `limit` bounds the calls in all, the earliest first. Text is a grammar's, or that of
    the directory `texts`. Raises `ConfigError` for a name that is none.
    """
    parted = [_parted(name) for name in names]
    found = corpus.load(texts, "all") if texts is not None else generated.corpus()
    vocabulary = Vocabulary(found.texts())
    calls: list[tuple[str, dict[str, Any]]] = []
    for name, infrastructure in parted:
        calls += [
            (name, record)
            for record in _records(name, infrastructure, found, vocabulary, accounts, seed)
        ]
    calls.sort(key=lambda call: float(call[1]["ts"]))
    start = float(calls[0][1]["ts"]) if calls else 0.0
    chosen = [Call(record["ts"] - start, label, record) for label, record in calls[:limit]]
    return Script(chosen, len(calls) - len(chosen), start)


def _records(
    name: str,
    infrastructure: str,
    found: Corpus,
    vocabulary: Vocabulary,
    accounts: int | None,
    seed: str,
) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    plan = CAMPAIGNS.get(name)
    scene = Scene(found, vocabulary, f"{seed}/{name}", records.append, campaign=plan is not None)
    scene.label = name
    if plan is None:
        CLASSES[name].write(scene, accounts or _HONEST)
    else:
        run(scene, replace(plan, accounts=accounts or plan.accounts), infrastructure)
    return [record for record in records if record["response"]["status"] == 200]


def _parted(name: str) -> tuple[str, str]:
    """Read `KIND` or `KIND@INFRASTRUCTURE`."""
    kind, _, infrastructure = name.partition(_AT)
    infrastructure = infrastructure or INFRASTRUCTURES[-1]
    for word, known in ((kind, [*CAMPAIGNS, *CLASSES]), (infrastructure, [*INFRASTRUCTURES])):
        if word not in known:
            near = difflib.get_close_matches(word, known, 1)
            meant = f"; did you mean {near[0]!r}?" if near else "; see `distillgate drill --list`"
            raise ConfigError(f"{word!r} is no scenario{meant}")
    return kind, infrastructure


def _manners(plan: Campaign) -> Iterator[str]:
    """Return how a campaign goes about it."""
    yield f"{plan.accounts:,} account{'s' * (plan.accounts > 1)}"
    yield f"{plan.each:,} calls each in {plan.days:g} days"
    if plan.diurnal:
        yield "at a person's hours"
    if plan.mix:
        yield f"{plan.mix:.0%} ordinary traffic"
    if plan.sharded:
        yield "dealt by subject"
    if plan.wrapped:
        yield "a wording of its own an account"
    if plan.stages > 1:
        yield f"{plan.stages} pools of accounts, one after the other"
    elif plan.failover:
        yield "what is turned away comes again from another account"


def _said(writer: object) -> str:
    first, _, _ = (writer.__doc__ or "").strip().partition("\n")
    return first.rstrip(".")
