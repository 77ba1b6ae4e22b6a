"""What a person may order on a page: of one account at once, of a campaign after a preview."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from distillgate.admin.console.session import Session
from distillgate.admin.console.source import Document, Source
from distillgate.admin.console.web import Answer, View, base, page, redirect
from distillgate.admin.documents import unhurried
from distillgate.admin.people import People
from distillgate.admin.roles import May
from distillgate.campaign.keys import CODE
from distillgate.engine.queries import Queries
from distillgate.oversight.appeals import DECIDED
from distillgate.oversight.campaigns import Campaign, named
from distillgate.oversight.orders import Asked, Deed
from distillgate.policy.labels import SAYS

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


DAY = 86_400.0
MAX_REASON = 500
_BATCH = 50
"""Orders that are given at once."""


class Offer(NamedTuple):
    """One order as a page offers it."""

    deed: Deed
    verb: str
    label: str
    days: bool = True
    """It ends by itself."""
    hard: bool = False


OFFERS = (
    Offer(
        "pardon",
        "Pardon",
        "Its groups' evidence is not held against it, and what it sent leaves them. What it does "
        "alone still counts.",
    ),
    Offer("exempt", "Exempt", "Evidence is logged, and nothing is done."),
    Offer(
        "lift",
        "Lift",
        "Nothing at all is held against it: for somebody who has answered for the account.",
        hard=True,
    ),
    Offer("restrict", "Restrict", "It is throttled, whatever the evidence says.", hard=True),
    Offer(
        "unpardon",
        "End a pardon or lift",
        "Evidence counts again from now on. What was forgotten stays so.",
        days=False,
    ),
    Offer("revoke", "Take back an order", "An exemption or restriction by order ends.", days=False),
)


@dataclass(slots=True, kw_only=True)
class Orders:
    """Reads forms that order something, and has it done in the name of who is signed in."""

    people: People

    async def account(self, request: Request, session: Session) -> Response:
        """Have an order on one account obeyed."""
        name, asked = request.path_params["id"], self._asked(request, session)
        if why := self.people.why_not(name, asked):
            raise HTTPException(404 if why.startswith("no") else 409, why)
        self.people.give(name, asked)
        return redirect(f"{base(request)}/accounts/{quote(name, safe='')}")

    async def label(self, request: Request, session: Session) -> Response:
        """Keep what a person found of an account."""
        name, asked = request.path_params["id"], self._label(request, session)
        if why := self.people.why_not(name, asked):
            raise HTTPException(404, why)
        self.people.give(name, asked)
        return redirect(f"{base(request)}/accounts/{quote(name, safe='')}")

    async def label_campaign(self, request: Request, session: Session) -> Response:
        """Keep what a person found of a campaign: of each of its accounts."""
        asked, found = self._label(request, session), await self._campaign(request)
        await self._give([one for one in found.members if not self.people.why_not(one, asked)],
                         asked, found)  # fmt: skip
        return redirect(f"{base(request)}/campaigns/{quote(found.code, safe='')}")

    async def answer(self, request: Request, session: Session) -> Response:
        """Answer a customer's appeal."""
        given = request.state.form.get("outcome", "")
        decided = next((one for one in DECIDED if one == given), None)
        if decided is None:
            raise HTTPException(422, "say whether to pardon or to keep the limit")
        until = self.people.clock() + _days(request) * DAY
        reference = request.path_params["id"]
        self.people.decide(reference, decided, reason(request), session.by, until)
        return redirect(f"{base(request)}/review")

    async def campaign(self, request: Request, session: Session) -> Response:
        """Show whom an order on a campaign would concern, or have it obeyed as it was shown."""
        asked, found = self._asked(request, session), await self._campaign(request)
        wanted = [one for one in found.members if not self.people.why_not(one, asked)]
        sure = request.state.form.get("sure", "")
        if not sure:
            return await self._preview(request, session, found, asked, wanted)
        if sure != str(len(wanted)):
            raise HTTPException(409, "the campaign has changed since the preview: look again")
        await self._give(wanted, asked, found)
        return redirect(f"{base(request)}/campaigns/{quote(found.code, safe='')}")

    async def _campaign(self, request: Request) -> Campaign:
        name, now = request.path_params["id"], self.people.clock()
        found = named(await unhurried(self.people.roll.campaigns(now)), name)
        if found is None:
            raise HTTPException(404, f"no such campaign: {name[:128]}")
        return found

    async def _give(self, wanted: list[str], asked: Asked, found: Campaign) -> None:
        for at in range(0, len(wanted), _BATCH):
            for one in wanted[at : at + _BATCH]:
                self.people.give(one, asked, campaign=found.id)
            await asyncio.sleep(0)

    async def _preview(
        self, request: Request, session: Session, found: Campaign, asked: Asked, wanted: list[str]
    ) -> Response:
        state, now = self.people.engine.state, self.people.clock()
        known = [account for name in wanted if (account := state.known(name)) is not None]
        held = Counter("restricted" if a.held_until > now else "not restricted" for a in known)
        verb = next(one.verb for one in OFFERS if one.deed == asked.deed)
        document: Document = {
            "at": now,
            "campaign": found.code,
            "deed": asked.deed,
            "verb": verb,
            "accounts": wanted,
            "refused": [name for name in found.members if name not in set(wanted)],
            "standing": dict(held),
            "reason": asked.reason,
            "until": asked.until,
            "days": request.state.form.get("days", "1"),
        }
        view = View("preview.html", f"Preview: {verb}", document, "", "Campaigns")
        return await page(request, session, view)

    def _label(self, request: Request, session: Session) -> Asked:
        says = request.state.form.get("says", "")
        if says not in SAYS:
            raise HTTPException(422, f"say one of {', '.join(SAYS)}")
        now, why = self.people.clock(), request.state.form.get("reason", "").strip()[:MAX_REASON]
        return Asked(deed="label", by=session.by, reason=why, until=now, action=says)

    def _asked(self, request: Request, session: Session) -> Asked:
        deed = next((one for one in OFFERS if one.deed == request.path_params["deed"]), None)
        if deed is None:
            raise HTTPException(404, "there is no such order")
        until = self.people.clock() + (_days(request) if deed.days else 1.0) * DAY
        return Asked(deed=deed.deed, by=session.by, reason=reason(request), until=until)


def reason(request: Request) -> str:
    """Read why an order is given: there is none without a reason."""
    given: str = request.state.form.get("reason", "").strip()
    if not given:
        raise HTTPException(422, "say why: no order without a reason")
    return given[:MAX_REASON]


def _days(request: Request) -> float:
    try:
        days = float(request.state.form.get("days", ""))
    except ValueError:
        days = 0.0
    if not 0 < days <= 3650:
        raise HTTPException(422, "days must be a number above 0, at most 3650")
    return days
