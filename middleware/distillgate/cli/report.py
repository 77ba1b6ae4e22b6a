"""`distillgate report`: what the console shows, as one file."""

import secrets
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from distillgate.actions.effect import Effect
from distillgate.campaign.jobs import complete
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.playback import play
from distillgate.cli.running import KeyOption, UrlOption, ask, gate_or
from distillgate.cli.terminal import complain, say, say_json
from distillgate.config.load import load
from distillgate.errors import needs, of_file
from distillgate.oversight.roll import Roll
from distillgate.policy.decision import Action, Decision
from distillgate.telemetry.history import History
from distillgate.traffic.log import Line

LogArgument = Annotated[
    str | None, typer.Argument(metavar="[LOG]", help="A traffic log to replay; - is stdin.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="REPORT.html", help="Write the report here.")
]
PseudonymOption = Annotated[
    bool,
    typer.Option("--pseudonyms", help="Give accounts and organisations other names, at random."),
]


def report(
    log: LogArgument = None,
    url: UrlOption = None,
    out: OutOption = None,
    pseudonyms: PseudonymOption = False,
    key: KeyOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what the console shows as one file: of a running gate, or of a log that is replayed."""
    url = gate_or(log, "LOG", url)
    if out is None and not as_json:
        raise typer.BadParameter("say where to, with --out, or --json")
    with needs("console"):
        from distillgate.admin.console.pseudonyms import pseudonymous
    found = fetch(url, key) if url else _of_log(log or "", config)
    if found is None:
        complain(f"{url}: no console there")
        raise typer.Exit(1)
    if pseudonyms:
        found = complete(pseudonymous(found, secrets.token_bytes(32)))
    if as_json:
        say_json(found)
    if out is not None:
        save(found, out)
        if not as_json:
            say(f"{out}: {out.stat().st_size / 1024:,.0f} KiB")


def save(document: dict[str, Any], out: Path) -> None:
    """Write a report's document as a page. Raises `StoreError` where that fails."""
    from distillgate.admin.console.report import write

    with of_file(out):
        out.write_text("".join(write(document)), "utf-8")


def fetch(url: str, key: str | None) -> dict[str, Any] | None:
    """Return a report's document of a running gate; None where there is no console."""
    from distillgate.admin.console.report import SHOWN, assemble

    now = ask(url, "console", "json", "now", key=key)
    listed = ask(url, "console", "json", "campaigns", key=key)
    if now is None or listed is None:
        return None
    codes = [row["code"] for row in listed["campaigns"][:SHOWN]]
    whole = [ask(url, "console", "json", "campaigns", code, key=key) for code in codes]
    return assemble(url, now, whole)


def _of_log(log: str, config: Path | None) -> dict[str, Any]:
    from distillgate.admin.console.report import report_document
    from distillgate.admin.console.source import Source

    at = [0.0]
    history = History(lambda: at[0])

    def each(line: Line, decision: Decision) -> None:
        at[0] = max(at[0], line.ts)
        history.add(decision, enforced(decision))

    played = play(log, load(config), each)
    source = Source(
        played.engine, history, played.newest or time.time(), "replay", Roll(played.engine)
    )
    return report_document(source, Path(log).name)


def enforced(decision: Decision) -> Effect:
    """Return what *enforce* mode would have had a client get."""
    if decision.refused:
        return Effect("", result="throttled")
    degraded = decision.action is Action.DEGRADE and not decision.not_enforced
    return Effect("", measures=("degrade",) if degraded else ())
