"""`distillgate explain`: an account's evidence in plain words, from a log or a running gate."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import orjson
import typer

from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.playback import play
from distillgate.config.load import load
from distillgate.errors import UpstreamError

TIMEOUT_SECONDS = 10.0

_NO_END = datetime.max.replace(tzinfo=UTC).timestamp()

AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")]
ReplayOption = Annotated[
    str | None, typer.Option("--replay", "-r", metavar="LOG", help="A traffic log to replay first.")
]
UrlOption = Annotated[str | None, typer.Option("--url", help="A running gate's admin address.")]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", envvar="DISTILLGATE_ADMIN_KEY", help="The admin key of that gate."),
]


def explain(
    account: AccountArgument,
    log: ReplayOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what speaks for and against an account, and what would clear it."""
    if (log is None) == (url is None):
        raise typer.BadParameter("one of --replay and --url is needed")
    found = _from_gate(url, account, key) if url else _from_log(log or "", account, config)
    if found is None:
        typer.echo(f"{account}: not known to {url or log}", err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        typer.echo("\n".join(words(found)))


def _from_log(log: str, account: str, config: ConfigOption) -> dict[str, Any] | None:
    played = play(log, load(config), lambda _line, _decision: None)
    found = played.engine.explain(account, played.newest)
    if found is None:
        return None
    document = dataclasses.asdict(found)
    # Named tuples would be bare lists in JSON.
    document["activity"] = {n: c._asdict() for n, c in document["activity"].items()}
    return document


def _from_gate(url: str, account: str, key: str | None) -> dict[str, Any] | None:
    """Ask a gate's admin interface. Raises `UpstreamError` where it has no answer."""
    import httpx2

    headers = {"authorization": f"Bearer {key}"} if key else {}
    address = f"{url.rstrip('/')}/accounts/{quote(account, safe='')}"
    try:
        answer = httpx2.get(address, headers=headers, timeout=TIMEOUT_SECONDS)
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except httpx2.HTTPStatusError as error:
        raise UpstreamError(f"{address}: answered {error.response.status_code}") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise UpstreamError(f"{address}: {error}") from None
    return found


def words(found: Mapping[str, Any]) -> Iterator[str]:
    """Put an account's explanation into lines of plain words."""
    yield f"account {found['account']} of {found['organisation'] or 'no known organisation'}"
    yield f"seen from {_time(found['first_seen'])} to {_time(found['last_seen'])}"
    yield ""
    yield f"{'':<16}{'minute':>12}{'hour':>12}{'day':>12}{'remembered':>12}"
    for name, counts in found["activity"].items():
        cells = "".join(f"{value:>12,.0f}" for value in counts.values())
        yield f"{name.replace('_', ' '):<16}{cells}"
    yield f"about {found['distinct_texts']:,.0f} different texts"
    yield ""
    yield f"risk {found['risk']:+.2f}, a likelihood ratio of about {_odds(found['risk'])}"
    for part in found["contributions"]:
        yield f"  {part['llr']:+.2f}  {part['family']}, {part['signal']}: {part['text']}"
    if not found["contributions"]:
        yield "  no signal speaks for or against it"
    if found["group"] is not None:
        yield f"acts with the accounts of group {found['group']}"
    for name in ("restricted_until", "pardoned_until"):
        if found[name] is not None:
            yield f"{name.replace('_', ' ')} {_time(found[name])}"
    yield ""
    yield f"an honest explanation: {found['honest_explanation']}"
    yield f"what would clear it: {found['cleared_by']}"


def _time(seconds: float) -> str:
    if seconds >= _NO_END:
        return "further notice"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _odds(llr: float) -> str:
    # Past e^20 nobody reads the digits.
    ratio = math.exp(min(abs(llr), 20.0))
    return f"{ratio:,.0f} to 1" if llr >= 0 else f"1 to {ratio:,.0f}"
