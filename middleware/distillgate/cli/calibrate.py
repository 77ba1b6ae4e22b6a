"""`distillgate calibrate`: keep to a budget of false alarms, on the operator's own traffic."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from distillgate.account.windows import DAY
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.playback import play
from distillgate.cli.terminal import say_json
from distillgate.config.load import load
from distillgate.config.schema import Config
from distillgate.errors import StoreError
from distillgate.policy.decision import Decision
from distillgate.risk.calibration import Calibration, class_of
from distillgate.risk.null import Peak, fit_margins, fit_shifts
from distillgate.text import visible
from distillgate.traffic.log import Line
from distillgate.traffic.peaks import Peaks

_SHOWN = 3
"""Where none of n was met, the share is below three in n (95 %; Hanley and Lippman-Hand 1983)."""
_MONTH = 30.0
BORDERLINE = 10
"""Accounts that are explained: those that came nearest to a restriction, or past it."""

LogArgument = Annotated[
    Path, typer.Argument(metavar="LOG", help="A traffic log of mostly honest accounts.")
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        "-b",
        metavar="N/M",
        help="Honest accounts that may ever be restricted in a month, 1/10000 for instance.",
        show_default="risk.budget",
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the calibration here.")
]
ContaminationOption = Annotated[
    float,
    typer.Option(
        "--contamination",
        min=0.0,
        max=0.1,
        help="Share of the log's accounts that may be no honest ones: nothing is fitted to them.",
    ),
]


def calibrate(
    log: LogArgument,
    budget: BudgetOption = None,
    out: OutOption = None,
    contamination: ContaminationOption = 0.03,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit what honest accounts show by chance, and say whom the gate would have restricted.

    The log is replayed twice: first to see how often each signal comes up, then, with what chance
    explains taken out, to see how far whole accounts come.
    """
    settings = load(config)
    share = settings.risk.budget if budget is None else _share(budget)
    fitted, found = fit(log, settings, budget=share, contamination=contamination)
    if out is not None:
        _write(out, fitted)
    report = _report(fitted, found, settings.policy.ladder.throttle)
    if as_json:
        say_json(report)
    else:
        _show(report)


def fit(
    log: Path, settings: Config, *, budget: float, contamination: float
) -> tuple[Calibration, Peaks]:
    """Fit a calibration to a log; also give how far each account came with its shifts taken out."""
    shifts, found = chance(log, settings, budget=budget, contamination=contamination)
    throttle = settings.policy.ladder.throttle
    return fit_margins(shifts, found.all(), throttle=throttle, contamination=contamination), found


def chance(
    log: Path, settings: Config, *, budget: float, contamination: float
) -> tuple[Calibration, Peaks]:
    """Fit the shifts alone, which no budget changes; also give how far each account then came."""
    _, found = peaks(log, calibrated(settings, Calibration(budget=budget)))
    shifts = fit_shifts(found.all(), budget=budget, contamination=contamination)
    days, found = peaks(log, calibrated(settings, shifts))
    return shifts.model_copy(update={"days": round(days, 2)}), found


def _share(text: str) -> float:
    try:
        share = float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        share = 0.0
    if not 0 < share < 1:
        raise typer.BadParameter(f"{text} is no share: write 1/10000, or 0.0001")
    return share


def calibrated(settings: Config, calibration: Calibration) -> Config:
    """Give the configuration with a calibration in it."""
    risk = settings.risk.model_copy(update={"calibration": calibration})
    return settings.model_copy(update={"risk": risk})


def peaks(log: Path, config: Config) -> tuple[float, Peaks]:
    """Replay a log; give the days it spans, and how far each of its accounts came."""
    found, first = Peaks(), float("inf")

    def each(line: Line, decision: Decision) -> None:
        nonlocal first
        first = min(first, line.ts)
        found.add(decision, class_of(decision.passage.parties.account, line.ts))

    played = play(str(log), config, each)
    if not len(found):
        raise StoreError(f"{log}: no exchange to calibrate on")
    return (played.newest - first) / DAY, found


def _write(out: Path, calibration: Calibration) -> None:
    text = orjson.dumps(calibration.model_dump(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    try:
        out.write_bytes(text + b"\n")
    except OSError as error:
        raise StoreError(f"{out}: {error.strerror or error}") from None


def _report(calibration: Calibration, found: Peaks, throttle: float) -> dict[str, Any]:
    """Say what would have happened, class by class, and who came nearest to it."""
    every = found.all()
    left = {peak.name: throttle + calibration.of(peak.kind).margin - peak.risk for peak in every}
    nearest = sorted((p for p in every if p.risk > 0), key=lambda peak: left[peak.name])
    return {
        "budget": calibration.budget,
        "days": calibration.days,
        "accounts": len(every),
        "restricted": sum(left[peak.name] <= 0 for peak in every),
        "classes": [
            _class(name, [peak for peak in every if peak.kind == name], calibration, left)
            for name in sorted({peak.kind for peak in every})
        ],
        "borderline": [_explained(peak, left[peak.name], found) for peak in nearest[:BORDERLINE]],
    }


def _class(
    name: str, peaks: list[Peak], calibration: Calibration, left: dict[str, float]
) -> dict[str, Any]:
    null = calibration.of(name)
    return {
        "class": name,
        "accounts": len(peaks),
        "restricted": sum(left[peak.name] <= 0 for peak in peaks),
        "margin": null.margin,
        "shifts": null.shifts,
        "fitted_alone": name in calibration.classes,
    }


def _explained(peak: Peak, left: float, found: Peaks) -> dict[str, Any]:
    decision = found.highest.get(peak.name)
    reasons = sorted(decision.reasons, key=lambda r: -r.llr) if decision is not None else []
    return {
        "account": peak.name,
        "class": peak.kind,
        "risk": round(peak.risk, 2),
        "left": round(left, 2),
        "reasons": [f"{r.llr:+.1f} {r.signal}: {r.text}" for r in reasons[:3]],
    }


def _reach(report: dict[str, Any]) -> Iterator[str]:
    """Say what the log is too small, or too short, to show."""
    accounts, days = report["accounts"], report["days"]
    if report["budget"] * accounts < _SHOWN:
        seen = accounts / _SHOWN
        yield f"{accounts:,} accounts show one in {seen:,.0f} at best: less is extrapolated"
    if days < _MONTH:
        yield f"the budget is of a month, this of {days:.1f} days: in more, accounts come further"


def _show(report: dict[str, Any]) -> None:
    console = Console()
    console.print(
        f"{report['accounts']:,} accounts over {report['days']:.1f} days, budget "
        f"{report['budget']:g}: {report['restricted']:,} would have been restricted"
    )
    for line in _reach(report):
        console.print(line)
    table = Table("class", "accounts", "restricted", "margin", "taken from signals")
    for row in report["classes"]:
        shifts = ", ".join(f"{name} {shift:.1f}" for name, shift in row["shifts"].items())
        own = "" if row["fitted_alone"] else " (everyone's)"
        table.add_row(
            Text(visible(row["class"])),
            f"{row['accounts']:,}",
            f"{row['restricted']:,}",
            f"{row['margin']:.2f}{own}",
            shifts or "-",
        )
    console.print(table)
    told = "nearest to a restriction (nats left, then why):"
    console.print(f"\n{told}" if report["borderline"] else "\nno evidence against anybody")
    for found in report["borderline"]:
        name = f"{found['account']} ({found['class']})"
        console.print(visible(f"  {name}: {found['left']:.2f} left"), highlight=False, markup=False)
        for reason in found["reasons"]:
            console.print(visible(f"      {reason}"), highlight=False, markup=False)
