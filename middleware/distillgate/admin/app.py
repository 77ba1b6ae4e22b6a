"""The operator's pages: what is known of accounts and groups; orders, metrics."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.admin.console import pages
from distillgate.admin.documents import NO_REASON, answer, by, document, said, unhurried
from distillgate.admin.people import People
from distillgate.admin.proof import NONCE, derived, proof
from distillgate.admin.settings import AdminSettings
from distillgate.campaign.keys import CODE
from distillgate.engine.engine import Engine
from distillgate.engine.queries import Queries
from distillgate.errors import ConfigError
from distillgate.governance.governance import Governance, snapshot
from distillgate.telemetry import Telemetry
from distillgate.telemetry.metrics import CONTENT_TYPE

MAX_NAME = 64
"""Characters of a campaign's name."""
_NO_NAME = (
    f'give a name, as JSON: {{"name": "…"}}; 1 to {MAX_NAME} printable characters, '
    f"not beginning with {CODE}"
)


@dataclass(slots=True, kw_only=True)
class Console:
    """Answers operators. Belongs to the event loop of the engine that is asked about."""

    queries: Queries
    people: People
    telemetry: Telemetry
    settings: AdminSettings
    governance: Governance
    standing: Callable[[], Mapping[str, Any]]
    kill: Callable[..., None]
    clock: Callable[[], float]
    reload: Callable[[], Awaitable[ConfigError | None]]
    engine: Engine

    def app(self) -> Starlette:
        """Build the application; mount it under `settings.path`."""
        if self._key:
            derived(self._key)
        routes = [
            Route("/proof", self.prove, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
            Route("/state", self._guarded(self.state), methods=["GET"]),
            Route("/kill", self._guarded(self.stop), methods=["POST"]),
            Route("/resume", self._guarded(self.resume), methods=["POST"]),
            Route("/references/{id:path}", self._guarded(self.reference), methods=["GET"]),
            *self.people.routes(self._guarded),
            Route("/groups", self._guarded(self.groups), methods=["GET"]),
            Route("/groups/{id:path}/name", self._guarded(self.name), methods=["POST"]),
            Route("/groups/{id:path}", self._guarded(self.group), methods=["GET"]),
            Route("/memory", self._guarded(self.memory), methods=["GET"]),
            Route("/memory/{id:path}/forget", self._guarded(self.forget), methods=["POST"]),
            Route("/reload", self._guarded(self.take_file), methods=["POST"]),
            *pages(self, self._key, self._authenticate),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _failed})

    async def prove(self, request: Request) -> Response:
        """Answer a nonce, so that a client sends its key to this gate and to nobody else."""
        nonce = request.query_params.get("nonce", "")
        if not NONCE.fullmatch(nonce):
            raise HTTPException(422, "give a nonce: ?nonce=, 32 to 64 hexadecimal digits")
        return answer({"proof": proof(self._required_key(), nonce)})

    async def metrics(self, request: Request) -> Response:
        """Return the metrics in Prometheus' text format."""
        if not self.settings.open_metrics:
            self._authenticate(request)
        return Response(self.telemetry.render(), headers={"content-type": CONTENT_TYPE})

    async def state(self, _: Request) -> Response:
        """Return the mode, and the state in a few numbers."""
        return answer({**self.standing(), **self.queries.summary()._asdict()})

    async def reference(self, request: Request) -> Response:
        """Return what the client of an exchange got, and why, by the reference it was given."""
        name = request.path_params["id"]
        kept = self.governance.outcomes.find(name)
        if kept is not None:
            found = [{"ts": kept.at, "event": "decision", **snapshot(kept.decision, kept.effect)}]
        else:  # of another worker, or longer ago
            found = await asyncio.to_thread(self.governance.audit.find, name)
        if not found:
            raise HTTPException(404, f"no such reference: {name[:128]}")
        return answer(found)

    async def groups(self, _: Request) -> Response:
        """List the groups that one operator feeds, the most surely linked first."""
        return answer(await unhurried(self.queries.actors()))

    async def group(self, request: Request) -> Response:
        """Explain a group's evidence."""
        name = request.path_params["id"]
        steps = self.queries.group(name)
        if steps is None:
            raise HTTPException(404, f"no such group: {name[:128]}")
        return answer(await unhurried(steps))

    async def name(self, request: Request) -> Response:
        """Name a group as a campaign, and log it. Only people give names, never code."""
        group = request.path_params["id"]
        asked = await document(request, _NO_NAME)
        name = asked.get("name")
        name = name.strip() if isinstance(name, str) else ""
        if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name.startswith(CODE):
            raise HTTPException(422, _NO_NAME)
        try:
            known = self.queries.name_group(group, name, self.clock())
        except ValueError as error:
            raise HTTPException(409, str(error)) from None
        if not known:
            raise HTTPException(404, f"no such group: {group[:128]}")
        self.governance.event("named", by=by(asked), group=group, campaign=name)
        return answer({"group": group, "name": name})

    async def memory(self, _: Request) -> Response:
        """List the groups that were restricted, as they are remembered."""
        return answer(self.queries.remembered())

    async def forget(self, request: Request) -> Response:
        """Forget what is remembered of such a group: who comes back with the same begins anew."""
        group, order = request.path_params["id"], await _order(request)
        if not self.queries.forget(group, self.clock()):
            raise HTTPException(404, f"nothing is remembered of {group[:128]}")
        self.governance.event("forgotten", group=group, **order)
        return answer({"group": group, "remembered": False})

    async def stop(self, request: Request) -> Response:
        """Return to shadow mode at once, whatever the configuration says."""
        order = await _order(request)
        self.kill(killed=True)
        self.governance.event("killed", **order)
        return answer(self.standing())

    async def resume(self, request: Request) -> Response:
        """Let the configured mode hold again."""
        order = await _order(request)
        self.kill(killed=False)
        self.governance.event("resumed", **order)
        return answer(self.standing())

    async def take_file(self, _: Request) -> Response:
        """Read the configuration file again; answer with what holds then, or what is wrong."""
        wrong = await self.reload()
        if wrong is not None:
            raise HTTPException(409, str(wrong))
        return answer(self.standing())

    def _guarded(self, page: Any) -> Any:
        async def guarded(request: Request) -> Response:
            self._authenticate(request)
            response: Response = await page(request)
            return response

        return guarded

    @property
    def _key(self) -> str:
        key = self.settings.key
        return "" if key is None else key.get_secret_value()

    def _required_key(self) -> str:
        if not self._key:
            raise HTTPException(403, "no `admin.key` is configured")
        return self._key

    def _authenticate(self, request: Request) -> None:
        key = self._required_key()
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode(), key.encode())
        if scheme.lower() != "bearer" or not same:
            raise HTTPException(401, "the key is missing or wrong", {"www-authenticate": "Bearer"})


async def _order(request: Request) -> dict[str, str]:
    return said(await document(request, NO_REASON))


async def _failed(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return answer({"error": error.detail}, status=error.status_code, headers=error.headers)
