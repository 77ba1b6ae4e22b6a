"""The honest classes, and how many of 20,000 accounts each has."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from distillgate_lab.scenarios.honest import (
    evaluation,
    machines,
    organisations,
    people,
    products,
    tools,
)
from distillgate_lab.scenarios.scene import Scene


class Class(NamedTuple):
    """One class of honest accounts: its share of 20,000, and what writes it."""

    accounts: int
    write: Callable[[Scene, int], None]


FULL = 20_000
CLASSES: dict[str, Class] = {
    "chat users": Class(8_210, people.chats),
    "offices and universities": Class(1_000, people.offices),
    "classrooms": Class(200, people.classroom),
    "audit trails": Class(300, people.audits),
    "users of popular tools": Class(6_500, tools.users),
    "a tool's launch day": Class(1_500, tools.launch),
    "coding agents": Class(700, tools.agents),
    "front-ends": Class(40, products.front_ends),
    "resellers": Class(10, products.resellers),
    "retrieval (RAG)": Class(150, products.retrieval),
    "company gateways": Class(40, products.gateways),
    "batch classification": Class(60, machines.classification),
    "data extraction": Class(80, machines.extraction),
    "team keys in CI": Class(60, machines.continuous),
    "migrated workloads": Class(30, machines.migrated),
    "drift monitors": Class(40, machines.drift),
    "failover routers": Class(60, machines.routers),
    "evaluation harnesses": Class(60, evaluation.harnesses),
    "benchmark crowd": Class(300, evaluation.crowd),
    "release-day benchmarkers": Class(60, evaluation.release),
    "model judges": Class(60, evaluation.judges),
    "declared organisations": Class(500, organisations.declared),
    "undeclared organisations": Class(40, organisations.undeclared),
}


def populate(scene: Scene, scale: float, classes: Iterable[str] = tuple(CLASSES)) -> None:
    """Write the honest population of a world at a scale, every class at least twice."""
    for name in classes:
        kind = CLASSES[name]
        scene.label = name
        kind.write(scene, max(2, round(kind.accounts * scale)))
