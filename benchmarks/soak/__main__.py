"""`python -m benchmarks.soak [--minutes 10] [--rate 100]`: a gate under load while all round it
fails in turn. Exits with 1 where something of the report is not as it should be."""

import argparse
import asyncio
import itertools
import json
import os
import struct
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from statistics import median

from benchmarks import servers
from benchmarks.report import Table, plain
from benchmarks.soak import faults, vitals
from benchmarks.soak.clients import BUDGET, Clients, Tally
from benchmarks.soak.service import TOKENS, Service
from benchmarks.soak.vitals import Vitals
from benchmarks.valkey import Valkey, valkey

_WORKERS = 2
_SAMPLE_SECONDS = 2.0
_FLAT = 1.15
"""How much more than in the second quarter there may be in the last, of what is held."""
_FEW = 4
"""More threads, descriptors and tasks than that are no accident of when it was looked."""
_BUDGET = 0.01
_KILLED = "a worker is killed"
_BEGINNING = 40


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second")
    parser.add_argument("--phase", type=float, default=6.0, help="seconds of each fault")
    parser.add_argument(
        "--accounts", type=int, default=200_000, help="for how many tables have room: of few they "
        "are full within minutes, and what grows then is a leak",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, help="every look at what is held, as JSON lines")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, valkey() as log:
        run = Run(Path(folder), log, chosen)
        asyncio.run(run.play(chosen.minutes * 60, chosen.phase))
        events = run.events()
    quarters = _quarters(run.samples, 2 * chosen.phase * len(faults.FAULTS))
    wrong = [*_lost(run.tally), *_unused(run), *(_grown(quarters) if quarters is not None else ())]
    held = _held(quarters or [run.samples], run.samples)
    print(plain([_answers(run.tally), held, _told(events)]))
    if quarters is None:
        print("What is held is not compared: a quarter of the time has not every fault in it.")
    print(*(f"WRONG: {one}" for one in wrong), sep="\n")
    return 1 if wrong else 0


class Run:
    """One soak: what was started, and what was seen."""

    def __init__(self, folder: Path, log: Valkey, chosen: argparse.Namespace) -> None:
        self._folder, self._log = folder, log
        self._rate: float = chosen.rate
        self._accounts: int = chosen.accounts
        self._out: Path | None = chosen.out
        self.samples: list[Vitals] = []
        self.tally, self.service = Tally(), Service()

    async def play(self, seconds: float, phase: float) -> None:
        """Load for so long."""
        service, port = self.service, servers.free_port()
        (self._folder / "shift").write_bytes(struct.pack("d", 0.0))
        async with service.running() as upstream:
            config = self._config(upstream, port)
            with ExitStack() as stack:
                gate = await asyncio.to_thread(stack.enter_context, self._gate(config, port))
                clients = Clients(port, self._rate)
                self.tally = clients.tally
                around = faults.Around(
                    service, clients, self._log, gate.process, config, self._folder
                )
                looking = asyncio.ensure_future(self._look(around))
                await asyncio.gather(clients.run(seconds), faults.play(around, seconds, phase))
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
                await asyncio.to_thread(stack.close)

    def _gate(self, config: Path, port: int) -> AbstractContextManager[servers.Server]:
        shifted = Path(__file__).parent / "shifted"
        paths = [str(shifted), os.environ.get("PYTHONPATH", "")]
        environment = {"SOAK_FOLDER": str(self._folder), "PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-m", "distillgate", "serve", "--config", str(config)]
        return servers.serve("distillgate", command, port, None, environment)

    def _config(self, upstream: int, port: int) -> Path:
        settings = {
            "mode": "enforce",
            "key": "a key of this run alone",
            "proxy": {
                "upstream": f"http://127.0.0.1:{upstream}",
                "host": "127.0.0.1",
                "port": port,
                "workers": _WORKERS,
            },
            "log": {"url": self._log.url},
            "account": {"max_accounts": self._accounts},
            "asgi": {
                "identity": {
                    "order": ["header"],
                    "header": "x-account",
                    "attributes": {"plan": "x-plan"},
                },
                "address": {"trusted": ["127.0.0.1/32"]},
            },
            # All texts are of one hand; budgets alone may hold anybody back here.
            "policy": {
                "ladder": {"observe": 50.0, "throttle": 60.0, "degrade": 70.0, "refuse": 80.0},
                "plans": {"named": {"metered": {"output_tokens_per_day": BUDGET * TOKENS}}},
            },
            "telemetry": {"log": {"destination": str(self._folder / "log")}},
        }
        path = self._folder / "config.yaml"
        path.write_text(json.dumps(settings, indent=1) + "\n")
        return path

    async def _look(self, around: faults.Around) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            await asyncio.sleep(_SAMPLE_SECONDS)
            at, fault = loop.time() - began, around.clients.fault
            self.samples.append(seen := vitals.look(around.gate, self._folder, at, fault))
            if self._out is not None:
                with self._out.open("a") as file:
                    file.write(json.dumps(seen._asdict()) + "\n")

    def events(self) -> Counter[str]:
        """Return what the gate told, by event, and place or action; of a line that is none, as a
        worker leaves that is killed while it writes, how it begins.
        """
        with (self._folder / "log").open(errors="replace") as lines:
            return Counter(map(_event, lines))


def _event(line: str) -> str:
    try:
        one = json.loads(line)
    except ValueError:
        return f"no event: {line[:_BEGINNING]!r}"
    return f"{one['event']} {one.get('where') or one.get('action') or ''}".strip()


def _grown(quarters: list[list[Vitals]]) -> Iterator[str]:
    """Return of what ever more is held."""
    for name, amount in _HELD.items():
        before, after = (amount(quarters[place], name) for place in (1, 3))
        if after > _FLAT * before and after > before + _FEW:
            yield f"{name}: {before:,.0f} in the second quarter, {after:,.0f} in the last"


def _unused(run: "Run") -> Iterator[str]:
    """Return where the gate had more connections to the upstream than it ever had use for."""
    most, wanted = run.service.most_open, run.tally.most
    if most > _FLAT * wanted + _FEW:
        yield f"{most:,} connections to the upstream for {wanted:,} requests at once"


def _lost(tally: Tally) -> Iterator[str]:
    """Return what clients did not get, and budgets that did not hold."""
    if tally.told_of != tally.sent:
        yield f"of {tally.sent:,} requests {tally.told_of:,} are accounted for"
    lost = [f"{n} {why}, {fault}" for (fault, why), n in tally.unanswered.items()
            if not fault.endswith(_KILLED)]  # fmt: skip
    if lost:
        yield f"requests were never answered: {'; '.join(lost)}"
    cut = {f: n for f, n in tally.cut.items() if not f.endswith((_KILLED, "upstream resets"))}
    if cut:
        yield f"answers were cut: {cut}"
    if abs(off := _off(tally, apart=False)) > _BUDGET:
        over = (
            f"{account}: {tally.metered[account]} answers, then refused ({fault})"
            for account, fault in tally.full.items()
            if account not in tally.apart and abs(tally.metered[account] / BUDGET - 1) > _BUDGET
        )
        yield f"budgets are off by {off:+.2%}: {'; '.join(over)}"


def _quarters(samples: list[Vitals], cycle: float) -> list[list[Vitals]] | None:
    """Return the end of each quarter of the time, as much of it as has each fault equally often;
    None where a quarter is too short for that.
    """
    quarter = (samples[-1].at + _SAMPLE_SECONDS) / 4
    if not (seconds := quarter // cycle * cycle):
        return None
    ends = [quarter * number for number in range(1, 5)]
    return [[one for one in samples if end - seconds <= one.at < end] for end in ends]


def _median(samples: list[Vitals], name: str) -> float:
    """Return the median of what was held, where each process told it."""
    return float(median(getattr(one, name) for one in samples if one.known))


def _least(samples: list[Vitals], name: str) -> float:
    """Return the least that was held while all workers were there."""
    return float(
        min(
            getattr(one, name)
            for one in samples
            if one.known and one.processes > _WORKERS and not one.fault.endswith(_KILLED)
        )
    )


_HELD = {"memory": _median, "descriptors": _median, "threads": _median, "tasks": _least}
"""What is compared: of tasks the least, since each request under way has some, and of connections
nothing, since each is kept as long as it is used, and a slow upstream makes two hundred."""


def _off(tally: Tally, *, apart: bool) -> float:
    """Return by how much metered accounts got more than their budget, of those who used it up.

    `apart`: of those who sent while, or right after, the workers could not hear of each other.
    """
    full = [account for account in tally.full if (account in tally.apart) is apart]
    got = sum(tally.metered[account] for account in full)
    return got / (BUDGET * len(full)) - 1 if full else 0.0


def _answers(tally: Tally) -> Table:
    statuses = [[f"answered {status}", f"{n:,}"] for status, n in sorted(tally.statuses.items())]
    faults_of = itertools.chain(
        ((f"cut, {fault}", n) for fault, n in tally.cut.items()),
        ((f"never answered ({why}), {fault}", n) for (fault, why), n in tally.unanswered.items()),
        ((f"not accepted, {fault}", n) for fault, n in tally.refused.items()),
    )
    rows = [["sent", f"{tally.sent:,}"], *statuses, ["left before", f"{tally.left:,}"]]
    rows += [[name, f"{n:,}"] for name, n in faults_of]
    rows.append([f"budgets used up, of {BUDGET} answers", f"{len(tally.full):,}"])
    rows.append(["... and off by", f"{_off(tally, apart=False):+.2%}"])
    rows.append(["... without the log's server", f"{_off(tally, apart=True):+.2%}"])
    rows.append(["sent after its time, at most", f"{tally.late:.1f} s"])
    rows.append(["under way at once, at most", f"{tally.most:,}"])
    return Table("Requests", ["", "number"], rows)


def _held(parts: list[list[Vitals]], samples: list[Vitals]) -> Table:
    rows = []
    for name in ("processes", *_HELD, "connections"):
        medians = (_median(part, name) for part in parts)
        values = *medians, max(getattr(one, name) for one in samples)
        scale, unit = (1 << 20, " MB") if name == "memory" else (1, "")
        rows.append([name, *(f"{value / scale:,.0f}{unit}" for value in values)])
        if _HELD.get(name) is _least:
            rows.append(["... the least", *(f"{_least(part, name):,.0f}" for part in parts), ""])
    worked = [vitals.processors(part) for part in (*parts, samples)]
    for name in worked[0]:
        *each, most = (one[name] for one in worked)
        rows.append([name, *(f"{median(one):.2f}" for one in each), f"{max(most):.2f}"])
    quarters = ["first", "second", "third", "last"] if len(parts) > 1 else ["whole"]
    return Table("What the gate holds", ["", *quarters, "most"], rows)


def _told(events: Counter[str]) -> Table:
    return Table(
        "What it told", ["event", "times"], [[e, f"{n:,}"] for e, n in sorted(events.items())]
    )


if __name__ == "__main__":
    sys.exit(main())
