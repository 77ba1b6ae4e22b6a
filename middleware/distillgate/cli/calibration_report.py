"""What a calibration would do, class by class, and what the log looks like without it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from distillgate.cli.fitting import Fit, Peaks
from distillgate.risk.calibration import Calibration
from distillgate.risk.null import Peak
from distillgate.text import visible

_SHOWN = 3
"""Where none of n was met, the share is below three in n (95 %; Hanley and Lippman-Hand 1983)."""
_MONTH = 30.0
BORDERLINE = 10
"""Accounts that are explained: those that came nearest to a restriction, or past it."""
_LISTED = 20
"""Groups and acquitted accounts that are shown; JSON has all."""


def document(found: Fit, caps: Mapping[str, float]) -> dict[str, Any]:
    """Return what would have happened, class by class, and who came nearest to it."""
    calibration, left = found.calibration, found.left
    every = found.found.all()
    nearest = sorted((p for p in every if p.risk > 0), key=lambda peak: left[peak.name])
    return {
        "budget": calibration.budget,
        "days": calibration.days,
        "accounts": len(every),
        "restricted": sum(left[peak.name] <= 0 for peak in every),
        "uncalibrated": _uncalibrated(found),
        "acquitted": [
            {"account": p.name, "class": p.kind, "group": p.group, "risk": round(p.risk, 2)}
            for p in found.acquitted
        ],
        "classes": [
            _class(name, [peak for peak in every if peak.kind == name], calibration, left)
            for name in sorted({peak.kind for peak in every})
        ],
        "borderline": [
            _explained(peak, left[peak.name], found.found) for peak in nearest[:BORDERLINE]
        ],
        "warnings": list(_warnings(calibration, caps)),
    }


def _uncalibrated(found: Fit) -> dict[str, Any]:
    """Return what the gate does on this log without the calibration, group by group."""
    restricted = found.restricted
    linked = Counter(peak.group for peak in found.bare.all() if peak.group is not None)
    hit = Counter(peak.group for peak in restricted)
    groups = [
        {"group": name, "accounts": linked[name], "restricted": hit[name]}
        for name in sorted(linked, key=lambda name: (-hit[name], -linked[name], name))
    ]
    return {
        "restricted": len(restricted),
        "alone": hit[None],
        "left_out": len(found.left_out),
        "groups": groups,
    }


def _warnings(calibration: Calibration, caps: Mapping[str, float]) -> Iterator[str]:
    """Name the families that a margin leaves nothing of."""
    nulls = {"everyone": calibration.everyone, **calibration.classes}
    for name, null in nulls.items():
        silent = [
            f"{family} ({cap:g})" for family, cap in sorted(caps.items()) if 0 < cap < null.margin
        ]
        if silent:
            yield (
                f"{name}: the margin of {null.margin:.2f} nats is more than all that these "
                f"families can say: {', '.join(silent)}"
            )


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


def _before(report: dict[str, Any]) -> Iterator[str]:
    """Return lines on what the gate does uncalibrated, and whom the calibration acquits."""
    bare = report["uncalibrated"]
    share = bare["restricted"] / report["accounts"]
    yield (
        f"without it: {bare['restricted']:,} ({share:.1%}), {bare['alone']:,} of them in no group; "
        f"nothing is fitted to {bare['left_out']:,} accounts that are linked or exempt"
    )
    for row in bare["groups"][:_LISTED]:
        yield f"  {row['group']}: {row['restricted']:,} of {row['accounts']:,} accounts"
    if report["acquitted"]:
        yield f"it acquits {len(report['acquitted']):,}:"
    for row in report["acquitted"][:_LISTED]:
        group = f" of {row['group']}" if row["group"] else ""
        yield f"  {row['account']}{group} ({row['class']}): {row['risk']:.2f} nats without it"


def _reach(report: dict[str, Any]) -> Iterator[str]:
    """Return what the log is too small, or too short, to show."""
    accounts, days = report["accounts"], report["days"]
    if report["budget"] * accounts < _SHOWN:
        seen = accounts / _SHOWN
        yield f"{accounts:,} accounts show one in {seen:,.0f} at best: less is extrapolated"
    if days < _MONTH:
        yield f"the budget is of a month, this of {days:.1f} days: in more, accounts come further"


def show(report: dict[str, Any]) -> None:
    """Print it for people."""
    console = Console()
    console.print(
        f"{report['accounts']:,} accounts over {report['days']:.1f} days, budget "
        f"{report['budget']:g}: {report['restricted']:,} would have been restricted"
    )
    for line in (*_before(report), *_reach(report), *report["warnings"]):
        console.print(visible(line), highlight=False, markup=False)
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
