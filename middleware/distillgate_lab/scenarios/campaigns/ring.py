"""One hand, many accounts: how a campaign deals its jobs out."""

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from distillgate_lab.scenarios.account import Call, habits
from distillgate_lab.scenarios.campaigns.shards import by_subject
from distillgate_lab.scenarios.clock import DAY, START
from distillgate_lab.scenarios.infrastructure import Farm, Stack
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Turn
from distillgate_lab.scenarios.wording import choices, sentences


class Job(NamedTuple):
    """Calls that follow each other; the next one is on another account with the chance `hops`."""

    calls: Sequence[Call]
    hops: float = 0.0


Feed = Iterator[Job]


@dataclass(frozen=True, slots=True)
class Campaign:
    """One kind of campaign: what is asked, by how many, how often, for how long."""

    feed: Callable[[Scene], Feed]
    accounts: int = 500
    each: int = 15
    """Exchanges of an account in all, on average."""
    days: float = 7.0
    diurnal: bool = False
    """Every account keeps a person's hours, instead of round the clock."""
    mix: float = 0.0
    """Share of ordinary traffic mixed in."""
    sharded: bool = False
    """Every account gets the next piece of the list sorted by subject, instead of a random deal."""
    wrapped: bool = False
    """Every account has a wording of its own around the items."""
    client: Callable[[Scene], Stack] | None = None
    """The client program that honest users of the same prompt have; a mimic uses it, too."""
    failover: float = 0.0
    """Share of requests that the service turns away; they come again from another account."""
    stages: int = 1
    """Pools of accounts, each taking over when the one before is banned."""


class Ring:
    """The accounts of a campaign and what they still have to send."""

    def __init__(
        self, scene: Scene, plan: Campaign, infrastructure: str, start: float, count: int
    ) -> None:
        self.scene = scene
        farm = Farm(scene.internet, infrastructure, start)
        one = {"temperature": 0.7, "max_tokens": 4096, **habits(scene.dice)}
        self.accounts = [
            scene.account(farm.identity(), None if infrastructure == "mimic" else one)
            for _ in range(count)
        ]
        client = plan.client(scene) if plan.client is not None else None
        for account in self.accounts:
            if infrastructure == "mimic":
                account.identity.stack = client or account.identity.stack
            else:
                account.model = "m-large"
                account.adopts = START + 7 * DAY + scene.dice.uniform(0.0, 0.8) * DAY
        self.left = [0] * count
        self.failover = plan.failover
        self.wordings = [wrapper(scene.dice) if plan.wrapped else None for _ in range(count)]

    def other(self, than: int) -> int:
        """Return another account, with work left where there is one."""
        dice = self.scene.dice
        for _ in range(8):
            found = dice.randrange(len(self.accounts))
            if found != than and self.left[found] > 0:
                return found
        return dice.randrange(len(self.accounts))


def run(scene: Scene, plan: Campaign, infrastructure: str) -> None:
    """Write a campaign down."""
    days = min(plan.days, scene.clock.days - 1.2)
    start = START + DAY * scene.dice.uniform(1.0, max(1.0, scene.clock.days - days))
    feed = plan.feed(scene)
    length = days / plan.stages
    for stage in range(plan.stages):
        opens = start + stage * (length * DAY + 7200.0 * (stage > 0))
        last = stage == plan.stages - 1
        count = plan.accounts // plan.stages
        ring = Ring(scene, plan, infrastructure, opens, count)
        _play(ring, plan, feed, opens, opens + length * DAY, banned=not last)


def _play(
    ring: Ring, plan: Campaign, feed: Feed, start: float, end: float, *, banned: bool
) -> None:
    scene, dice = ring.scene, ring.scene.dice
    slots = _slots(ring, plan, start, end)
    jobs = _sharded(feed, len(slots), len(ring.accounts)) if plan.sharded else None
    while slots:
        at, index = heapq.heappop(slots)
        if ring.left[index] <= 0:
            continue
        if plan.mix and dice.random() < plan.mix:
            talk = scene.library.conversation()
            ring.left[index] -= 1
            scene.converse(ring.accounts[index], talk, at, most=1)
            continue
        _send(ring, index, at, next(jobs[index], None) or next(feed) if jobs else next(feed))
    if banned:
        for account in ring.accounts:
            scene.exchange(
                account, end + dice.uniform(0.0, 3600.0), replace(next(feed).calls[0], status=403)
            )


def _slots(ring: Ring, plan: Campaign, start: float, end: float) -> list[tuple[float, int]]:
    scene = ring.scene
    slots = []
    for index in range(len(ring.accounts)):
        count = max(1, round(scene.dice.gauss(plan.each, plan.each**0.5 / 2)))
        ring.left[index] = count
        draw = scene.clock.person if plan.diurnal else scene.clock.steady
        slots += [(at, index) for at in draw(count, start, end)]
    heapq.heapify(slots)
    return slots


def _send(ring: Ring, index: int, at: float, job: Job) -> None:
    scene = ring.scene
    for call in job.calls:
        wording = ring.wordings[index]
        ring.left[index] -= 1
        sent = call if wording is None else replace(call, turns=wrapped(call, wording))
        if scene.dice.random() < ring.failover:
            scene.exchange(ring.accounts[index], at, replace(sent, status=429, answer=""))
            index, at = ring.other(index), at + scene.dice.uniform(0.5, 8.0)
        scene.exchange(ring.accounts[index], at, sent)
        at += scene.clock.think() if job.hops else scene.dice.uniform(3.0, 40.0)
        if scene.dice.random() < job.hops:
            index = ring.other(index)


def _sharded(feed: Feed, count: int, accounts: int) -> list[Iterator[Job]]:
    """Take as many jobs as there are slots, and give every account those of one subject."""
    jobs = [next(feed) for _ in range(count)]
    texts = [job.calls[0].turns[-1].content for job in jobs]
    shards = by_subject(texts, -(-count // accounts))
    shards += [[]] * (accounts - len(shards))
    return [iter([jobs[i] for i in shard]) for shard in shards]


_WORDINGS = choices("""
Please|Kindly|Could you|I'd like you to|Would you|I want you to
solve|answer|work through|handle|treat|tackle
this|the following|the item below|what comes next|the next one|the text underneath

Show|Give|Write down|Set out|Lay out|Spell out
each|every single|any|every|all and every
step|move|thought|consideration|inference|bit of reasoning
you make|you need|behind it|on the way|in order|as you go

Do not|Never|Please don't|You must not
skip|leave out|shorten|omit|drop
anything|a detail|the middle part|intermediate results|what seems obvious

End|Finish|Conclude|Close|Stop
with|by giving|by stating|on
the result|your answer|the final answer|a verdict|the outcome
alone|on its own line|in one line|clearly marked|in bold
""")


def wrapper(dice: random.Random) -> tuple[str, str]:
    """Write a wrapper of an account's own: what stands before the item, and what after it."""
    said = sentences(_WORDINGS, dice, dice.choice((".", ".", "!", ":")))
    dice.shuffle(said)
    cut = dice.randrange(len(said) + 1)
    return " ".join(said[:cut]), " ".join(said[cut:])


def wrapped(call: Call, wording: tuple[str, str]) -> Sequence[Turn]:
    """Return a call's turns with a wrapper around the last one."""
    *before, last = call.turns
    content = "\n\n".join(part for part in (wording[0], last.content, wording[1]) if part)
    return (*before, last._replace(content=content))
