"""`python -m benchmarks.oracle`: can somebody who probes the gate read its threshold off?

Deployments differ in one setting, the value tokens that one actor may take
(`signals.work_list.value_tokens`), drawn log-evenly from an eighth to eight times the default. A
prober has 2,000 requests for each. It sends one operator's work list through a ring of its own
accounts, in a template nobody else uses, and watches what a client can see: statuses, waits,
delays, headers. At the first of them it burns the ring and begins another, until its requests are
spent.

It knows the code, the defaults and how settings are drawn, not the key. So its estimate is the best
there is: it plays the same probe against copies of its own and looks up which settings looked like
what it saw (leave one out; the window of a factor of four with the most copies like it). A guess
without a single probe is the line to beat.
"""

import argparse
import math
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from distillgate.dialects.chat import CHAT
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.request import Request, from_document
from distillgate_lab.scenarios.grammar import Grammar

PROBES = 2_000
SPREAD = 8.0
"""Settings are drawn from the default over this to the default times this."""
FACTOR = 2.0
_DEFAULT = EngineSettings().signals.work_list.value_tokens
_ALIKE = 0.25
"""Width, in nats, of what a prober takes for the same sight."""


class Strategy(NamedTuple):
    """How a prober goes about it."""

    name: str
    accounts: int
    tokens: int
    """Output tokens of a probe."""
    pace: float
    """Seconds between probes."""


STRATEGIES = (
    Strategy("15 accounts, long answers, fast", 15, 4_000, 1.0),
    Strategy("60 accounts, short answers", 60, 20, 10.0),
    Strategy("60 accounts, a minute apart", 60, 800, 60.0),
    Strategy("200 accounts, long answers", 200, 4_000, 10.0),
)


class Sight(NamedTuple):
    """What one deployment looked like: when each ring was first restricted, in probes."""

    setting: float
    onsets: tuple[int, ...]
    waits: tuple[float, ...] = ()

    @property
    def features(self) -> tuple[float, float]:
        """Give what is compared: the earliest and the mean onset, as logarithms."""
        seen = self.onsets or (2 * PROBES,)
        return math.log(min(seen)), math.log(sum(seen) / len(seen))


def deployment(dice: random.Random, settings: EngineSettings) -> tuple[float, EngineSettings]:
    """Draw a deployment: the default setting times a factor."""
    setting = _DEFAULT * SPREAD ** dice.uniform(-1.0, 1.0)
    work_list = settings.signals.work_list.model_copy(update={"value_tokens": setting})
    signals = settings.signals.model_copy(update={"work_list": work_list})
    return setting, settings.model_copy(update={"signals": signals})


def probe(seed: int, strategy: Strategy, settings: EngineSettings, probes: int = PROBES) -> Sight:
    """Probe one deployment until the requests are spent."""
    dice = random.Random(f"{seed}/{strategy.name}")
    setting, drawn = deployment(random.Random(f"{seed}/deployment"), settings)
    engine = Engine(drawn, count=_count, secret=dice.randbytes(32), enforce=True)
    grammar = Grammar(f"{seed}/{strategy.name}")
    onsets: list[int] = []
    waits: list[float] = []
    now, left = 1.8e9, probes
    while left > 0:
        ring = _Ring(grammar, dice, strategy, len(onsets))
        for sent in range(left):
            left -= 1
            now += strategy.pace
            wait = ring.restricted(engine, now)
            if wait is not None:
                onsets.append(sent + 1)
                waits.append(wait)
                break
    return Sight(setting, tuple(onsets), tuple(waits))


class _Ring:
    """Accounts that share a template of their own."""

    def __init__(
        self, grammar: Grammar, dice: random.Random, strategy: Strategy, number: int
    ) -> None:
        subject = dice.choice(grammar.subjects)
        lines = [grammar.prose(subject, 1) for _ in range(6)]
        self._head = "\n".join(lines)
        self._number = number
        self._names = [f"ring-{number}-{i}" for i in range(strategy.accounts)]
        self._grammar, self._dice, self._strategy = grammar, dice, strategy

    def restricted(self, engine: Engine, now: float) -> float | None:
        """Send one probe; gives the wait told (or 0) where a restriction is seen, else None."""
        document: dict[str, Any] = {
            "model": "m",
            "max_tokens": self._strategy.tokens + self._number,
            "logprobs": True,  # a degraded request loses them, which shows
            "messages": [{"role": "user", "content": f"{self._head}\n{self._grammar.exercise()}"}],
        }
        request = from_document(CHAT, document)
        name = self._dice.choice(self._names)
        client = Client(user_agent=f"client {self._number}", headers=[f"x-{self._number}"])
        decision = engine.begin(Exchange(name, request, client=client), now)
        plan = engine.plan(decision.passage.exchange, decision)
        answered = Outcome(200, 200, self._strategy.tokens, latency=0.5)
        refused = Outcome(plan.refusal.status) if plan.refusal is not None else None
        engine.finish(decision, refused or answered, now + 0.5)
        if refused is None and plan.body is None and not plan.headers():
            return None
        return decision.retry_after or 0.0


def _count(request: Request) -> int:
    return sum(len(message.text) for message in request.messages) // 4


def estimates(sights: Sequence[Sight]) -> list[float]:
    """Estimate each deployment's setting from what all the others looked like."""
    found = []
    for i, sight in enumerate(sights):
        others = [other for j, other in enumerate(sights) if j != i]
        weights = [_alike(sight, other) for other in others]
        logs = [math.log(other.setting) for other in others]
        found.append(math.exp(max(logs, key=lambda at: _inside(at, logs, weights))))
    return found


def _alike(one: Sight, other: Sight) -> float:
    far = math.dist(one.features, other.features) / _ALIKE
    return math.exp(-0.5 * far * far) * (0.3 if len(one.onsets) != len(other.onsets) else 1.0)


def _inside(at: float, logs: Sequence[float], weights: Sequence[float]) -> float:
    return sum(w for log, w in zip(logs, weights, strict=True) if abs(log - at) <= math.log(FACTOR))


def within(sights: Sequence[Sight], found: Sequence[float]) -> float:
    """Give the share of estimates within a factor of two."""
    hits = sum(
        1 / FACTOR <= one / sight.setting <= FACTOR
        for sight, one in zip(sights, found, strict=True)
    )
    return hits / len(sights)


def blind(sights: Sequence[Sight]) -> float:
    """Give that share for the best guess without a probe."""
    return max(within(sights, [guess.setting] * len(sights)) for guess in sights)


def main(arguments: Sequence[str] | None = None) -> None:
    """Probe many deployments with and without the drawn onset, and print what was learnt."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.oracle", description=__doc__)
    parser.add_argument("--deployments", type=int, default=100)
    parser.add_argument(
        "--onset", type=float, default=None, help="policy.enforcement.onset_exchanges"
    )
    options = parser.parse_args(arguments)
    settings = drawn_onset(options.onset)
    print(f"{'strategy':36} {'seen':>5} {'onsets':>7} {'within x2':>10} {'blind':>6} {'median':>8}")
    for strategy in STRATEGIES:
        sights = [probe(seed, strategy, settings) for seed in range(options.deployments)]
        _row(strategy.name, sights, estimates)


def drawn_onset(onset: float | None) -> EngineSettings:
    """Give the default settings with another onset; None leaves it."""
    settings = EngineSettings()
    if onset is None:
        return settings
    enforcement = settings.policy.enforcement.model_copy(update={"onset_exchanges": onset})
    policy = settings.policy.model_copy(update={"enforcement": enforcement})
    return settings.model_copy(update={"policy": policy})


def _row(
    name: str, sights: Sequence[Sight], estimate: Callable[[Sequence[Sight]], list[float]]
) -> None:
    found = estimate(sights)
    off = sorted(max(a / s.setting, s.setting / a) for s, a in zip(sights, found, strict=True))
    seen = sum(bool(sight.onsets) for sight in sights) / len(sights)
    onsets = [onset for sight in sights for onset in sight.onsets]
    mean = sum(onsets) / max(1, len(onsets))
    print(
        f"{name:36} {seen:>5.0%} {mean:>7,.0f} {within(sights, found):>10.0%} "
        f"{blind(sights):>6.0%} {off[len(off) // 2]:>8.2f}"
    )


if __name__ == "__main__":
    main()
