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

_COMMON = 0.1
"""Share of all accounts from which a class is in every world."""
_ALONE: dict[str, tuple[float, Callable[[Scene, int], None]]] = {
    **{name: (float(kind.accounts), kind.write) for name, kind in CLASSES.items()},
    "review loops": (60, crowds.review_loops),
    "front-ends that forward anybody": (40, crowds.forwarders),
}
"""Classes that are written account by account: of 20,000, and what writes them."""
_GROUPS: dict[str, tuple[float, Callable[[Scene, str, int], Any]]] = {
    "undeclared companies": (30, company),
    "agencies": (8, agency),
    **{name: (5, write) for name, write in CROWDS.items()},
}
"""Classes of groups: how many groups of 20,000 accounts, and what writes one."""
HONEST = frozenset({*_ALONE, *_GROUPS})
"""Names of the honest classes."""


def class_of(label: str) -> str:
    """Return the class of a label: a group's label carries its number."""
    return label.split("#", maxsplit=1)[0]


def populate(scene: Scene, habits: WorldHabits, seed: str) -> dict[str, Any]:
    """Write the honest accounts; return the habits of every group by its label."""
    groups: dict[str, Any] = {}
    for name, (share, write_group) in _GROUPS.items():
        number = round(_drawn(habits, share * habits.honest / FULL, f"{seed}/{name}") + 0.4)
        for at in range(number):
            scene.label = f"{name}#{at}"
            groups[scene.label] = write_group(scene, f"{seed}/{scene.label}", habits.honest)
    left = max(0.5 * habits.honest, habits.honest - len(scene.labels))
    sizes = {
        name: _drawn(habits, share * habits.honest / FULL, f"{seed}/{name}", share=share)
        for name, (share, _) in _ALONE.items()
    }
    factor = left / sum(sizes.values())
    for name, (_, write) in _ALONE.items():
        scene.label = name
        if sizes[name]:
            write(scene, max(1, round(sizes[name] * factor)))
    return groups


def _drawn(habits: WorldHabits, usual: float, seed: str, share: float = 0.0) -> float:
    """Draw how much there is of a class; the largest classes are in every world."""
    dice = random.Random(seed)
    if dice.random() >= habits.present and share < _COMMON * FULL:
        return 0.0
    return usual * dice.lognormvariate(0.0, habits.tilt)
