"""What a person may order on a page: of one account at once, of a campaign after a preview."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from distillgate.account.windows import DAY
from distillgate.admin.console.session import Session
from distillgate.admin.console.source import Document
from distillgate.admin.console.web import Answer, View, base, page, redirect
from distillgate.admin.deeds import Deeds
from distillgate.admin.documents import days
from distillgate.admin.roles import May
from distillgate.oversight.campaigns import Campaign
from distillgate.oversight.orders import DECIDED, Asked, Deed
from distillgate.policy.labels import SAYS

MAX_REASON = 500


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

    deeds: Deeds

    def forms(self) -> Sequence[tuple[str, Answer, May]]:
        """Return where forms are sent, what they do, and who may."""
        return (
            ("/campaigns/{id:path}/name", self.name, May.BULK),
            ("/campaigns/{id:path}/order/{deed}", self.campaign, May.BULK),
            ("/accounts/{id:path}/order/{deed}", self.account, May.ORDER),
            ("/accounts/{id:path}/label", self.label, May.ORDER),
            ("/campaigns/{id:path}/label", self.label_campaign, May.BULK),
            ("/appeals/{id:path}/answer", self.answer, May.ORDER),
            ("/kill", partial(self._switch, "kill"), May.SWITCH),
            ("/resume", partial(self._switch, "resume"), May.SWITCH),
        )

    async def name(self, request: Request, session: Session) -> Response:
        """Name a campaign."""
        asked, name = request.path_params["id"], request.state.form.get("name", "")
        found = await self.deeds.campaign(request.path_params["id"])
        actor = found.lead(self.deeds.engine, asked)
        if actor is None or not self.deeds.name(actor.group.code, name, session.by, asked):
            raise HTTPException(404, f"no such campaign: {asked[:128]}")
        return redirect(f"{base(request)}/campaigns/{quote(asked, safe='')}")

    async def _switch(
        self, deed: Literal["kill", "resume"], request: Request, session: Session
    ) -> Response:
        self.deeds.switch(deed, by=session.by, reason=reason(request))
        return redirect(f"{base(request)}/now")

    async def account(self, request: Request, session: Session) -> Response:
        """Have an order on one account obeyed."""
        return self._given(request, self._asked(request, session))

    async def label(self, request: Request, session: Session) -> Response:
        """Keep what a person found of an account."""
        return self._given(request, self._label(request, session))

    def _given(self, request: Request, asked: Asked) -> Response:
        name = request.path_params["id"]
        if why := self.deeds.why_not(name, asked):
            raise HTTPException(404 if why.startswith("no") else 409, why)
        self.deeds.give(name, asked)
        return redirect(f"{base(request)}/accounts/{quote(name, safe='')}")

    async def label_campaign(self, request: Request, session: Session) -> Response:
        """Keep what a person found of a campaign: of each of its accounts."""
        asked = self._label(request, session)
        found = await self.deeds.campaign(request.path_params["id"])
        wanted = [one for one in found.members if not self.deeds.why_not(one, asked)]
        await self.deeds.give_all(wanted, asked, found)
        return redirect(f"{base(request)}/campaigns/{quote(found.code, safe='')}")

    async def answer(self, request: Request, session: Session) -> Response:
        """Answer a customer's appeal."""
        given = request.state.form.get("outcome", "")
        decided = next((one for one in DECIDED if one == given), None)
        if decided is None:
            raise HTTPException(422, "say whether to pardon or to keep the limit")
        until = self.deeds.clock() + _seconds(request)
        reference = request.path_params["id"]
        self.deeds.decide(reference, decided, reason(request), session.by, until)
        return redirect(f"{base(request)}/review")

    async def campaign(self, request: Request, session: Session) -> Response:
        """Show whom an order on a campaign would concern, or have it obeyed as it was shown."""
        asked = self._asked(request, session)
        found = await self.deeds.campaign(request.path_params["id"])
        wanted = [one for one in found.members if not self.deeds.why_not(one, asked)]
        sure = request.state.form.get("sure", "")
        if not sure:
            return await self._preview(request, session, found, asked, wanted)
        if sure != str(len(wanted)):
            raise HTTPException(409, "the campaign has changed since the preview: look again")
        await self.deeds.give_all(wanted, asked, found)
        return redirect(f"{base(request)}/campaigns/{quote(found.code, safe='')}")

    async def _preview(
        self, request: Request, session: Session, found: Campaign, asked: Asked, wanted: list[str]
    ) -> Response:
        state, now = self.deeds.engine.state, self.deeds.clock()
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
        now, why = self.deeds.clock(), request.state.form.get("reason", "").strip()[:MAX_REASON]
        return Asked(deed="label", by=session.by, reason=why, until=now, action=says)

    def _asked(self, request: Request, session: Session) -> Asked:
        deed = next((one for one in OFFERS if one.deed == request.path_params["deed"]), None)
        if deed is None:
            raise HTTPException(404, "there is no such order")
        until = self.deeds.clock() + (_seconds(request) if deed.days else DAY)
        return Asked(deed=deed.deed, by=session.by, reason=reason(request), until=until)


def reason(request: Request) -> str:
    """Read why an order is given: there is none without a reason."""
    given: str = request.state.form.get("reason", "").strip()
    if not given:
        raise HTTPException(422, "say why: no order without a reason")
    return given[:MAX_REASON]


def _seconds(request: Request) -> float:
    """Read for how long an order is to hold."""
    try:
        given = float(request.state.form.get("days", ""))
    except ValueError:
        given = 0.0
    return days({"days": given}, 0.0)
