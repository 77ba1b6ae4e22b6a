"""The operator's pages: what is known of accounts and groups; orders, metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.admin.access import Access
from distillgate.admin.console import pages
from distillgate.admin.decide import Decider
from distillgate.admin.deeds import NO_NAME, Deeds
from distillgate.admin.documents import NO_REASON, answer, by, document, said, subject, unhurried
from distillgate.admin.intelligence import Intelligence
from distillgate.admin.people import Page, People, Served
from distillgate.admin.proof import NONCE, derived
from distillgate.admin.roles import SHARED, May
from distillgate.admin.settings import AdminSettings
from distillgate.admin.standing import Standing
from distillgate.asgi.address import AddressSettings
from distillgate.asgi.context import Context
from distillgate.engine.engine import Engine
from distillgate.engine.queries import Queries
from distillgate.errors import ConfigError
from distillgate.governance.governance import Governance, snapshot
from distillgate.intel.sharing import Sharing
from distillgate.oversight.errands import Errands
from distillgate.oversight.roll import Roll
from distillgate.telemetry import Telemetry
from distillgate.telemetry.metrics import CONTENT_TYPE

_ROUTING = (404, 405)


@dataclass(slots=True, kw_only=True)
class Console:
    """Answers operators. Belongs to the event loop of the engine that is asked about."""

    engine: Engine
    roll: Roll
    errands: Errands
    telemetry: Telemetry
    governance: Governance
    settings: AdminSettings
    addresses: AddressSettings
    sharing: Sharing
    mode: Callable[[], str]
    standing: Callable[[], Mapping[str, Any]]
    clock: Callable[[], float]
    reload: Callable[[], Awaitable[ConfigError | None]]
    context: Context
    queries: Queries = field(init=False)
    access: Access = field(init=False)
    deeds: Deeds = field(init=False)
    people: People = field(init=False)
    intelligence: Intelligence = field(init=False)

    def __post_init__(self) -> None:
        """Make what answers of the parts of a gate."""
        self.queries = Queries(self.engine)
        self.access = Access(self.settings, self.addresses, self.governance)
        self.deeds = Deeds(
            engine=self.engine, roll=self.roll, governance=self.governance, clock=self.clock
        )
        self.people = People(
            engine=self.engine,
            roll=self.roll,
            deeds=self.deeds,
            governance=self.governance,
            mode=self.mode,
            clock=self.clock,
            pardon_days=self.settings.pardon_days,
        )
        self.intelligence = Intelligence(
            engine=self.engine,
            roll=self.roll,
            governance=self.governance,
            clock=self.clock,
            sharing=self.sharing,
        )

    def app(self) -> Starlette:
        """Build the application; mount it under `settings.path`."""
        if self.settings.key is not None:
            derived(self.access.shared_key)
        routes = [
            Route("/proof", self.prove, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
            *(
                Route(path, self._guarded(page, may), methods=[method])
                for method, path, page, may in (
                    *self._pages(),
                    *self.people.pages(),
                    *self.intelligence.pages(),
                )
            ),
            *pages(self),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: self._failed})

    def _pages(self) -> Sequence[Served]:
        decider, standing = Decider(self.context), Standing(self.context)
        return (
            ("POST", "/decide", decider.decide, May.DECIDE),
            ("POST", "/learn", decider.learn, May.DECIDE),
            ("GET", "/standing", standing.page, May.DECIDE),
            ("GET", "/state", self.state, May.HEALTH),
            ("POST", "/kill", partial(self.switch, "kill"), May.SWITCH),
            ("POST", "/resume", partial(self.switch, "resume"), May.SWITCH),
            ("GET", "/references/{id:path}", self.reference, May.ACCOUNTS),
            ("GET", "/groups", self.groups, May.ACCOUNTS),
            ("POST", "/groups/{id:path}/name", self.name, May.BULK),
            ("GET", "/groups/{id:path}", self.group, May.ACCOUNTS),
            ("GET", "/memory", self.memory, May.ACCOUNTS),
            ("POST", "/memory/{id:path}/forget", self.forget, May.BULK),
            ("POST", "/reload", self.take_file, May.SWITCH),
        )

    async def prove(self, request: Request) -> Response:
        """Answer a nonce, so that a client sends its key to this gate and to nobody else."""
        nonce = request.query_params.get("nonce", "")
        if not NONCE.fullmatch(nonce):
            raise HTTPException(422, "give a nonce: ?nonce=, 32 to 64 hexadecimal digits")
        found = self.access.prove(nonce, request.query_params.get("key", ""))
        return answer({"proof": found} if found else {})

    async def metrics(self, request: Request) -> Response:
        """Return the metrics in Prometheus' text format."""
        if not self.settings.open_metrics:
            self.access.caller(request, May.METRICS)
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
        """Name a group as a campaign."""
        group = request.path_params["id"]
        asked = await document(request, NO_NAME)
        given = asked.get("name")
        name = given.strip() if isinstance(given, str) else ""
        if not self.deeds.name(group, name, by(request, asked)):
            raise HTTPException(404, f"no such group: {group[:128]}")
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

    async def switch(self, deed: Literal["kill", "resume"], request: Request) -> Response:
        """Return to shadow mode at once, whatever the configuration says; or take that back."""
        self.deeds.switch(deed, **await _order(request))
        return answer(self.standing())

    async def take_file(self, _: Request) -> Response:
        """Read the configuration file again; answer with what holds then, or what is wrong."""
        wrong = await self.reload()
        if wrong is not None:
            raise HTTPException(409, str(wrong))
        return answer(self.standing())

    def _guarded(self, page: Page, may: May) -> Page:
        async def guarded(request: Request) -> Response:
            caller = request.state.caller = self.access.caller(request, may)
            request.state.is_taken = self.access.is_taken
            response: Response = await page(request)
            if may is May.ACCOUNTS:
                kind = request.scope["route"].path.split("/")[1]
                name = request.path_params.get("id", "")
                self.governance.looked(caller.name or SHARED, kind, **subject(kind, name))
            return response

        return guarded

    async def _failed(self, request: Request, error: Exception) -> Response:
        """Answer with what is wrong; to nobody who may not ask, not even that a page is missing."""
        if not isinstance(error, HTTPException):
            raise error
        if error.status_code in _ROUTING and not hasattr(request.state, "caller"):
            try:
                self.access.known(request)
            except HTTPException as refused:
                error = refused
        return answer({"error": error.detail}, status=error.status_code, headers=error.headers)


async def _order(request: Request) -> dict[str, str]:
    return said(request, await document(request, NO_REASON))
