"""How far honest accounts come by chance, by class of account, and what follows for their risk.

A calibration is fitted to an operator's own traffic (`risk.null`) and written as a small file, in
the form of the one that comes with the package and counts without it (`distillgate.priors`).
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from msgspec.structs import replace
from pydantic import Field

from distillgate.account.account import Account
from distillgate.account.windows import DAY
from distillgate.priors import shipped
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

BANDS: tuple[tuple[float, str], ...] = (
    (5.0, "rare"),
    (50.0, "light"),
    (500.0, "steady"),
    (5000.0, "heavy"),
)
"""Requests a day below which an account is of a band; above the last it is `bulk`."""
_BULK = "bulk"
_DOUBT = Doubt(
    honest="honest accounts of this class were measured to come this far by chance",
    clears="a new calibration, where the traffic has changed",
)


Nats = Annotated[float, Field(ge=0)]
"""So much is taken, and never added."""


class Null(Settings):
    """What was measured of the honest accounts of one class."""

    accounts: int = 0
    """Accounts it was fitted to."""
    margin: Nats = 0.0
    """Nats taken from the risk of every account of the class."""
    shifts: dict[str, Nats] = {}
    """Nats taken from a signal, by its name, where honest accounts show it more often than its
    log-likelihood ratio says they would."""


class Calibration(Settings):
    """The nulls of an operator's traffic, by class of account."""

    version: Literal[1, 2] = 2
    """Of this file's form; the first did not say where it is from."""
    edition: str = ""
    """Of the weights that it was fitted on."""
    provenance: str = ""
    """What it was fitted to."""
    budget: float = Field(default=1e-4, gt=0, lt=1)
    """Share of honest accounts that may ever be restricted in a month."""
    days: float = 0.0
    """Days of traffic it was fitted to."""
    everyone: Null = Null()
    """Of accounts whose class was too small to be fitted alone."""
    classes: dict[str, Null] = {}
    """By `class_of`."""

    def of(self, name: str) -> Null:
        """Return the null of a class."""
        return self.classes.get(name, self.everyone)


SHIPPED = Calibration.model_validate(
    {name: value for name, value in shipped().items() if name != "weights"}
)
"""Takes nothing: what the detectors say of honest accounts by chance is small already."""


def class_of(account: Account, now: float) -> str:
    """Name an account's class: its plan, and how much it sends a day over its whole life.

    Who sends more shows more by chance; who pays for more is another kind of customer.
    """
    days = max(1.0, (now - account.first_seen) / DAY)
    rate = account.exchanges / days
    band = next((name for bound, name in BANDS if rate < bound), _BULK)
    return f"{account.plan or 'default'}/{band}"


def shifted(signals: Iterable[Signal], shifts: Mapping[str, float]) -> list[Signal]:
    """Take from each signal what honest accounts of the class show by chance; never below zero."""
    if not shifts:
        return list(signals)
    return [
        replace(signal, llr=max(0.0, signal.llr - shifts[signal.name]))
        if signal.llr > 0 and signal.name in shifts
        else signal
        for signal in signals
    ]


def margin(null: Null, name: str) -> list[Signal]:
    """Return a class's margin as a signal, so that contributions go on adding up to the risk."""
    if not null.margin:
        return []
    text = f"honest accounts of class {name} were measured to come {null.margin:.1f} nats further"
    return [Signal("calibration", Family.CALIBRATION, -null.margin, text, _DOUBT)]
