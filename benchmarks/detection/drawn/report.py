"""What drawn worlds came to: distributions, the worst, and what it depends on."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.detection.drawn import checks, tree
from benchmarks.detection.drawn.parameters import NATURAL
from benchmarks.detection.drawn.play import Found, Played
from benchmarks.detection.drawn.population import class_of
from benchmarks.detection.score import wilson
from distillgate.signals.allowance import AllowanceSettings

_WORST = 6
_SEEN = 0.9
"""Recall from which a campaign counts as seen."""
_SIZES = (2_000, 10_000, 40_000)
"""Planned exchanges by which campaigns are told apart."""
_BUDGETS = 2
"""Budgets of one actor in output tokens. A campaign that plans less is bounded by its budget, seen
or not: nobody is restricted within it."""

Told = list[tuple[Played, Found]]


def write(played: Sequence[Played]) -> str:
    """Write the report for people."""
    natural = [world for world in played if world.habits["permuted"] == NATURAL]
    parts = (_summary, _sizes, _kinds, _classes, _recall_tree, _leak_tree, _honest_tree, _worst)
    written = [list(part(natural)) for part in parts] + [list(checks.crowds(natural))]
    written.append(list(checks.rates(played)))
    return "\n\n".join("\n".join(lines) for lines in written if lines)


def campaigns(played: Iterable[Played]) -> Told:
    """Return every campaign with its world."""
    return [(world, found) for world in played for found in world.campaigns]


def honest(played: Iterable[Played]) -> Told:
    """Return every honest class and group with its world."""
    return [(world, found) for world in played for found in world.honest]


def _summary(played: Sequence[Played]) -> Iterator[str]:
    accounts = sum(found.outcome.accounts for _, found in honest(played))
    exchanges = sum(world.exchanges for world in played)
    spent = sum(world.writing + world.replaying for world in played)
    judging = sum(world.replaying for world in played)
    yield (
        f"{len(played)} worlds, {accounts:,} honest accounts, {len(campaigns(played))} campaigns, "
        f"{exchanges:,} exchanges; {spent:,.0f} s of one core, "
        f"{exchanges / max(judging, 1e-9):,.0f} exchanges judged a second"
    )
    yield ""
    yield "| | mean | median | worst decile | worst |"
    yield "|---|---|---|---|---|"
    told = [found for _, found in campaigns(played)]
    worlds = [_restricted(world.honest) for world in played]
    harm = [_harm(world.honest) for world in played]
    large = [found for found in told if found.tokens >= _BUDGETS * AllowanceSettings().value_tokens]
    for name, some in (("", told), (f", of {len(large)} that plan two budgets or more", large)):
        yield _row(f"recall{name}", [found.outcome.recall for found in some], high=False)
        yield _row(f"leak{name}", [found.leak for found in some], high=True)
    yield _row("honest accounts restricted, a world", worlds, high=True, percent=True)
    yield _row("harm to honest exchanges, a world", harm, high=True, percent=True)


def _row(name: str, values: Sequence[float], *, high: bool, percent: bool = False) -> str:
    if not values:
        return f"| {name} | | | | |"
    tenth, worst = (90, max(values)) if high else (10, min(values))
    cells = (np.mean(values), np.median(values), np.percentile(values, tenth), worst)
    return f"| {name} | " + " | ".join(f"{c:.3%}" if percent else f"{c:.2f}" for c in cells) + " |"


def _restricted(found: Sequence[Found]) -> float:
    accounts = sum(one.outcome.accounts for one in found)
    return sum(one.outcome.restricted for one in found) / max(1, accounts)


def _harm(found: Sequence[Found]) -> float:
    exchanges = sum(one.outcome.exchanges for one in found)
    return sum(one.outcome.harm * one.outcome.exchanges for one in found) / max(1, exchanges)


def _kinds(played: Sequence[Played]) -> Iterator[str]:
    groups: dict[str, list[Found]] = defaultdict(list)
    for _, found in campaigns(played):
        groups[found.habits["kind"]].append(found)
    told = sorted(groups.items(), key=lambda item: _mean(item[1], _recall))
    yield from _by("kind", told)


def _sizes(played: Sequence[Played]) -> Iterator[str]:
    told = [found for _, found in campaigns(played)]
    edges = (0, *_SIZES, math.inf)
    some = [
        (f"from {low:,}", [found for found in told if low <= found.planned < high])
        for low, high in pairwise(edges)
    ]
    yield from _by("exchanges planned", [(name, found) for name, found in some if found])


def _by(what: str, groups: Iterable[tuple[str, Sequence[Found]]]) -> Iterator[str]:
    yield (
        f"| {what} | campaigns | recall, mean | median | lower decile | seen | leak, mean | median "
        "| exchanges before the first restriction, median |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, told in groups:
        recall = [_recall(found) for found in told]
        leak = [found.leak for found in told]
        alarms = [found.outcome.alarm for found in told if found.outcome.alarm is not None]
        first = f"{np.median(alarms):,.0f} (of {len(alarms)})" if alarms else "none"
        yield (
            f"| {name} | {len(told)} | {np.mean(recall):.2f} | {np.median(recall):.2f} "
            f"| {np.percentile(recall, 10):.2f} | {sum(r >= _SEEN for r in recall)} "
            f"| {np.mean(leak):.2f} | {np.median(leak):.2f} | {first} |"
        )


def _classes(played: Sequence[Played]) -> Iterator[str]:
    groups: dict[str, list[Found]] = defaultdict(list)
    for _, found in honest(played):
        groups[class_of(found.label)].append(found)
    yield "| honest class | accounts | restricted | share, with its 95 % bound | harm | signals |"
    yield "|---|---|---|---|---|---|"
    for name, told in sorted(groups.items(), key=lambda item: -_restricted(item[1])):
        accounts = sum(found.outcome.accounts for found in told)
        hit = sum(found.outcome.restricted for found in told)
        signals: dict[str, int] = defaultdict(int)
        for found in told:
            for signal, count in found.signals.items():
                signals[signal] += count
        named = ", ".join(sorted(signals, key=lambda signal: -signals[signal])[:3])
        yield (
            f"| {name} | {accounts:,} | {hit} | {hit / accounts:.2%} "
            f"(to {wilson(hit, accounts).high:.2%}) | {_harm(told):.3%} | {named} |"
        )


def _recall_tree(played: Sequence[Played]) -> Iterator[str]:
    told = campaigns(played)
    yield "what recall depends on: mean (campaigns)"
    yield from tree.grow([row(*one) for one in told], [_recall(found) for _, found in told])


def _leak_tree(played: Sequence[Played]) -> Iterator[str]:
    told = campaigns(played)
    yield "what leak depends on: mean (campaigns)"
    yield from tree.grow([row(*one) for one in told], [found.leak for _, found in told])


def _honest_tree(played: Sequence[Played]) -> Iterator[str]:
    told = honest(played)
    values = [found.outcome.recall for _, found in told]
    sizes = [float(found.outcome.accounts) for _, found in told]
    yield "what the share of honest accounts restricted depends on: mean (classes and groups)"
    yield from tree.grow([row(*one) for one in told], values, sizes)
    for kind in sorted({class_of(found.label) for _, found in told if found.habits}):
        own = [(world, found) for world, found in told if class_of(found.label) == kind]
        shares = [found.outcome.recall for _, found in own]
        if any(shares):
            yield f"of {kind}:"
            yield from tree.grow([row(*one) for one in own], shares)


def row(world: Played, found: Found) -> dict[str, Any]:
    """Return the parameters that something may depend on: its own, and its world's."""
    beside = {f"world {name}": value for name, value in world.habits.items()}
    what = {} if "kind" in found.habits else {"class": class_of(found.label)}
    return {**beside, **found.habits, **what}


def _worst(played: Sequence[Played]) -> Iterator[str]:
    yield "worst campaigns (recall, leak, first restriction, seed's world):"
    for world, found in sorted(campaigns(played), key=lambda one: _recall(one[1]))[:_WORST]:
        yield (
            f"- {_recall(found):.2f}, {found.leak:.2f}, {found.outcome.alarm}, world {world.index} "
            f"{found.label}: {_said(found.habits)}"
        )
    yield "worst honest classes and groups (accounts restricted, of how many, world):"
    wronged = [one for one in honest(played) if one[1].outcome.restricted]
    for world, found in sorted(wronged, key=lambda one: -one[1].outcome.restricted)[:_WORST]:
        o = found.outcome
        signals = ", ".join(found.signals)
        yield (
            f"- {o.restricted} of {o.accounts}, world {world.index} {found.label} ({signals}): "
            f"{_said(found.habits)}"
        )


def _said(habits: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in habits.items())


def _recall(found: Found) -> float:
    return found.outcome.recall


def _mean(found: Sequence[Found], figure: Callable[[Found], float]) -> float:
    return float(np.mean([figure(one) for one in found]))
