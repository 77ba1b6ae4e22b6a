"""The table of the design's section 4."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from scipy.stats import binomtest

from benchmarks.detection.null import NULLS
from benchmarks.detection.rates import CROWD, THRESHOLD, Rate, stated
from benchmarks.detection.score import Outcome, wilson
from benchmarks.detection.world import NONE, Played
from distillgate_lab.scenarios.honest import CLASSES

_SURE = 0.025
"""Chance that a detector at its stated rate fires as often, below which it is beyond it."""
_MEAN, _WORST, _CLASS = 0.0005, 0.001, 0.005
"""Shares of honest accounts that may be restricted beside a campaign: over all worlds, in the worst
of them, and of any one class in any of them."""


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
                "rates": {name: rate._asdict() for name, rate in score.rates.items()},
                "linked": [group._asdict() for group in score.linked],
                "digest": score.digest,
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
    parts = (_campaigns, _worlds, _classes, _rates, _crowds, _checks)
    return "\n\n".join("\n".join(lines) for part in parts if (lines := part(played)))


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
    heads = ("accounts", "exchanges", "false", "worst", "95 % to", "harm", f"<= {_CLASS:.1%}")
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
            "yes" if worst.recall <= _CLASS else "NO",
        )
        named = ", ".join(signal for signal, _ in signals.most_common(3))
        lines.append(f"{name:28} " + " ".join(f"{cell:>9}" for cell in cells) + f"  {named}")
    return lines


def _rates(played: Sequence[Played]) -> list[str]:
    """List how often each detector fires where nobody is a campaign."""
    kinds = [kind for kind in (NONE, *NULLS) if any(w.kind == kind for w, _ in played)]
    if not kinds:
        return []
    found = {kind: _sum(played, kind) for kind in kinds}
    lines = [
        f"detectors that say {THRESHOLD:.0f} nats or more, of the groups or accounts asked:",
        f"{'signal':28} " + " ".join(f"{kind:>22}" for kind in kinds) + f" {'stated':>9}",
    ]
    for name in sorted({name for rates in found.values() for name in rates}):
        cells = [_rate(found[kind].get(name, Rate(0, 0))) for kind in kinds]
        beyond = any(_beyond(name, found[kind].get(name)) for kind in kinds)
        lines.append(
            f"{name:28} " + " ".join(f"{cell:>22}" for cell in cells) + f" {stated(name):>9.1%}"
            f"{'  BEYOND' if beyond else ''}"
        )
    return lines


def _sum(played: Sequence[Played], kind: str) -> dict[str, Rate]:
    total: dict[str, Rate] = {}
    for world, score in played:
        if world.kind == kind:
            for name, rate in score.rates.items():
                total[name] = total.get(name, Rate(0, 0)).plus(rate)
    return total


def _rate(rate: Rate) -> str:
    share = f"{rate.fired / rate.asked:.2%}" if rate.asked else "-"
    return f"{rate.fired:,} of {rate.asked:,} {share:>7}"


def _beyond(name: str, rate: Rate | None) -> bool:
    """Whether a detector surely fires more often than it states."""
    if rate is None or rate.asked == 0:
        return False
    # Exactly: a normal approximation takes one firing of one group asked for sure.
    chance = binomtest(rate.fired, rate.asked, stated(name), alternative="greater")
    return bool(chance.pvalue < _SURE)


def _crowds(played: Sequence[Played]) -> list[str]:
    """List the crowds of independent users of one prompt that were taken for one operator."""
    return [
        f"seed {world.seed} {world.name}: {group.honest:,} independent users of one {group.kind} "
        f"and {group.campaign:,} accounts of a campaign linked; it reaches {group.reached:,} of "
        "the honest"
        for world, score in played
        for group in score.linked
        if group.wrong
    ]


def _checks(played: Sequence[Played]) -> list[str]:
    """Say of everything that is due whether it is so."""
    alone = [score.everyone.restricted for world, score in played if not world.infrastructure]
    beside = [score.everyone.recall for world, score in played if world.infrastructure]
    mean = [_mean(beside)] if beside else []
    worst = [o.recall for _, score in played for o in score.honest.values()]
    crowds = [len(_crowds([one])) for one in played]
    beyond = [
        sum(_beyond(name, rate) for name, rate in _sum(played, kind).items())
        for kind in NULLS
        if any(world.kind == kind for world, _ in played)
    ]
    asked: list[tuple[str, Sequence[float], float]] = [
        ("no honest account restricted where there is no campaign", alone, 0),
        (f"at most {_MEAN:.2%} restricted beside one, on average", mean, _MEAN),
        (f"at most {_WORST:.1%} restricted beside one, in the worst world", beside, _WORST),
        (f"no honest class above {_CLASS:.1%}", worst, _CLASS),
        (f"no {CROWD} or more independent users of one prompt linked", crowds, 0),
        ("no detector beyond its stated rate on permuted worlds", beyond, 0),
    ]
    return [f"{_is_so(values, bound)} {what} ({_most(values)})" for what, values, bound in asked]


def _is_so(values: Sequence[float], bound: float) -> str:
    """Say whether no value is above its bound; nothing is said of worlds that were not played."""
    return f"{'-' if not values else 'yes' if max(values) <= bound else 'NO':4}"


def _most(values: Sequence[float]) -> str:
    if not values:
        return "not played"
    most = max(values)
    return f"{most:.3%}" if isinstance(most, float) else f"{most:,}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
