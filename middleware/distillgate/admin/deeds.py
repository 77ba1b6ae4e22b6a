"""What people do with accounts, groups and the gate: obeyed, and kept with who did it and why."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from starlette.exceptions import HTTPException

from distillgate.admin.documents import unhurried
from distillgate.campaign.keys import CODE
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
from distillgate.engine.queries import Queries
from distillgate.governance.governance import Governance
from distillgate.oversight.campaigns import Campaign, named
from distillgate.oversight.orders import UNDO, Asked, Decided, give, possible
from distillgate.oversight.orders import answer as answer_to
from distillgate.oversight.roll import Roll

MAX_NAME = 64
"""Characters of a campaign's name."""
NO_NAME = f"give a name of 1 to {MAX_NAME} printable characters, not beginning with {CODE}"
_BATCH = 50
"""Orders that are given at once."""


@dataclass(slots=True, kw_only=True)
class Deeds:
    """Has what people order obeyed, whichever page they order it on."""

    engine: Engine
    roll: Roll
    governance: Governance
    clock: Callable[[], float]

    def why_not(self, subject: str, asked: Asked) -> str:
        """Return why an order cannot be obeyed; empty where it can."""
        return possible(self.engine, subject, asked)

    def give(self, subject: str, asked: Asked, campaign: str = "") -> None:
        """Have an order obeyed, and keep who gave it and why."""
        self.roll.drop()
        give(self.engine, subject, replace(asked, campaign=campaign), self.clock())
        named_ = {"organisation" if asked.whole else "account": subject}
        told: dict[str, Any] = {**named_, "reason": asked.reason}
        if campaign:
            told["campaign"] = campaign
        if asked.deed in UNDO:
            told["until"] = asked.until
        if asked.deed == "restrict":
            told["action"] = asked.action
        if asked.deed == "pardon":
            self.governance.event("pardoned", by=asked.by, **told)
        elif asked.deed == "lift":
            self.governance.event("lifted", by=asked.by, **told)
        elif asked.deed == "label":
            self.governance.event("labelled", by=asked.by, says=asked.action, **told)
        else:
            self.governance.event("ordered", by=asked.by, order=asked.deed, **told)

    async def give_all(self, wanted: Sequence[str], asked: Asked, found: Campaign) -> None:
        """Have an order on accounts of a campaign obeyed, some of them at once."""
        for given, name in enumerate(wanted, 1):
            self.give(name, asked, campaign=found.id)
            if not given % _BATCH:
                await asyncio.sleep(0)

    def decide(self, reference: str, decided: Decided, text: str, by: str, until: float) -> None:
        """Answer an appeal, and pardon its account where that is the answer."""
        now = self.clock()
        appeal = self.engine.state.appeals.of(reference, now)
        if appeal is None or appeal.outcome:
            raise HTTPException(404, f"no appeal of {reference[:128]} waits for an answer")
        asked = Asked(deed="pardon", by=by, reason=f"appeal {reference}: {text}", until=until)
        if decided == "pardon":
            if why := self.why_not(appeal.account, asked):
                raise HTTPException(409, why)
            self.give(appeal.account, asked)
        answer_to(self.engine, appeal, decided, text, by, now)
        self.governance.event(
            "appeal_answered", by=by, account=appeal.account, reference=reference,
            answer=decided, reason=text,
        )  # fmt: skip

    def name(self, group: str, name: str, by: str, told: str = "") -> bool:
        """Name a group as a campaign, and log it; False where there is none. Only people give
        names, never code. The audit log tells the group by how it was `told`.
        """
        name = name.strip()
        if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name.startswith(CODE):
            raise HTTPException(422, NO_NAME)
        self.roll.drop()
        try:
            known = Queries(self.engine).name_group(group, name, self.clock())
        except ValueError as error:
            raise HTTPException(409, str(error)) from None
        if known:
            self.governance.event("named", by=by, group=told or group, campaign=name)
        return known

    def switch(self, deed: Literal["kill", "resume"], *, by: str, reason: str) -> None:
        """End all enforcement at once, or take that back, and log it.

        The next decision here is already in the new mode. Reloads and restarts do not end it.
        """
        self.engine.order(Order(self.clock(), deed, by=by, reason=reason))
        if deed == "kill":
            self.governance.event("killed", by=by, reason=reason)
        else:
            self.governance.event("resumed", by=by, reason=reason)

    async def campaign(self, name: str) -> Campaign:
        """Find a campaign by its name or the name of a group of it."""
        found = named(await unhurried(self.roll.campaigns(self.clock())), name)
        if found is None:
            raise HTTPException(404, f"no such campaign: {name[:128]}")
        return found
