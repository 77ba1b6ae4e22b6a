"""`distillgate calibrate`: keep to a budget of false alarms, on the operator's own traffic."""

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import orjson
import typer

from distillgate.cli.calibration_report import document, show
from distillgate.cli.fitting import Fit, fit
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.terminal import save_json, say_json
from distillgate.config.load import load
from distillgate.errors import StoreError, of_file

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
        help="Share of the log's accounts that may be no honest ones; past it nothing is written.",
    ),
]
_TOLD = ("confirmed", "honest")
LabelsOption = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        help="What people found of accounts, as `account labels --json` prints it: nothing is "
        "fitted to those that are confirmed, and those that are honest are fitted to.",
    ),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Write the calibration whatever the log holds.")
]


def calibrate(  # noqa: PLR0913 - each is an option
    log: LogArgument,
    budget: BudgetOption = None,
    out: OutOption = None,
    contamination: ContaminationOption = 0.03,
    *,
    labels: LabelsOption = None,
    force: ForceOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit what honest accounts show by chance, and tell whom the gate would have restricted.

    The log is replayed twice: first as the gate judges it without a calibration, then with what
    chance explains taken out, to see how far whole accounts come. Nothing is fitted to accounts
    that the gate links by itself. Where the log holds more than it can bear, nothing is written.
    """
    settings = load(config)
    share = settings.risk.budget if budget is None else _share(budget)
    known = {} if labels is None else _labels(labels)
    found = fit(log, settings, budget=share, contamination=contamination, labels=known)
    refused = "" if force else objection(found, contamination)
    if out is not None and not refused:
        save_json(found.calibration.model_dump(), out)
    report = document(found, settings.risk.caps)
    if as_json:
        say_json({**report, "refused": refused or None})
    else:
        show(report)
    if refused:
        typer.echo(f"{log}: {refused}", err=True)
        raise typer.Exit(1)


def objection(found: Fit, bearable: float) -> str:
    """Return why a calibration must not be used unread; empty where it may be."""
    accounts, restricted = len(found.bare), len(found.restricted)
    if restricted > bearable * accounts:
        return (
            f"{restricted:,} of {accounts:,} accounts are restricted without a calibration, where "
            f"--contamination {bearable:g} bears {int(bearable * accounts):,}: declare or exempt "
            "the customers among them, leave the others out of the log, or --force. "
            "Nothing is written"
        )
    acquitted = [p for p in found.acquitted if p.group is not None and p.label != "honest"]
    if acquitted:
        return (
            f"it would acquit {len(acquitted):,} accounts of groups that the gate links: look at "
            "them, and --force if they are customers. Nothing is written"
        )
    return ""


def _labels(path: Path) -> dict[str, str]:
    """Read what people found of accounts; who could not tell said nothing."""
    try:
        with of_file(path):
            found = orjson.loads(path.read_bytes())
        return {one["account"]: one["says"] for one in found if one["says"] in _TOLD}
    except (ValueError, TypeError, KeyError):
        raise StoreError(f"{path}: not what `account labels --json` prints") from None


def _share(text: str) -> float:
    try:
        share = float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        share = 0.0
    if not 0 < share < 1:
        raise typer.BadParameter(f"{text} is no share: write 1/10000, or 0.0001")
    return share
