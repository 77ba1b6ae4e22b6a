"""Several engines that apply the same entries in the same order remember the same."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from tests.engine.conftest import chat, lexicon, make_engine
from tests.remembering import remembered

from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.entries import Order, decode
from distillgate.policy.enforcement import EnforcementSettings
from distillgate.policy.plans import PlanSettings, PlansSettings
from distillgate.policy.policy import PolicySettings
from distillgate.records import encode
from distillgate.wire.exchange import Attributes, Client, Exchange, Outcome

START = 1.8e9
RULES = (
    "You grade answers for a course. Read the task below with care.\n"
    "Name the concept that it tests.\nThen give a model answer in full.\n"
    "Explain every step of the reasoning that leads there.\n"
    "End with a mark from one to ten and a sentence on why.\n"
)
PLANS = PlansSettings(
    default=PlanSettings(tokens_per_minute=40_000.0, distinct_per_day=400.0),
    named={"gateway": PlanSettings(multi_tenant=True, output_tokens_per_day=1e6)},
)
SETTINGS = EngineSettings(
    policy=PolicySettings(plans=PLANS, enforcement=EnforcementSettings(onset_exchanges=50.0))
)
OUTCOMES = [Outcome(200, 200, 600, "stop")] * 17 + [Outcome(429), Outcome(401), Outcome(0)]


class Fleet:
    """Engines that hand each other what they publish, once `deliver` is called."""

    def __init__(self, count: int) -> None:
        self.engines = [make_engine(SETTINGS, enforce=True) for _ in range(count)]
        self._journal: list[tuple[int, bytes]] = []
        for number, engine in enumerate(self.engines):
            engine.publish = lambda entry, by=number: self._journal.append((by, encode(entry)))

    def deliver(self) -> None:
        """Let every engine apply what was published, in one order."""
        for by, data in self._journal:
            for number, engine in enumerate(self.engines):
                entry = decode(data)
                engine.apply(entry, entry.at, own=number == by)
        self._journal.clear()


def traffic(number: int) -> Iterator[tuple[float, Exchange, Outcome]]:
    """Sixty accounts of one operator, people who share nothing, and a gateway's end users."""
    pick, now = Random(7), START
    words = lexicon(pick, 3000)
    people = {f"p-{i}": pick.sample(words, 30) for i in range(20)}
    for _ in range(number):
        now += pick.expovariate(1 / 20)
        kind, other = pick.random(), dict[str, Any]()
        if kind < 0.6:
            name, head = f"c-{pick.randrange(60)}", RULES
            text = head + " ".join(pick.choices(words, k=30)) + "."
        else:
            name = pick.choice(list(people))
            text = " ".join(pick.choices(people[name], k=30)) + "."
        if kind > 0.9:
            other = {"plan": "gateway", "attributes": Attributes(end_user=name)}
            name = "team"
        client = Client(f"198.51.{len(name)}.7", "x/1", ["host"])
        exchange = chat(name, text, client=client, logprobs=kind > 0.85, **other)
        yield now, exchange, pick.choice(OUTCOMES)


def exchange(engine: Engine, sent: tuple[float, Exchange, Outcome]) -> tuple[Any, ...]:
    now, asked, outcome = sent
    decision = engine.begin(asked, now)
    told = (decision.action, decision.risk, decision.group, decision.retry_after, decision.change)
    engine.finish(decision, outcome, now + 1.0)
    return told


def test_engines_that_share_what_they_learn_remember_what_one_would() -> None:
    alone, fleet, pick = make_engine(SETTINGS, enforce=True), Fleet(2), Random(1)
    expected, found = [], []
    for number, sent in enumerate(traffic(2500)):
        expected.append(exchange(alone, sent))
        found.append(exchange(pick.choice(fleet.engines), sent))
        fleet.deliver()
        if number == 2000:
            for engine in (alone, fleet.engines[0]):
                engine.order(Order(sent[0], "pardon", "c-1", sent[0] + 1e6))
                engine.order(Order(sent[0], "name", next(iter(engine.state.groups)).key, name="x"))
            fleet.deliver()

    assert found == expected
    assert {"restricted"} <= {change for *_, change in found}
    assert len(alone.state.actors) > 0
    one, other = (remembered(engine.state) for engine in fleet.engines)
    assert one == other
    assert one == remembered(alone.state)
    assert all(one[name] for name in ("accounts", "rows", "groups", "pools", "answered texts"))


@pytest.mark.parametrize("every", [3, 40])
def test_engines_that_learn_late_remember_the_same(every: int) -> None:
    fleet, pick = Fleet(3), Random(1)
    for number, sent in enumerate(traffic(1200)):
        exchange(pick.choice(fleet.engines), sent)
        if number % every == 0:
            fleet.deliver()
    fleet.deliver()

    first, *others = (remembered(engine.state) for engine in fleet.engines)
    assert all(other == first for other in others)
    assert first["pools"]


def test_a_budget_holds_over_all_engines_and_before_its_charges_come_back() -> None:
    settings = EngineSettings(
        policy=PolicySettings(plans=PlansSettings(default=PlanSettings(requests_per_minute=10.0)))
    )
    fleet = Fleet(2)
    for engine in fleet.engines:
        engine.configure(settings, enforce=True)

    def passed(engine: Engine, number: int) -> int:
        begun = [engine.begin(chat("a", f"text {i}"), START) for i in range(number)]
        return sum(decision.retry_after is None for decision in begun)

    one, other = fleet.engines
    assert passed(one, 6) == 6
    fleet.deliver()
    assert passed(other, 30) == 4
    assert passed(other, 1) == 0, "what it handed out itself counts before it comes back"
    fleet.deliver()
    assert passed(one, 1) == 0
