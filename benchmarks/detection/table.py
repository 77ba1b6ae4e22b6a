"""The table of the design's section 4."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.detection.score import Outcome, Score, wilson
from benchmarks.detection.world import NONE, World
from distillgate.scenarios.honest import CLASSES

Played = tuple[World, Score]


def document(played: Sequence[Played]) -> dict[str, Any]:
    """Give every number, for `--json`."""
    return {
        "worlds": [
            {
                "seed": world.seed,
                "world": world.name,
                "honest": {name: _numbers(o) for name, o in score.honest.items()},
                "campaigns": {name: _numbers(o) for name, o in score.campaigns.items()},
                "reasons": score.reasons,
            }
            for world, score in played
        ]
    }


def _numbers(outcome: Outcome) -> dict[str, Any]:
    return {
        "accounts": outcome.accounts,
        "restricted": outcome.restricted,
        "exchanges": outcome.exchanges,
        "recall": round(outcome.recall, 4),
        "leak": round(outcome.leak, 4),
        "through": outcome.through,
        "alarm": outcome.alarm,
        "harm": round(outcome.harm, 5),
    }


def write(played: Sequence[Played]) -> str:
    """Write the tables for people."""
    return "\n".join([*_campaigns(played), "", *_worlds(played), "", *_classes(played)])


def _campaigns(played: Sequence[Played]) -> list[str]:
    rows: dict[tuple[str, str, bool], list[Outcome]] = defaultdict(list)
    for world, score in played:
        for name, outcome in score.campaigns.items():
            rows[name, world.infrastructure, world.kind == name].append(outcome)
    if not rows:
        return []
    heads = ("recall", "worst", "leak", "worst", "+throttle", "alarm", "worst", "exchanges")
    lines = [f"{'campaign':28} {'infrastructure':15} " + " ".join(f"{h:>9}" for h in heads)]
    for (name, infra, alone), found in sorted(rows.items(), key=lambda row: (not row[0][2],)):
        alarms = [o.alarm for o in found]
        worst = "none" if None in alarms else f"{max(a for a in alarms if a is not None):,}"
        known = [a for a in alarms if a is not None]
        mean = f"{sum(known) / len(known):,.0f}" if known else "none"
        through = _mean([(o.full + o.through) / o.exchanges for o in found])
        cells = (
            f"{_mean([o.recall for o in found]):.3f}",
            f"{min(o.recall for o in found):.3f}",
            f"{_mean([o.leak for o in found]):.2f}",
            f"{max(o.leak for o in found):.2f}",
            f"{through:.2f}",
            mean,
            worst,
            f"{_mean([o.exchanges for o in found]):,.0f}",
        )
        where = infra if alone else f"{infra} (all)"
        lines.append(f"{name:28} {where:15} " + " ".join(f"{cell:>9}" for cell in cells))
    return lines


def _worlds(played: Sequence[Played]) -> list[str]:
    """List the worlds in which any honest account was restricted, and the sums."""
    lines = ["honest accounts restricted, by world:"]
    shares = []
    for world, score in played:
        total = score.everyone
        shares.append(total.recall)
        if total.restricted or world.kind == NONE:
            low, high = wilson(total.restricted, total.accounts)
            what = ", ".join(f"{n} {o.restricted}" for n, o in score.honest.items() if o.restricted)
            lines.append(
                f"  seed {world.seed} {world.name}: {total.restricted} of {total.accounts:,} = "
                f"{total.recall:.3%} (95 % {low:.3%} to {high:.3%}); harm {total.harm:.3%}; {what}"
            )
    lines.append(f"  mean {_mean(shares):.4%}, worst {max(shares):.4%}, over {len(shares)} worlds")
    return lines


def _classes(played: Sequence[Played]) -> list[str]:
    heads = ("accounts", "exchanges", "false", "worst", "95 % to", "harm")
    lines = [f"{'honest class':28} " + " ".join(f"{h:>9}" for h in heads) + "  signals"]
    for name in CLASSES:
        found = [score.honest[name] for _, score in played if name in score.honest]
        if not found:
            continue
        worst = max(found, key=lambda o: o.recall)
        signals = sum((s.reasons[name] for _, s in played if name in s.reasons), Counter[str]())
        cells = (
            f"{found[0].accounts:,}",
            f"{found[0].exchanges:,}",
            f"{_mean([o.recall for o in found]):.3%}",
            f"{worst.recall:.3%}",
            f"{wilson(worst.restricted, worst.accounts).high:.3%}",
            f"{max(o.harm for o in found):.3%}",
        )
        named = ", ".join(signal for signal, _ in signals.most_common(3))
        lines.append(f"{name:28} " + " ".join(f"{cell:>9}" for cell in cells) + f"  {named}")
    return lines


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
