"""What detectors and links say of worlds in which nobody harvests."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import scipy

from benchmarks.detection.drawn.play import Played
from benchmarks.detection.rates import THRESHOLD, Rate, stated

_SURE = 0.025
"""Chance that a detector at its stated rate fires as often, below which it is beyond it."""


def rates(played: Sequence[Played]) -> Iterator[str]:
    """List how often each detector fires where nobody is a campaign, by what was permuted."""
    summed: dict[str, dict[str, Rate]] = defaultdict(dict)
    for world in played:
        own = summed[str(world.habits["permuted"])]
        for name, rate in world.rates.items():
            own[name] = own.get(name, Rate(0, 0)).plus(rate)
    kinds = [kind for kind, found in sorted(summed.items()) if found]
    if not kinds:
        return
    yield f"| {THRESHOLD:.0f} nats or more, permuted: | " + " | ".join(kinds) + " | stated |"
    yield "|---" * (len(kinds) + 2) + "|"
    for name in sorted({name for kind in kinds for name in summed[kind] if summed[kind][name][0]}):
        cells = [_cell(name, summed[kind].get(name, Rate(0, 0))) for kind in kinds]
        yield f"| {name} | " + " | ".join(cells) + f" | {stated(name):.1%} |"


def _cell(name: str, rate: Rate) -> str:
    if not rate.asked:
        return ""
    beyond = " BEYOND" if _beyond(name, rate) else ""
    return f"{rate.fired:,} of {rate.asked:,}{beyond}"


def _beyond(name: str, rate: Rate) -> bool:
    """Return whether a detector surely fires more often than it states."""
    # Exactly: a normal approximation takes one firing of one group asked for sure.
    chance = scipy.stats.binomtest(rate.fired, rate.asked, stated(name), alternative="greater")
    return bool(chance.pvalue < _SURE)


def crowds(played: Sequence[Played]) -> Iterator[str]:
    """List the crowds of independent users of one prompt that were taken for one operator."""
    for world in played:
        for group in world.linked:
            if group.wrong:
                yield (
                    f"world {world.index}: {group.honest:,} independent users of one {group.kind} "
                    f"and {group.campaign:,} accounts of a campaign linked; it reaches "
                    f"{group.reached:,} of the honest"
                )
