"""A report from another lab: how much sooner a campaign's next pool is held, and who is framed.

    python -m benchmarks.reported [--part pool] [--accounts 500] [--each 15] [--kind KIND]
    python -m benchmarks.reported --part framed [--seed 1]

One lab meets a campaign's first pool among its customers and exports what it found. Another meets
the second pool: other accounts, addresses and texts, among other customers. It is judged without
the report, with it, with it once it is disputed, and once it is over. Then a thousand honest
accounts, a company's 40 among them, are judged under a feed that reports every prompt they send.
"""

import argparse
import gzip
import heapq
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.detection.judge import Part
from benchmarks.detection.log import Writer, time_of
from benchmarks.detection.world import Ground
from distillgate.account.windows import DAY
from distillgate.campaign.jobs import complete
from distillgate.cli.collector import few_collections
from distillgate.cli.playback import SECRET
from distillgate.config.load import load
from distillgate.engine.engine import Engine
from distillgate.intel.community import Community, create
from distillgate.intel.imported import told
from distillgate.intel.received import Told, Trust, receive
from distillgate.intel.recognise import Recogniser
from distillgate.intel.report import LEAST, gather, tell, weighed
from distillgate.intel.sketch import segments
from distillgate.intel.stix import Draft, Object
from distillgate.oversight.campaigns import campaigns
from distillgate.tokenizer import Tokenizer
from distillgate.traffic.log import Line
from distillgate.traffic.replay import Reading, read, replay
from distillgate_lab.scenarios.campaigns import CAMPAIGNS
from distillgate_lab.scenarios.campaigns.ring import run
from distillgate_lab.scenarios.clock import START
from distillgate_lab.scenarios.honest.machines import reworded
from distillgate_lab.scenarios.scene import Scene

FIRST = 100
"""Accounts until whose restriction the exchanges are counted."""
HONEST_SCALE = 0.05
"""Of 20,000 accounts: a thousand."""
_COMPANY, _KEYS, _EACH = "a company", 40, 20
"""Keys of the company that is framed, and requests of each: more than a stranger may take, and less
than somebody who pays with one card."""
_PROMPT = (
    "You answer our customers' questions about their orders. Be brief and friendly.\n"
    "Name the order's number, if it was given.\nNever promise a refund.\n"
    "Say who you are when you are asked.\nEnd with an offer to help further."
)


class Pools(NamedTuple):
    """The two pools of one campaign."""

    first: Part
    second: Part


@dataclass(slots=True)
class Run:
    """What judging a log came to."""

    engine: Engine
    pool: frozenset[str]
    exchanges: int = 0
    """Of the pool."""
    reached: dict[int, int] = field(default_factory=dict)
    """Exchanges of the pool by how many of its accounts were restricted by then."""
    restricted: set[str] = field(default_factory=set)
    honest: set[str] = field(default_factory=set)
    """Of the others, who was restricted."""
    now: float = 0.0

    def add(self, line: Line, *, restricts: bool) -> None:
        """Count one exchange."""
        account, self.now = line.exchange.account, line.ts
        ours = account in self.pool
        self.exchanges += ours
        if restricts and ours and account not in self.restricted:
            self.restricted.add(account)
            self.reached[len(self.restricted)] = self.exchanges
        elif restricts and not ours:
            self.honest.add(account)


class Bench:
    """Judges logs, under one community's key."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.community: Community = create("labs", 0.0)
        self._settings = load(None)
        self._count = Tokenizer(self._settings.tokenizer).exact

    def judge(
        self, parts: Sequence[Part], feed: Iterable[Told] = (), pool: Part | None = None
    ) -> Run:
        """Judge logs merged, by a fresh gate that was told a feed."""
        engine = Engine(self._settings, count=self._count, secret=SECRET)
        engine.recognise = Recogniser(self.community, lambda: engine.state.groups.reports)
        for entry in told(list(feed), START, "bench"):
            engine.hand(entry)
        found = Run(engine, frozenset() if pool is None else frozenset(pool.labels))
        with few_collections():
            for line, decision in replay(lines(parts), engine):
                found.add(line, restricts=decision.action.restricts)
        return found

    def export(self, parts: Sequence[Part], now: float) -> list[Object]:
        """Return what the first lab tells at a moment: the code of `distillgate intel export`."""
        run, key = self.judge(parts), self.community.newest
        found = complete(campaigns(run.engine, run.now))
        draft = Draft(key, "a lab", "amber+strict", now)
        seen = gather(((line, line.exchange.account) for line in lines(parts)), found, key)
        for one in found:
            if one.code in seen:
                tell(draft, one, seen[one.code], weighed(one, run.engine), LEAST)
        return list(draft.objects)

    def take(self, objects: list[Object], now: float) -> list[Told]:
        """Return what of a report counts at a moment."""
        return receive(objects, Trust(self.community, ["a lab"], now)).told


def lines(parts: Sequence[Part]) -> Iterator[Line]:
    """Read logs, merged by time."""
    with ExitStack() as stack:
        files = [stack.enter_context(gzip.open(part.log)) for part in parts]
        merged = enumerate(heapq.merge(*files, key=time_of), 1)
        yield from read(merged, Reading(), _fail)


def pools(ground: Ground, kind: str, accounts: int, each: int, seed: int) -> Pools:
    """Write a campaign in two stages, and each stage's traffic apart."""
    path = ground.directory / "campaign.jsonl.gz"
    writer = Writer(path)
    scene = ground.scene(f"{seed}/{kind}@mimic", writer, campaign=True)
    scene.label = kind
    plan = replace(CAMPAIGNS[kind], accounts=2 * accounts, each=each, stages=2)
    run(scene, plan, "mimic")
    writer.close()
    names = list(scene.labels)
    found = []
    for number, some in enumerate((set(names[:accounts]), set(names[accounts:]))):
        writer = Writer(ground.directory / f"pool-{number}.jsonl.gz")
        with gzip.open(path) as file:
            for line in file:
                record = orjson.loads(line)
                if record["account"] in some:
                    writer.add(record)
        writer.close()
        labels = dict.fromkeys(some, kind)
        found.append(Part(ground.directory / f"pool-{number}.jsonl.gz", labels, writer.start))
    return Pools(*found)


def company(ground: Ground, seed: int) -> Part:
    """Write a company that never declared its keys: one template, one card, one work."""
    writer = Writer(ground.directory / "company.jsonl.gz")
    scene: Scene = ground.scene(f"{seed}/company", writer, campaign=False)
    scene.label = _COMPANY
    identity = scene.internet.company("business", 8)
    keys = [scene.account(identity, parameters={"temperature": 0.3}) for _ in range(_KEYS)]
    system = reworded(scene, _PROMPT)
    person, count = scene.library.person(habits=20, settled=True), _KEYS * _EACH
    times = scene.clock.steady(count, START, scene.clock.end)
    for at, prompt in zip(times, person.turns(count), strict=True):
        scene.ask(scene.dice.choice(keys), at, prompt, system, tokens=150, answered=300)
    writer.close()
    return Part(ground.directory / "company.jsonl.gz", scene.labels, writer.start)


def frame(bench: Bench, parts: Sequence[Part], each: int = 3) -> list[Told]:
    """Report the first requests of everybody, and what all of their lines have in common."""
    key, sent, feed = bench.community.newest, dict[str, int](), set[frozenset[str]]()
    for line in lines(parts):
        account = line.exchange.account
        sent[account] = sent.get(account, 0) + 1
        if sent[account] <= each:
            found = segments(line.exchange.request, key)
            system = segments(replace(line.exchange.request, messages=()), key)
            feed |= {
                frozenset(sorted(some)[:64]) for some in (found, system, found & system) if some
            }
    names = islice(enumerate(sorted(feed, key=sorted)), 10_000)
    until = START + 30 * DAY
    return [Told(f"indicator--{n}", "a foe", key, some, until) for n, some in names]


def main(arguments: Sequence[str] | None = None) -> None:
    """Play both, and print the tables."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="distillgate-reported-") as made:
        ground = Ground.prepare(options.corpus, options.half, options.scale, Path(made))
        bench = Bench(ground)
        if options.part != "framed":
            _head_start(bench, options)
        if options.part != "pool":
            _framed(bench, options)


def _head_start(bench: Bench, options: argparse.Namespace) -> None:
    ground, seed = bench.ground, options.seed
    both = pools(ground, options.kind, options.accounts, options.each, seed)
    begun = both.second.start
    objects = bench.export([ground.honest(seed), both.first], begun)
    feed = bench.take(objects, begun)
    disputed = [
        *objects,
        *({"type": "opinion", "id": f"opinion--{n}", "created_by_ref": one["created_by_ref"],
           "object_refs": [one["id"]], "opinion": "strongly-disagree"}
          for n, one in enumerate(o for o in objects if o["type"] == "indicator")),
    ]  # fmt: skip
    rows = {
        "without": [],
        "with the report": feed,
        "disputed": bench.take(disputed, begun),
        "over": bench.take(objects, begun + 31 * DAY),
    }
    print(f"{options.kind}, {options.accounts} accounts in the second pool, {len(feed)} templates")
    print(f"| second pool | first held | first {FIRST} held | of it | honest restricted |")
    print("|---|---|---|---|---|")
    whole = 0
    for name, some in rows.items():
        found = bench.judge([ground.honest(seed + 1), both.second], some, both.second)
        at = found.reached.get(min(FIRST, options.accounts), 0)
        whole = whole or at
        of = f"{at / whole:.2f}" if whole else "-"
        print(
            f"| {name} | {found.reached.get(1, 0)} | {at} | {of} | {len(found.honest)} |",
            flush=True,
        )


def _framed(bench: Bench, options: argparse.Namespace) -> None:
    ground = Ground(
        bench.ground.corpus, bench.ground.vocabulary, options.honest, bench.ground.directory
    )
    parts = [ground.honest(options.seed + 2), company(ground, options.seed)]
    feed = frame(bench, parts)
    print(f"\n{len(feed):,} reports of what {sum(len(p.labels) for p in parts):,} accounts send")
    print("| feed | honest restricted | who |")
    print("|---|---|---|")
    labels = parts[0].labels | parts[1].labels
    for name, some in (("none", []), ("framing", feed)):
        found = bench.judge(parts, some)
        who = Counter(labels[account] for account in found.honest)
        named = ", ".join(f"{count} {label}" for label, count in who.items()) or "nobody"
        print(f"| {name} | {len(found.honest)} | {named} |", flush=True)


def _fail(text: str) -> None:
    raise ValueError(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reported", description=__doc__)
    given = os.environ.get("DISTILLGATE_CORPUS", "")
    add = parser.add_argument
    add("--corpus", type=Path, default=Path(given) if given else None, metavar="DIR")
    add("--half", choices=("dev", "held", "all"), default="held")
    add("--part", choices=("both", "pool", "framed"), default="both")
    add("--kind", default="fixed reasoning prompt", choices=sorted(CAMPAIGNS))
    add("--accounts", type=int, default=500, help="accounts of each pool")
    add("--each", type=int, default=15, help="exchanges of an account")
    add("--scale", type=float, default=0.02, help="of the honest population beside the pools")
    add("--honest", type=float, default=HONEST_SCALE, help="of the population that is framed")
    add("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    main()
