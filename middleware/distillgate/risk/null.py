"""Fitting a calibration: from each account's highest evidence to what chance explains of it.

An account is looked at with every request, so what counts is the highest it ever came: a bound on
that holds however often one looks, which a bound on single looks does not (requests of one account
are correlated, and a sequential test that takes them for independent restricts 2.6 to 6.4 % of
honest accounts at a nominal 0.03 %).

A campaign in the log would otherwise raise the bar for itself. So nothing is fitted to accounts
that the gate links by itself, without any null, and of the others not to those that came furthest,
three times the `contamination` share.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from distillgate.priors import edition
from distillgate.risk.calibration import Calibration, Null

MIN_ACCOUNTS = 200
"""Accounts a class must have to be fitted alone; smaller ones share what everybody shows."""
_NEAR = 0.3
"""Share of accounts beyond which a tail is fitted at the most."""
_TRUSTED = 3
"""Times the contaminated share: fitted further out, the guilty would bend what is fitted."""


@dataclass(slots=True)
class Peak:
    """The furthest that one account ever came."""

    name: str
    kind: str
    """Its class."""
    risk: float = 0.0
    signals: dict[str, float] = field(default_factory=dict)
    """The highest log-likelihood ratio of each signal."""
    group: str | None = None
    """The group that the gate links it to, if to any."""
    exempt: bool = False
    """It would have been restricted, but for an exemption or its plan."""
    label: str = ""
    """What a person found: `confirmed` or `honest`; empty where nobody could tell."""

    @property
    def fitted(self) -> bool:
        """Return whether chance may be fitted to it: it is nobody's whom the gate, or a person,
        named; or a person found it honest.
        """
        if self.label:
            return self.label == "honest"
        return self.group is None and not self.exempt


def fit_shifts(peaks: Sequence[Peak], *, budget: float, contamination: float) -> Calibration:
    """Fit what is taken from each signal, for everybody and for every class large enough."""

    def null(found: Sequence[Peak]) -> Null:
        names = sorted({name for peak in found for name in peak.signals})
        fitted = {n: excess([p.signals.get(n, 0.0) for p in found], contamination) for n in names}
        shifts = {name: round(shift, 3) for name, shift in fitted.items() if shift > 0}
        return Null(accounts=len(found), shifts=shifts)

    classes = {name: null(found) for name, found in _large(peaks).items()}
    return Calibration(edition=edition(), budget=budget, everyone=null(peaks), classes=classes)


def fit_margins(
    calibration: Calibration, peaks: Sequence[Peak], *, throttle: float, contamination: float
) -> Calibration:
    """Fit what is taken from the risk of a class, from peaks that were shifted by `calibration`.

    `throttle` is the risk from which an account is restricted.
    """

    def null(known: Null, found: Sequence[Peak]) -> Null:
        reach = tail([peak.risk for peak in found], calibration.budget, contamination)
        return known.model_copy(update={"margin": round(max(0.0, reach - throttle), 3)})

    large = _large(peaks)
    classes = {n: null(known, large.get(n, [])) for n, known in calibration.classes.items()}
    everyone = null(calibration.everyone, peaks)
    return calibration.model_copy(update={"everyone": everyone, "classes": classes})


def _large(peaks: Sequence[Peak]) -> dict[str, list[Peak]]:
    classes: dict[str, list[Peak]] = defaultdict(list)
    for peak in peaks:
        classes[peak.kind].append(peak)
    return {name: found for name, found in sorted(classes.items()) if len(found) >= MIN_ACCOUNTS}


def excess(llrs: Iterable[float], contamination: float) -> float:
    """Return by how many nats a log-likelihood ratio promises more than it keeps.

    Under honest traffic a likelihood ratio above e^x is met with a probability of at most e^-x
    (Ville's inequality, for the highest of a whole history too). Where a share p of accounts came
    to x, x + ln p is what it is too high by; the largest of these is its excess.
    """
    ordered = sorted(llrs, reverse=True)
    first = math.ceil(_TRUSTED * contamination * len(ordered))
    return max(
        (llr + math.log((rank + 1) / len(ordered)) for rank, llr in enumerate(ordered)
         if rank >= first and llr > 0),
        default=0.0,
    )  # fmt: skip


def tail(risks: Sequence[float], budget: float, contamination: float) -> float:
    """Extrapolate the risk that a share `budget` of honest accounts exceeds.

    An exponential tail through two quantiles of those that show any risk, both well within what is
    trusted. Where hardly more accounts than may be guilty show any, nothing has to be added to the
    built-in nulls.
    """
    ordered = sorted(risks, reverse=True)
    showing = sum(risk > 0 for risk in ordered) / max(1, len(ordered))
    near = min(_NEAR, showing)
    far = max(near / 3, _TRUSTED * contamination, budget)
    if near <= far:
        return 0.0
    reached = _quantile(ordered, far)
    scale = (reached - _quantile(ordered, near)) / math.log(near / far)
    return reached + scale * math.log(far / budget)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the risk that a share of the accounts is beyond; `ordered` is highest first."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
