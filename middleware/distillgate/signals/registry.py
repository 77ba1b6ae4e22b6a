"""Every detector there is: the rows of the table, and what the files of `detectors` register."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from distillgate.signals import detectors
from distillgate.signals.detector import Detector
from distillgate.signals.table import RATES


def _registered() -> Iterator[Detector]:
    for file in iter_modules(detectors.__path__, f"{detectors.__name__}."):
        for value in vars(import_module(file.name)).values():
            if isinstance(value, Detector):
                yield value


_NO_INDICATOR = 99


def _order(found: Detector) -> tuple[int, int]:
    return found.reads, found.indicator or _NO_INDICATOR


ACCOUNT: tuple[Detector, ...] = tuple(sorted((*RATES, *_registered()), key=_order))
"""The detectors of single accounts, in the order in which they are asked and told: by what they
read, the advisory's indicators first."""
