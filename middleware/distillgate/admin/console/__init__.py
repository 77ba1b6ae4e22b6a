"""The console: pages for people, made on the server, and the documents that they show."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.errors import ConfigError, needs

_TOLD = ("kill", "config", "reloaded_at", "waiting_for_restart", "doubts")
"""What pages show of how it stands with the gate."""

if TYPE_CHECKING:
    from distillgate.admin.app import Console
    from distillgate.admin.console.source import Source


def pages(console: "Console") -> Sequence[Route]:
    """Return the routes of the pages for people; without what they need, one that says so."""
    if console.telemetry.history is None:
        return ()
    try:
        with needs("console"):
            from distillgate.admin.console.desk import Desk
            from distillgate.admin.console.shared import Shared
    except ConfigError as error:
        return (Route("/console/{page:path}", partial(_missing, str(error))),)
    desk = Desk(
        source=partial(_source, console),
        access=console.access,
        people=console.people,
        governance=console.governance,
        settings=console.settings,
        clock=console.clock,
        metrics=console.telemetry.render,
        shared=Shared(console.errands),
    )
    return desk.routes()


def _source(console: "Console") -> "Source":
    from distillgate.admin.console.source import Source

    history = console.telemetry.history
    assert history is not None
    standing = console.standing()
    return Source(
        console.engine,
        history,
        console.clock(),
        str(standing["mode"]),
        console.roll,
        outcomes=console.governance.outcomes,
        losing=console.telemetry.losing,
        more={
            **{name: standing[name] for name in _TOLD},
            "rollout": console.engine.settings.policy.enforcement.rollout,
            "failures": dict(console.telemetry.failures),
        },
    )


async def _missing(why: str, _: Request) -> Response:
    return Response(orjson.dumps({"error": why}), 501, media_type="application/json")
