"""The console: pages for people, made on the server, and the documents that they show."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.errors import ConfigError, needs

if TYPE_CHECKING:
    from distillgate.admin.app import Console


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
    return Desk(console=console, shared=Shared(console.errands)).routes()


async def _missing(why: str, _: Request) -> Response:
    return Response(orjson.dumps({"error": why}), 501, media_type="application/json")
