"""What a replay remembers for a calibration: how far each account ever came, and on what."""

from distillgate.policy.decision import EXEMPT, Decision
from distillgate.risk.null import Peak


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
