"""`python -m benchmarks.detection.ablation`: what each detector moves, and what it only explains.

Drawn worlds are judged as the proving ground judges them. After every exchange the account's risk
is added up again without each signal: where it would then stand on another rung, the signal moved
that exchange. Without what its link rests on a group is none, and takes everything with it. A
signal that moves nothing explains and does nothing else; of those that move something, how many
campaign accounts, and honest ones, only it brought to a restriction. What a hold or a budget
decided is not counted.
"""

import argparse
import gzip
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from benchmarks.detection.drawn.population import HONEST, class_of
from benchmarks.detection.drawn.reaction import Operator, merged
from benchmarks.detection.drawn.world import Draw, Texts, World, write
from distillgate.cli.collector import few_collections
from distillgate.cli.playback import SECRET
from distillgate.config.schema import Config
from distillgate.engine.assessment import Assessment
from distillgate.engine.engine import Engine
from distillgate.risk.fuse import Risk, fuse
from distillgate.signals.registry import ACCOUNT
from distillgate.signals.signal import Family, Signal
from distillgate.tokenizer import Tokenizer
from distillgate.traffic.replay import Reading, read, replay

_OWN = frozenset(detector.name for detector in ACCOUNT)
"""Signals of an account alone, which stay where its group is none."""


@dataclass(slots=True)
class Moved:
    """What one signal did in the worlds that were judged."""

    shown: int = 0
    """Exchanges whose decision it is a reason of."""
    moved: int = 0
    """Of them, those that would stand on another rung, or in no group, without it."""
    caught: set[tuple[int, str]] = field(default_factory=set)
    """Campaign accounts that only it brought to a restriction."""
    wrong: set[tuple[int, str]] = field(default_factory=set)
    """Honest ones."""


def weigh(assessed: Assessment, config: Config, found: dict[str, Moved]) -> Iterator[str]:
    """Count the signals of a risk; name those without which nothing would be restricted."""
    risk, ladder = config.risk, config.policy.ladder
    rungs = [ladder.observe, ladder.throttle, ladder.degrade, ladder.refuse]
    signals = [s for s in _uncapped(assessed.risk) if s.llr]
    whole = fuse(signals, risk).total
    for name in {signal.name for signal in signals}:
        left = [signal for signal in signals if signal.name != name]
        if assessed.group is not None and _linkage(left) < risk.linked:
            left = [signal for signal in left if signal.name in _OWN]  # the account's own
        total = fuse(left, risk).total
        moved = found[name]
        moved.shown += 1
        if sum(total >= rung for rung in rungs) != sum(whole >= rung for rung in rungs):
            moved.moved += 1
            if whole >= ladder.throttle > total:
                yield name


def _uncapped(risk: Risk) -> list[Signal]:
    """Return a risk's signals as they were before their families' caps."""
    full = {
        family: (llr + risk.over.get(family, 0.0)) / llr
        for family, llr in risk.families.items()
        if llr
    }
    return [replace(s, llr=s.llr * full.get(s.family.value, 1.0)) for s in risk.signals]


def _linkage(signals: Sequence[Signal]) -> float:
    return sum(signal.llr for signal in signals if signal.family is Family.LINKAGE)


def judge(world: World, seed: str, found: dict[str, Moved], number: int) -> int:
    """Judge one world; return how many exchanges it has."""
    config = Config()
    engine = Engine(config, count=Tokenizer(config.tokenizer).exact, secret=SECRET, enforce=True)
    operators = [Operator(one, random.Random(f"{seed}/{one.label}")) for one in world.campaigns]
    count = 0
    with gzip.open(world.log) as honest, few_collections():
        lines = enumerate(merged(honest, operators), 1)
        for _, decision in replay(read(lines, Reading(), _fail), engine):
            count += 1
            for operator in operators:
                operator.see(decision)
            account = engine.state.accounts.get(decision.account)
            if not decision.reasons or account is None:
                continue
            judged = engine.standing(account, account.last_seen)
            for name in weigh(judged.found, config, found):
                honest_one = class_of(world.labels[decision.account]) in HONEST
                one = found[name]
                (one.wrong if honest_one else one.caught).add((number, decision.account))
    return count


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge the worlds, and print a row each signal."""
    options = _parser().parse_args(arguments)
    chosen = Draw(options.seed, options.smallest, options.largest)
    texts = Texts.read(options.corpus, options.half)
    found: dict[str, Moved] = defaultdict(Moved)
    # What was judged counts where somebody does not wait for the rest.
    with (
        tempfile.TemporaryDirectory(prefix="distillgate-ablation-") as made,
        suppress(KeyboardInterrupt),
    ):
        for index in range(options.first, options.first + options.worlds):
            world = write(texts, chosen, index, Path(made))
            count = judge(world, f"{options.seed}/{index}", found, index)
            kinds = ", ".join(one.plan.kind for one in world.campaigns) or "no campaign"
            print(f"world {index}: {count:,} exchanges, {kinds}", flush=True)
            world.log.unlink()
    print("\n| signal | reason of | moved | campaign accounts | honest accounts |")
    print("|---|---|---|---|---|")
    for name, one in sorted(found.items(), key=lambda item: -item[1].moved):
        print(
            f"| `{name}` | {one.shown:,} | {one.moved:,} | {len(one.caught)} | {len(one.wrong)} |"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.detection.ablation", description=__doc__
    )
    add = parser.add_argument
    add("--corpus", type=Path, metavar="DIR", help="texts; else generated")
    add("--half", choices=("dev", "held", "all"), default="held")
    add("--seed", type=int, default=1, help="of all worlds")
    add("--worlds", type=int, default=12, help="how many")
    add("--first", type=int, default=0, help="number of the first world")
    add("--smallest", type=int, default=300, help="honest accounts of the smallest world")
    add("--largest", type=int, default=1_000, help="of the largest")
    return parser


def _fail(text: str) -> None:
    raise ValueError(text)


if __name__ == "__main__":
    main()
