"""Golden scenarios of what requests carry: tools, and conversations that began elsewhere."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.engine.conftest import chat
from tests.signals.golden.scenario import Scenario, Sent
from tests.signals.golden.traffic import every, talk, writer


def _tools(names: list[str]) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": name, "parameters": {}}} for name in names]


def drawn(dice: Random) -> Iterator[Sent]:
    """Ask one task after the other, each with a few tools drawn from a library."""
    write, library = writer(dice), [f"tool_{number}" for number in range(300)]
    for at in every(400.0, 150):
        yield Sent(at, chat("a", write(), tools=_tools(dice.sample(library, 4))))


def agent(dice: Random) -> Iterator[Sent]:
    """Work on one repository with one harness: its tools, and a history that grows."""
    write, tools, turns = writer(dice), _tools(["read", "edit", "run"]), list[str]()
    for at in every(60.0, 200):
        turns += ([write()] if turns else []) + [write()]
        yield Sent(at, chat("a", "", messages=talk(turns), tools=tools))
        if len(turns) > 40:
            turns.clear()


def replayed(dice: Random) -> Iterator[Sent]:
    """Send stored sessions of another service, each with the answers it got there."""
    write = writer(dice)
    for at in every(400.0, 80):
        yield Sent(at, chat("a", "", messages=talk([write() for _ in range(5)])))


def shared(dice: Random) -> Iterator[Sent]:
    """Deal each turn to one of two providers, as a router does; only half come through here."""
    write = writer(dice)
    for talked, at in enumerate(every(900.0, 80)):
        turns: list[str] = []
        for step in range(4):
            turns += ([write()] if turns else []) + [f"{write()} {talked}"]
            if dice.random() < 0.5:
                yield Sent(at + 60.0 * step, chat("a", "", messages=talk(turns)))


SCENARIOS = (
    Scenario("tool_trajectories", "set of tools", drawn, agent, "a coding agent"),
    Scenario("replayed_history", "not given here", replayed, shared, "a router", twin_shows=True),
)
