"""What a person may do on a page beside orders: name a campaign, end all enforcement, resume."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from distillgate.admin.console.orders import Orders, reason
from distillgate.admin.console.session import Session
from distillgate.admin.console.source import Source
from distillgate.admin.console.web import Answer, base, redirect
from distillgate.admin.documents import unhurried
from distillgate.admin.people import People
from distillgate.admin.roles import May
from distillgate.campaign.keys import CODE
from distillgate.engine.queries import Queries
from distillgate.oversight.campaigns import named

MAX_NAME = 64
"""Characters of a campaign's name."""


@dataclass(slots=True, kw_only=True)
class Acts:
    """Does what forms ask, in the name of who is signed in."""

    people: People
    queries: Queries
    kill: Callable[..., None]
    source: Callable[[], Source]

    def forms(self) -> Sequence[tuple[str, Answer, May]]:
        """Return where forms are sent, what they do, and who may."""
        orders = Orders(people=self.people)
        return (
            ("/campaigns/{id:path}/name", self.name, May.BULK),
            ("/campaigns/{id:path}/order/{deed}", orders.campaign, May.BULK),
            ("/accounts/{id:path}/order/{deed}", orders.account, May.ORDER),
            ("/accounts/{id:path}/label", orders.label, May.ORDER),
            ("/campaigns/{id:path}/label", orders.label_campaign, May.BULK),
            ("/appeals/{id:path}/answer", orders.answer, May.ORDER),
            ("/kill", self.stop, May.SWITCH),
            ("/resume", self.resume, May.SWITCH),
        )

    async def name(self, request: Request, session: Session) -> Response:
        """Name a campaign."""
        group, name = request.path_params["id"], request.state.form.get("name", "").strip()
        if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name.startswith(CODE):
            raise HTTPException(
                422, f"a name has 1 to 64 printable characters, and no {CODE} first"
            )
        source = self.source()
        found = named(await unhurried(source.roll.campaigns(source.now)), group)
        actor = None if found is None else found.lead(source.engine, group)
        if actor is None:
            raise HTTPException(404, f"no such campaign: {group[:128]}")
        self.people.roll.drop()
        try:
            self.queries.name_group(actor.group.code, name, source.now)
        except ValueError as error:
            raise HTTPException(409, str(error)) from None
        self.people.governance.event("named", by=session.by, group=group, campaign=name)
        return redirect(f"{base(request)}/campaigns/{quote(group, safe='')}")

    async def stop(self, request: Request, session: Session) -> Response:
        """End all enforcement at once."""
        return self._switch(request, session, killed=True)

    async def resume(self, request: Request, session: Session) -> Response:
        """Let the configured mode hold again."""
        return self._switch(request, session, killed=False)

    def _switch(self, request: Request, session: Session, *, killed: bool) -> Response:
        why = reason(request)
        self.kill("kill" if killed else "resume", by=session.by, reason=why)
        event = "killed" if killed else "resumed"
        self.people.governance.event(event, by=session.by, reason=why)
        return redirect(f"{base(request)}/now")
