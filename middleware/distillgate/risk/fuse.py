"""Signals -> Risk: capped sums of log-likelihood ratios, additive and explainable.

Sums in nats with a cap a family, so that signals that fail together do not count twice; not a
weighted mean, in which one strong signal drowns among many silent ones.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

from msgspec.structs import replace
from pydantic import Field

from distillgate.records import FrozenStruct
from distillgate.risk.calibration import SHIPPED, Calibration, Null
from distillgate.settings import Settings
from distillgate.signals.signal import Family, Signal


class RiskSettings(Settings):
    """How signals become risk."""

    caps: ClassVar[dict[str, float]] = {
        Family.LINKAGE.value: 6.0,
        Family.HARVEST.value: 4.0,
        Family.CONTENT.value: 0.8,
        Family.SIGNATURE.value: 4.0,
        Family.CONDUCT.value: 0.9,
        Family.SURFACE.value: 6.0,
        Family.INTELLIGENCE.value: 4.5,
        Family.CALIBRATION.value: 0.0,
    }
    """Most that one family may add, in nats. Content and conduct together stay below `throttle`:
    a batch pipeline that runs round the clock and asks for the reasoning shows both."""
    linked: ClassVar[float] = 2.0
    """Linkage from which a group counts as one operator."""
    budget: Annotated[float, Field(gt=0, lt=1)] = 1e-4
    """Share of honest accounts that may ever be restricted in a month; `calibrate` fits to it."""
    calibration: Annotated[
        Calibration | None, Field(json_schema_extra={"type": ["string", "null"]})
    ] = None
    """The name of the file that `distillgate calibrate` wrote of your traffic. Without one,
    what comes with the package counts, which takes nothing from anybody."""

    def null(self, name: str) -> Null:
        """Return what honest accounts of a class were measured to show by chance."""
        return (self.calibration or SHIPPED).of(name)


class Risk(FrozenStruct, frozen=True):
    """The fused evidence. `total` is the sum of `families`; signals are scaled to add up to it."""

    total: float
    families: dict[str, float]
    signals: tuple[Signal, ...]
    over: dict[str, float] = {}
    """By how much the signals of a family went past its cap, where they did."""


NO_RISK = Risk(0.0, {}, ())
_LINKAGE, _HARVEST = Family.LINKAGE.value, Family.HARVEST.value
_LINKED = (_LINKAGE, Family.INTELLIGENCE.value)
"""Families that say whether one operator feeds a group, whatever it took."""


def link(signals: Iterable[Signal], settings: RiskSettings) -> float:
    """Return how surely one operator feeds a group, whatever it took, in nats."""
    total = sum((one.llr for one in signals if one.family.value in _LINKED), 0.0)
    return min(total, settings.caps.get(_LINKAGE, 0.0))


def fuse(signals: Iterable[Signal], settings: RiskSettings) -> Risk:
    """Add signals up, family by family, each family no further than its cap.

    That one operator feeds a group counts no further than its budget is used up: within it, the two
    together say nothing against anybody. A company that declares no organisation is one operator.
    """
    by_family: dict[str, list[Signal]] = {}
    for signal in signals:
        by_family.setdefault(signal.family._value_, []).append(signal)
    families: dict[str, float] = {}
    over: dict[str, float] = {}
    scaled: list[Signal] = []
    totals = {name: sum(signal.llr for signal in some) for name, some in by_family.items()}
    caps = _caps(totals, settings)
    for family, members in by_family.items():
        total, cap = totals[family], caps[family]
        families[family] = min(total, cap)
        if total > cap:
            over[family] = total - cap
            scale = cap / total
            scaled += [replace(signal, llr=signal.llr * scale) for signal in members]
        else:
            scaled += members
    return Risk(sum(families.values()), families, tuple(scaled), over)


def _caps(totals: Mapping[str, float], settings: RiskSettings) -> dict[str, float]:
    """Return how far each family counts; those of linkage, together, no further than the budget is
    unused.
    """
    caps = {family: settings.caps.get(family, 0.0) for family in totals}
    left = max(0.0, -totals.get(_HARVEST, 0.0))
    if not left:
        return caps
    # What speaks for the accounts comes first: it makes room for what speaks against them.
    for family in sorted((one for one in _LINKED if one in totals), key=totals.__getitem__):
        caps[family] = min(caps[family], left)
        left -= min(totals[family], caps[family])
    return caps
