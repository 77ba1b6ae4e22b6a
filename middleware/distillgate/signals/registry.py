"""Every detector there is: the rows of the table, and what the files of `detectors` register."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from distillgate.signals import detectors
from distillgate.signals.detector import AccountDetector, Detector
from distillgate.signals.group_detector import GroupDetector
from distillgate.signals.signal import Family
from distillgate.signals.table import RATES

D = TypeVar("D", bound=Detector)


def _registered(kind: type[D]) -> Iterator[D]:
    for file in iter_modules(detectors.__path__, f"{detectors.__name__}."):
        for value in vars(import_module(file.name)).values():
            if isinstance(value, kind):
                yield value


_NO_INDICATOR = 99
_FAMILIES = list(Family)


def _of_account(found: AccountDetector) -> tuple[int, int]:
    return found.reads, found.indicator or _NO_INDICATOR


def _of_group(found: GroupDetector) -> tuple[int, int, str]:
    return found.turn, _FAMILIES.index(found.family), found.name


ACCOUNT: tuple[AccountDetector, ...] = tuple(
    sorted((*RATES, *_registered(AccountDetector)), key=_of_account)
)
"""The detectors of single accounts, in the order in which they are asked and told: by what they
read, the advisory's indicators first."""
GROUP: tuple[GroupDetector, ...] = tuple(sorted(_registered(GroupDetector), key=_of_group))
"""The detectors of groups, in the order in which they are asked and told."""
OFF: frozenset[str] = frozenset(detector.name for detector in ACCOUNT) | frozenset(
    detector.name for detector in GROUP if detector.accuses
)
"""The detectors that can be turned off: those that only ever speak against accounts."""
