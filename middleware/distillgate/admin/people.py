"""The operator's pages about accounts and campaigns: lists, explanations, orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from msgspec import structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from distillgate.admin.deeds import Deeds
from distillgate.admin.documents import NO_REASON, answer, days, document, number, said, unhurried
from distillgate.admin.roles import May
from distillgate.engine.engine import Engine
from distillgate.governance.governance import Governance, snapshot
from distillgate.oversight.accounts import SHOWS, account_document, accounts, export
from distillgate.oversight.orders import DECIDED, UNDO, Asked, Deed
from distillgate.oversight.roll import Roll
from distillgate.policy.labels import SAYS

MOST = 10_000
"""Accounts that a list has at most."""
_APPEALS, _MOST_APPEALS = 100, 1000
"""Appeals that a list has, and at most where more are asked for: each has a page of text."""
_OUTCOMES = 50
"""Outcomes that an account's page has."""

Page = Callable[[Request], Any]
Served = tuple[str, str, Page, May]
"""A page's method, its path, what answers, and what one must be allowed."""


@dataclass(slots=True, kw_only=True)
class People:
    """Answers what is asked of accounts and campaigns, and reads what is ordered of them."""

    engine: Engine
    roll: Roll
    deeds: Deeds
    governance: Governance
    mode: Callable[[], str]
    clock: Callable[[], float]
    pardon_days: float

    def pages(self) -> Sequence[Served]:
        """Return the pages."""
        return [
            ("GET", "/accounts", self.accounts, May.ACCOUNTS),
            ("GET", "/accounts/{id:path}/export", self.export, May.ACCOUNTS),
            ("POST", "/accounts/{id:path}/erase", self.order, May.BULK),
            ("POST", "/accounts/{id:path}/{deed}", self.order, May.ORDER),
            ("GET", "/accounts/{id:path}", self.account, May.ACCOUNTS),
            ("POST", "/organisations/{id:path}/{deed}", partial(self.order, whole=True), May.BULK),
            ("GET", "/orders", self.orders, May.ACCOUNTS),
            ("GET", "/labels", self.labels, May.ACCOUNTS),
            ("GET", "/appeals", self.appeals, May.ACCOUNTS),
            ("POST", "/appeals/{id:path}/answer", self.answer_appeal, May.ORDER),
            ("GET", "/campaigns", self.campaigns, May.ACCOUNTS),
            ("POST", "/campaigns/{id:path}/{deed}", self.order_campaign, May.BULK),
            ("GET", "/campaigns/{id:path}", self.campaign, May.ACCOUNTS),
        ]

    async def accounts(self, request: Request) -> Response:
        """List accounts: `?show=restricted`, `riskiest`, `pardoned`, `exempt` or `ordered`."""
        show = request.query_params.get("show", "restricted")
        found = next((one for one in SHOWS if one == show), None)
        if found is None:
            raise HTTPException(422, f"show must be one of {', '.join(SHOWS)}")
        most = number(request, "most", 100, MOST)
        return answer(await unhurried(accounts(self.engine, found, most, self.clock())))

    async def account(self, request: Request) -> Response:
        """Return what is in force for an account, its evidence, its history, its outcomes."""
        name = request.path_params["id"]
        found = account_document(self.engine, name, self.mode(), self.clock())
        if found is None:
            raise HTTPException(404, f"no such account: {name[:128]}")
        latest = self.governance.outcomes.of_account(name, _OUTCOMES)
        found["outcomes"] = [{"ts": one.at, **snapshot(one.decision, one.effect)} for one in latest]
        return answer(found)

    async def export(self, request: Request) -> Response:
        """Return everything that is kept of an account."""
        name = request.path_params["id"]
        found = export(self.engine, name, self.clock())
        if found is None:
            raise HTTPException(404, f"no such account: {name[:128]}")
        return answer(found)

    async def orders(self, _: Request) -> Response:
        """List what people ordered and what still holds, the soonest to end first."""
        now = self.clock()
        held = sorted(self.engine.state.directives, key=lambda one: (one.until, one.subject))
        return answer([
            {
                "organisation" if one.whole else "account": one.subject, "order": one.deed,
                "action": one.action if one.deed == "restrict" else None,
                "since": one.at, "until": one.until, "by": one.by, "reason": one.reason,
            }
            for one in held if one.until > now
        ])  # fmt: skip

    async def labels(self, _: Request) -> Response:
        """List what people found of accounts, the latest last."""
        return answer([structs.asdict(one) for one in self.engine.state.labels])

    async def appeals(self, request: Request) -> Response:
        """List what customers ask for: what waits, in the order of *Review*, then the answered."""
        held, most = self.engine.state.appeals, number(request, "most", _APPEALS, _MOST_APPEALS)
        found = [*held.waiting(self.clock()), *(one for one in held if one.outcome)]
        return answer([structs.asdict(one) for one in found[:most]])

    async def answer_appeal(self, request: Request) -> Response:
        """Answer a customer: `pardon`, or `keep` the limit; the reason is what they read."""
        given = await document(request, NO_REASON)
        decided = next((one for one in DECIDED if one == given.get("outcome")), None)
        if decided is None:
            raise HTTPException(422, f"outcome is {' or '.join(DECIDED)}")
        until = self.clock() + days(given, self.pardon_days)
        order = said(request, given)
        self.deeds.decide(request.path_params["id"], decided, order["reason"], order["by"], until)
        return answer({"reference": request.path_params["id"], "outcome": decided})

    async def campaigns(self, _: Request) -> Response:
        """List the campaigns there are, those with the most accounts first."""
        found = await unhurried(self.roll.campaigns(self.clock()))
        return answer([one.document() for one in found])

    async def campaign(self, request: Request) -> Response:
        """Return one campaign with its members."""
        found = await self.deeds.campaign(request.path_params["id"])
        return answer({**found.document(), "members": found.members})

    async def order_campaign(self, request: Request) -> Response:
        """Have an order on every account of a campaign obeyed."""
        asked, dry = await self._asked(request, whole=False)
        found = await self.deeds.campaign(request.path_params["id"])
        refused = {name: why for name in found.members if (why := self.deeds.why_not(name, asked))}
        wanted = [name for name in found.members if name not in refused]
        if not dry:
            await self.deeds.give_all(wanted, asked, found)
        undo = UNDO.get(asked.deed)
        return answer({
            "campaign": found.id, "order": asked.deed, "dry_run": dry,
            "accounts": wanted, "refused": refused, "undo": undo,
        })  # fmt: skip

    async def order(self, request: Request, *, whole: bool = False) -> Response:
        """Have an order on one account obeyed, or on all accounts that declare an organisation."""
        subject = request.path_params["id"]
        asked, dry = await self._asked(request, whole=whole)
        if why := self.deeds.why_not(subject, asked):
            raise HTTPException(404 if why.startswith("no") else 409, why)
        before = self._in_force(subject, whole=whole)
        if not dry:
            self.deeds.give(subject, asked)
        found = {
            "organisation" if whole else "account": subject, "order": asked.deed,
            "until": asked.until if asked.deed in UNDO else None, "dry_run": dry,
            "before": before, "undo": UNDO.get(asked.deed),
        }  # fmt: skip
        return answer(found if dry else {**found, "after": self._in_force(subject, whole=whole)})

    async def _asked(self, request: Request, *, whole: bool) -> tuple[Asked, bool]:
        """Read an order, and whether it is only to be tried."""
        deed: Deed | None = next((one for one in get_args(Deed) if one == _deed_of(request)), None)
        if deed is None:
            raise HTTPException(404, f"no such order; there are {', '.join(get_args(Deed))}")
        given = await document(request, NO_REASON)
        wanted = SAYS if deed == "label" else ("throttle", "degrade", "refuse")
        action, dry = (
            given.get("action", "" if deed == "label" else wanted[0]),
            given.get("dry_run", False),
        )
        if action not in wanted or not isinstance(dry, bool):
            raise HTTPException(422, f"action is {', '.join(wanted)}; dry_run true or false")
        until = self.clock() + days(given, self.pardon_days)
        return Asked(
            deed=deed, **said(request, given), until=until, whole=whole, action=action
        ), dry

    def _in_force(self, subject: str, *, whole: bool) -> Any:
        found = None
        if not whole:
            found = account_document(self.engine, subject, self.mode(), self.clock())
        return None if found is None else found["in_force"]


def _deed_of(request: Request) -> str:
    """Return which order a path names; it stands last in each."""
    return str(request.scope["path"]).rpartition("/")[2]
