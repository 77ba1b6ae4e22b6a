"""`distillgate find`: what did the client see, and why?"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.running import KeyOption, UrlOption, ask, gate_unless
from distillgate.cli.terminal import complain, show
from distillgate.cli.words import seen, why_not
from distillgate.config.load import load
from distillgate.errors import ConfigError
from distillgate.governance.audit import find as find_in
from distillgate.text import moment

ReferenceArgument = Annotated[
    str,
    typer.Argument(metavar="REFERENCE", help="dg-… as the answer named it, or the client's own."),
]
LogsArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="LOG...", help="Logs and audit logs; else those of the configuration."),
]

_CAUSES = {
    "suspicion": "evidence that many accounts, or this one, harvest answers",
    "budget": "a limit of its plan: {limit}",
    "binding": "sealed reasoning that was not given to this account, or elsewhere",
    "": "nothing: it was let in",
}


def find(
    reference: ReferenceArgument,
    logs: LogsArgument = None,
    url: UrlOption = None,
    key: KeyOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the client of an exchange saw, and why, by the reference it was given."""
    url = gate_unless(logs or config, url)
    if url is not None:
        found = ask(url, "references", reference, key=key) or []
    else:
        found = [line for log in logs or _configured(config) for line in find_in(log, reference)]
    if not found:
        complain(
            f"{reference}: not known; the log or the audit log has it, as long as they are kept"
        )
        raise typer.Exit(1)
    show(found, _words(found), as_json=as_json)


def _configured(config: ConfigOption) -> list[Path]:
    """Return the logs that a configuration names, the audit log first."""
    settings = load(config)
    destination = settings.telemetry.log.destination
    named = [settings.governance.audit.path, destination * (destination not in _STREAMS)]
    found = [Path(path) for path in named if path and Path(path).exists()]
    if not found:
        raise ConfigError("give --url or a LOG: `governance.audit.path` names no file yet")
    return found


_STREAMS = ("stderr", "stdout")


def _words(lines: list[dict[str, Any]]) -> Iterator[str]:
    """Put it into words: the exchange first, then the evidence, wherever that was written."""
    line = next((line for line in lines if "outcome" in line), lines[0])
    own = line.get("client_reference")
    yield f"reference {line['reference']}" + (f", the client's own {own}" if own else "")
    when = moment(line["ts"]) if "ts" in line else line.get("timestamp", "")
    yield f"account   {line.get('account', 'not known')}, {when}"
    if "outcome" not in line:
        yield f"{line['event']}: {line.get('reason') or line.get('cause') or ''}"
        return
    yield f"client    {seen(line['outcome'])}"
    limit = line.get("limit") or "its number"
    yield f"because   {_CAUSES[line['cause']].format(limit=limit)}"
    ground = next((one for one in lines if _reasons(one) is not None), line)
    yield f"decided   {_decided({**ground, **line})}"
    if line["cause"] == "suspicion":
        yield from _evidence(ground)


def _decided(line: Mapping[str, Any]) -> str:
    parts = [f"{line['action']} by {line.get('by', 'ladder')}, risk {line['risk']:+.2f}"]
    if line.get("group"):
        parts.append(f"with group {line['group']}")
    if line.get("expires"):
        parts.append(f"until {moment(line['expires'])} or longer")
    if line.get("spared"):
        parts.append(f"not acted on: {why_not(line['spared'])}")
    elif line.get("enforced") is False and line["cause"]:
        parts.append("not acted on: shadow mode")
    return "; ".join(parts)


def _evidence(line: Mapping[str, Any]) -> Iterator[str]:
    yield "evidence"
    for reason in _reasons(line) or ():
        yield f"    {reason['llr']:+.2f}  {reason['family']}, {reason['signal']}: {reason['text']}"


def _reasons(line: Mapping[str, Any]) -> Any:
    """Return the evidence of a line of a log or an audit log; None where that has none."""
    evidence = line.get("reasons", line.get("evidence"))
    return None if isinstance(evidence, str) else evidence
