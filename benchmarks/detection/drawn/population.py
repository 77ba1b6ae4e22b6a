"""The honest population of a drawn world."""

import random
from collections.abc import Callable
from typing import Any

from benchmarks.detection.drawn import crowds
from benchmarks.detection.drawn.companies import agency, company
from benchmarks.detection.drawn.crowds import CROWDS
from benchmarks.detection.drawn.parameters import WorldHabits
from distillgate_lab.scenarios.honest import CLASSES, FULL
from distillgate_lab.scenarios.scene import Scene

_ALIKE: dict[str, tuple[float, Callable[[Scene, int], None]]] = {
    "review loops": (60, crowds.review_loops),
    "front-ends that forward anybody": (40, crowds.forwarders),
}
"""Classes that are written account by account: of 20,000, and what writes them."""
_GROUPS: dict[str, tuple[float, Callable[[Scene, str], Any]]] = {
    "undeclared companies": (30, company),
    "agencies": (8, agency),
    **{name: (5, write) for name, write in CROWDS.items()},
}
"""Classes of groups: how many groups of 20,000 accounts, and what writes one."""
HONEST = frozenset({*CLASSES, *_ALIKE, *_GROUPS})
"""Names of the honest classes."""


def class_of(label: str) -> str:
    """Return the class of a label: a group's label carries its number."""
    return label.split("#")[0]


def populate(scene: Scene, habits: WorldHabits, seed: str) -> dict[str, Any]:
    """Write the honest accounts; return the habits of every group by its label."""
    plain = {name: (float(kind.accounts), kind.write) for name, kind in CLASSES.items()}
    for name, (share, write) in {**plain, **_ALIKE}.items():
        scene.label = name
        size = _size(habits, share * habits.honest / FULL, f"{seed}/{name}")
        if size:
            write(scene, size)
    groups: dict[str, Any] = {}
    for name, (share, write_group) in _GROUPS.items():
        for number in range(_size(habits, share * habits.honest / FULL, f"{seed}/{name}")):
            scene.label = f"{name}#{number}"
            groups[scene.label] = write_group(scene, f"{seed}/{scene.label}")
    return groups


def _size(habits: WorldHabits, usual: float, seed: str) -> int:
    """Draw how many there are of a class, at least one where it is present."""
    dice = random.Random(seed)
    if dice.random() >= habits.present:
        return 0
    return max(1, round(usual * dice.lognormvariate(0.0, habits.tilt)))
