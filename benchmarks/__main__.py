"""`python -m benchmarks [NAME ...] [--quick]`: what the gate costs, here."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import (
    cells,
    clicks,
    console,
    crash,
    fleet,
    flood,
    fronts,
    holding,
    latency,
    machine,
    outages,
    replicas,
    report,
    scale,
    signals,
    slow,
    stages,
    start,
    state,
    state_tables,
    streams,
    throughput,
    workers,
)

BENCHMARKS: dict[str, Callable[..., dict[str, Any]]] = {
    "latency": latency.measure,
    "throughput": throughput.measure,
    "holding": holding.measure,
    "streams": streams.measure,
    "stages": stages.measure,
    "state": state.measure,
    "signals": signals.measure,
    "slow": slow.measure,
    "flood": flood.measure,
    "fronts": fronts.measure,
    "crash": crash.measure,
    "workers": workers.measure,
    "fleet": fleet.measure,
    "outages": outages.measure,
    "replicas": replicas.measure,
    "scale": scale.measure,
    "cells": cells.measure,
    "clicks": clicks.measure,
    "console": console.measure,
    "start": start.measure,
}
PROXY = ("latency", "throughput", "streams", "holding", "stages")
"""What the gate costs a request: what is measured where nothing is named."""
TABLES: dict[str, Callable[[dict[str, Any]], list[report.Table]]] = {
    "latency": latency.tables,
    "throughput": throughput.tables,
    "streams": streams.tables,
    "holding": holding.tables,
    "stages": stages.tables,
    "fleet": fleet.tables,
    "outages": outages.tables,
    "replicas": replicas.tables,
    "scale": scale.tables,
    "cells": cells.tables,
    "clicks": clicks.tables,
    "console": console.tables,
    "start": start.tables,
}
WRITE: dict[str, Callable[[dict[str, Any]], str]] = {
    "state": state_tables.write,
    "signals": signals.write,
    "slow": slow.write,
    "flood": flood.write,
    "fronts": fronts.write,
    "crash": crash.write,
    "workers": workers.write,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what", nargs="*", help=f"of {', '.join(BENCHMARKS)}; by default {', '.join(PROXY)}"
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: a smoke run")
    parser.add_argument("--accounts", type=int, default=state.ACCOUNTS, help="of the state")
    parser.add_argument("--markdown", action="store_true", help="write tables for a page")
    parser.add_argument("--json", action="store_true", help="write one JSON object instead")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.what) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers end with us
    cores = machine.cores()
    machine.pin(cores.load)
    results: dict[str, Any] = {"machine": machine.describe(cores)}
    show = (lambda _: None) if chosen.json else print
    show(machine.write(results["machine"]))
    options: dict[str, dict[str, Any]] = {"state": {"accounts": chosen.accounts}}
    for name in chosen.what or PROXY:
        result = BENCHMARKS[name](
            cores,
            quick=chosen.quick,
            calibration=results["machine"],
            **options.get(name, {}),
        )
        results[name] = result
        show("\n" + _written(name, result, report.markdown if chosen.markdown else report.plain))
    if chosen.json:
        json.dump(results, sys.stdout, indent=2)
        print()


def _written(name: str, result: dict[str, Any], layout: Callable[[list[report.Table]], str]) -> str:
    return layout(TABLES[name](result)) if name in TABLES else WRITE[name](result)


if __name__ == "__main__":
    main()
