"""The detectors' settings: which are turned off, and what one actor may take."""

import difflib
from typing import Annotated

from pydantic import AfterValidator

from distillgate.settings import Settings
from distillgate.signals.allowance import AllowanceSettings
from distillgate.signals.registry import OFF

_GONE = frozenset({"novelty", "variants"})


def _known(name: str) -> str:
    if name in OFF:
        return name
    if name in _GONE:
        raise ValueError(f"`{name}` is no detector any more: it moved no decision")
    near = difflib.get_close_matches(name, OFF, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(sorted(OFF))}"
    raise ValueError(f"`{name}` is no detector that can be off; {hint}")


class SignalsSettings(Settings):
    """The detectors."""

    off: frozenset[Annotated[str, AfterValidator(_known)]] = frozenset()
    """Detectors that are not asked, of those that only ever speak against accounts. What they weigh
    is measured, and no setting: one that is wrong for your customers is turned off, or taken back
    by `calibrate`."""
    work_list: AllowanceSettings = AllowanceSettings()
    """What one actor may take."""
