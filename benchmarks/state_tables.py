"""What the state's benchmark measured, as tables."""

from collections.abc import Iterator
from typing import Any

TARGETS = {"bytes": 2048.0, "p50_us": 150.0, "p99_us": 300.0, "slice_us": 2000.0}


def write(result: dict[str, Any]) -> str:
    """Write the tables."""
    return "\n".join((*_memory(result), "", *_times(result), "", *_examinations(result)))


def _memory(result: dict[str, Any]) -> Iterator[str]:
    count = result["accounts"]
    yield (
        f"State of {count:,} accounts after {result['exchanges']:,} exchanges: "
        f"{result['groups']:,} groups, {result['actors']:,} linked"
    )
    yield (
        f"{result['bytes_an_account']:,.0f} bytes an account, resident (target "
        f"{TARGETS['bytes']:,.0f}); {result['fixed_bytes'] / 1e6:.0f} MB more whatever their number"
    )
    held = {"members' rows": result["rows"] * result["row_bytes"], **result["owners"]}
    other = result["state_bytes"] - sum(held.values())
    for name, size in {**held, "allocator, and what is not told": other}.items():
        yield f"  {name:34} {size / count:>8,.0f}"


def _times(result: dict[str, Any]) -> Iterator[str]:
    unit = result["calibration_us"]
    yield (
        "Microseconds of processor time an exchange (target of learning 4 KB: "
        f"{TARGETS['p50_us']:.0f} and {TARGETS['p99_us']:.0f});"
    )
    yield f"in brackets, p50 to the calibration's {unit:,.0f} us"
    yield f"{'':34} {'p50':>8} {'p99':>8} {'max':>9}"
    for size, row in result["sizes"].items():
        for name, part in row.items():
            yield _row(f"{name}, {size} of text", part) + f"  ({part['p50'] / unit:.3f})"
    for generation, pauses in result["collections"].items():
        name = f"{pauses['count']} collections of generation {generation}"
        yield _row(name, pauses)
    yield f"{'a full collection now':34} {'':8} {'':8} {result['full_collection_us']:>9,.0f}"


def _examinations(result: dict[str, Any]) -> Iterator[str]:
    yield (
        f"Slices of examination, microseconds (target {TARGETS['slice_us']:,.0f} at most), "
        "the collector's pauses aside"
    )
    yield f"{'':34} {'p50':>8} {'p99':>8} {'max':>9} {'siblings':>9}"
    yield _row(f"all {result['slices']['count']:,} while they came in", result["slices"])
    for found in result["largest"]:
        mixed = "" if found["whole"] else ", mixed"
        name = f"{found['units']:,} of a {found['kind']}{mixed}"
        yield (_row(name[:34], found["slice_us"]) + f" {found['siblings_us']:>9,.0f}")


def _row(name: str, spread: dict[str, float]) -> str:
    return f"{name:34} {spread['p50']:>8,.0f} {spread['p99']:>8,.0f} {spread['max']:>9,.0f}"
