"""The detectors' settings: which are turned off, and what one actor may take."""

import difflib
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from distillgate.settings import Settings
from distillgate.signals.detectors.elicitation import ElicitationSettings
from distillgate.signals.detectors.even_loads import EvenLoadsSettings
from distillgate.signals.detectors.exchangeability import ExchangeabilitySettings
from distillgate.signals.detectors.life_cycle import LifeCycleSettings
from distillgate.signals.detectors.links import LinksSettings
from distillgate.signals.detectors.repeats import RepeatsSettings
from distillgate.signals.detectors.returned import ReturnedSettings
from distillgate.signals.detectors.shared_key import SharedKeySettings
from distillgate.signals.detectors.work_list import WorkListSettings
from distillgate.signals.registry import ACCOUNT

NAMES = frozenset(detector.name for detector in ACCOUNT)
"""The detectors that can be turned off: those that only ever speak against an account."""


def _known(name: str) -> str:
    if name in NAMES:
        return name
    near = difflib.get_close_matches(name, NAMES, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(sorted(NAMES))}"
    raise ValueError(f"`{name}` is no detector that can be off; {hint}")


class SignalsSettings(Settings):
    """The detectors. What those of groups weigh was measured on public text, and is no setting."""

    off: frozenset[Annotated[str, AfterValidator(_known)]] = frozenset()
    """Detectors of single accounts that are not asked. What they weigh is measured, and no
    setting: one that is wrong for your customers is turned off, or taken back by `calibrate`."""
    work_list: WorkListSettings = WorkListSettings()
    """What one actor took."""
    shared_key: ClassVar[SharedKeySettings] = SharedKeySettings()
    """What sharing something says before looking closer."""
    exchangeability: ClassVar[ExchangeabilitySettings] = ExchangeabilitySettings()
    """Accounts that one load balancer could feed."""
    even_loads: ClassVar[EvenLoadsSettings] = EvenLoadsSettings()
    """Work that lies evenly over accounts that no key ties."""
    links: ClassVar[LinksSettings] = LinksSettings()
    """Accounts that go on with what others started."""
    life_cycle: ClassVar[LifeCycleSettings] = LifeCycleSettings()
    """What linked accounts did together."""
    repeats: ClassVar[RepeatsSettings] = RepeatsSettings()
    """Items that come back over accounts."""
    returned: ClassVar[ReturnedSettings] = ReturnedSettings()
    """Accounts that come after a restricted group with the same."""
    elicitation: ClassVar[ElicitationSettings] = ElicitationSettings()
    """Requests for the reasoning."""
