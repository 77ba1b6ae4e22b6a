"""Fitting a calibration to a log that may hold a campaign: judged without itself first."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from distillgate.account.windows import DAY
from distillgate.cli.playback import Played, play
from distillgate.config.schema import Config
from distillgate.errors import StoreError
from distillgate.policy.decision import EXEMPT, Decision
from distillgate.risk.calibration import Calibration, class_of
from distillgate.risk.null import Peak, fit_margins, fit_shifts
from distillgate.traffic.log import Line


class Peaks:
    """The highest risk and signals of every account of a log."""

    def __init__(self) -> None:
        self._peaks: dict[str, Peak] = {}
        self.highest: dict[str, Decision] = {}
        """The decision in which each account came furthest."""

    def __len__(self) -> int:
        return len(self._peaks)

    def add(self, decision: Decision, kind: str) -> None:
        """Note one decision on an account of a class."""
        peak = self._peaks.get(decision.account)
        if peak is None:
            peak = self._peaks[decision.account] = Peak(decision.account, kind)
        for reason in decision.reasons:
            if reason.llr > peak.signals.get(reason.signal, 0.0):
                peak.signals[reason.signal] = reason.llr
        peak.group = decision.group or peak.group
        peak.exempt = peak.exempt or decision.code == EXEMPT
        if decision.risk >= peak.risk:
            peak.risk = decision.risk
            peak.kind = kind
            if decision.reasons:
                self.highest[decision.account] = decision

    def all(self) -> list[Peak]:
        """Return every account's peak, in the order of their first exchange."""
        return list(self._peaks.values())


@dataclass(slots=True)
class Fit:
    """A calibration, and what it rests on."""

    calibration: Calibration
    bare: Peaks
    """How far each account came without any null..."""
    found: Peaks
    """...and with what is taken from signals, but not yet the margins."""
    throttle: float

    @property
    def restricted(self) -> list[Peak]:
        """The accounts that the gate restricts without the calibration; not those exempted, nor
        those that a person confirmed.
        """
        return [
            p
            for p in self.bare.all()
            if p.risk >= self.throttle and not p.exempt and p.label != "confirmed"
        ]

    @property
    def left_out(self) -> list[Peak]:
        """The accounts that nothing was fitted to."""
        return [peak for peak in self.bare.all() if not peak.fitted]

    @property
    def left(self) -> dict[str, float]:
        """How many nats each account kept from a restriction; none or less is restricted."""
        level = self.throttle
        return {
            p.name: level + self.calibration.of(p.kind).margin - p.risk for p in self.found.all()
        }

    @property
    def acquitted(self) -> list[Peak]:
        """Those that it restricts no more."""
        left = self.left
        return [peak for peak in self.restricted if left[peak.name] > 0]


def fit(
    log: Path,
    settings: Config,
    *,
    budget: float,
    contamination: float,
    labels: Mapping[str, str] | None = None,
) -> Fit:
    """Fit a calibration to a log, and to what people found of its accounts."""
    found = chance(log, settings, budget=budget, contamination=contamination, labels=labels)
    found.calibration = margins(found, found.calibration, contamination)
    return found


def chance(
    log: Path,
    settings: Config,
    *,
    budget: float,
    contamination: float,
    labels: Mapping[str, str] | None = None,
) -> Fit:
    """Fit the shifts alone, which no budget changes."""
    days, bare = peaks(log, calibrated(settings, Calibration(budget=budget)))
    for peak in bare.all():
        peak.label = (labels or {}).get(peak.name, "")
    honest = [peak for peak in bare.all() if peak.fitted]
    shifts = fit_shifts(honest, budget=budget, contamination=contamination)
    told = f"{log.name}: {len(honest):,} of {len(bare):,} accounts"
    shifts = shifts.model_copy(update={"days": round(days, 2), "provenance": told})
    _, found = peaks(log, calibrated(settings, shifts))
    return Fit(shifts, bare, found, settings.policy.ladder.throttle)


def margins(found: Fit, shifts: Calibration, contamination: float) -> Calibration:
    """Fit the margins to the accounts that the shifts were fitted to."""
    left_out = {peak.name for peak in found.left_out}
    honest = [peak for peak in found.found.all() if peak.name not in left_out]
    return fit_margins(shifts, honest, throttle=found.throttle, contamination=contamination)


def calibrated(settings: Config, calibration: Calibration) -> Config:
    """Return the configuration with a calibration in it."""
    risk = settings.risk.model_copy(update={"calibration": calibration})
    return settings.model_copy(update={"risk": risk})


def peaks(log: Path, config: Config) -> tuple[float, Peaks]:
    """Replay a log; return the days it spans, and how far each of its accounts came."""
    found, first = Peaks(), float("inf")

    def each(line: Line, decision: Decision) -> None:
        nonlocal first
        first = min(first, line.ts)
        found.add(decision, class_of(decision.passage.parties.account, line.ts))

    played = play(str(log), config, each)
    if not len(found):
        raise StoreError(f"{log}: no exchange to calibrate on")
    _link(played, found)
    return (played.newest - first) / DAY, found


def _link(played: Played, found: Peaks) -> None:
    """Name the groups that were linked only after the last exchange of one of their accounts."""
    engine = played.engine
    for peak in found.all():
        account = engine.state.accounts.get(peak.name)
        if peak.group is None and account is not None:
            linked = engine.standing(account, played.newest).found.group
            peak.group = linked.id if linked is not None else None
