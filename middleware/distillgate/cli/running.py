"""A running gate, asked over its operator's pages."""

import hmac
import os
import secrets
from typing import Annotated, Any
from urllib.parse import quote

import typer

from distillgate.admin.proof import meant, proof
from distillgate.cli.terminal import complain
from distillgate.errors import UpstreamError
from distillgate.text import redacted

TIMEOUT_SECONDS = 10.0

ADDRESS = "DISTILLGATE_URL"
_URL_HELP = "A running gate's admin address, such as http://127.0.0.1:8080/distillgate"

UrlOption = Annotated[str | None, typer.Option("--url", help=f"{_URL_HELP}; or {ADDRESS}.")]
"""Of commands that can ask something else instead: `gate_unless`."""
NeededUrlOption = Annotated[str, typer.Option("--url", envvar=ADDRESS, help=f"{_URL_HELP}.")]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key", envvar="DISTILLGATE_ADMIN_KEY", help="Your key of that gate, or its admin key."
    ),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; the audit log keeps it.")]
ByOption = Annotated[str, typer.Option("--by", help="Who says so.")]


def gate_unless(other: object, url: str | None) -> str | None:
    """Return the gate to ask: the environment's, where neither one nor something else is named."""
    return url if url or other else os.environ.get(ADDRESS)


def gate_or(log: str | None, name: str, url: str | None) -> str | None:
    """Return the gate to ask; None where it is a log that is read. Either is needed, and not both;
    the log's argument has the `name`.
    """
    url = gate_unless(log, url)
    if (log is None) == (url is None):
        raise typer.BadParameter(f"one of {name} and --url is needed")
    return url


def ask(
    url: str,
    *path: str,
    key: str | None,
    given: dict[str, Any] | None = None,
    query: dict[str, Any] | None = None,
) -> Any | None:
    """GET a page, or POST what is `given`, and read the JSON answer; None where there is none.

    Segments of `path` may hold anything. Raises `UpstreamError` where the gate has no answer.
    """
    import httpx2

    address = "/".join([url.rstrip("/"), *(quote(segment, safe="") for segment in path)])
    method = "GET" if given is None else "POST"
    try:
        if key:
            _prove(url, key)
        headers = {"authorization": f"Bearer {key}"} if key else {}
        answer = httpx2.request(
            method,
            address,
            params=query,
            json=given,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
        )
        if answer.status_code == 404:
            return None
        if not answer.is_success:
            raise UpstreamError(f"{address}: answered {answer.status_code}{_why(answer)}")
        return answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
        raise UpstreamError(f"{address}: {error}") from None


def answered(url: str, *path: str, of: str = "", missing: str = "", **asked: Any) -> Any:
    """Ask, and end with 1 where the gate knows nothing of it, or of the one whom it is asked `of`;
    `missing` is what is said then, where that is something else.
    """
    found = ask(url, *path, **asked)
    if found is None:
        gate = redacted(url)
        unknown = f"{of}: not known to {gate}" if of else f"{gate}: no operator's pages there"
        complain(missing or unknown)
        raise typer.Exit(1)
    return found


def _prove(url: str, key: str) -> None:
    """Make sure that a gate with this very key answers at `url`, before the key is sent there.

    Raises `UpstreamError` where somebody else answers.
    """
    import httpx2

    nonce = secrets.token_hex(16)
    asked = {"nonce": nonce, **({"key": which} if (which := meant(key)) else {})}
    answer = httpx2.get(f"{url.rstrip('/')}/proof", params=asked, timeout=TIMEOUT_SECONDS)
    try:
        given = answer.json()["proof"]
        proven = answer.is_success and hmac.compare_digest(given, proof(key, nonce))
    except (ValueError, TypeError, LookupError):
        proven = False
    if not proven:
        raise UpstreamError(
            f"{url}: no gate with this key answers there, so the key was not sent; "
            "the address ends in `admin.path`, such as http://127.0.0.1:8080/distillgate"
        )


def _why(answer: Any) -> str:
    """Read what the gate says of its refusal, if it was the gate that refused."""
    try:
        return f": {answer.json()['error']}"
    except (ValueError, TypeError, KeyError):
        return ""
