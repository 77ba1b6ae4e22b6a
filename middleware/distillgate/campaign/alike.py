"""Accounts that nothing ties: which of them to compare, and how their core is looked for.

A campaign that shares no prompt, address, card or client still uses the service in one way. People
talk back; a harvest takes an answer and goes on to the next item. Whoever hardly ever continues a
conversation is compared with everybody else who does not, by whether they send instructions: a few
large, mixed groups. They are searched, not trusted: what the whole population differs in is far
more than what users of one prompt differ in, a member's hours and load must be the core's too, and
the link needs both beside the texts (`exchangeability`, `even_loads`).
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from pydantic import PositiveInt

from distillgate.account.account import Account
from distillgate.campaign.core import Search, Table, centre, densest, rhythm
from distillgate.campaign.evidence import Core, log_odds, logit
from distillgate.campaign.exchangeability import BlockSettings, Intraclass, Spread, intraclass
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.steps import Steps
from distillgate.settings import Positive, Settings


class AlikeSettings(Settings):
    """How accounts that only use the service alike are compared."""

    from_exchanges: int = 3
    """Requests from which an account has a way of use."""
    follows: float = 0.1
    """Share of requests that continue a conversation, above which it talks back."""
    instructed: float = 0.1
    """Share of requests with (or without) instructions up to which it never (or always) does."""
    every: Positive = 0.25
    """Exchanges of such a group between two searches, for each unit that was searched: so a search
    costs an exchange the same, however large the group is."""
    min_texts: int = 3
    """Texts a unit must have sent to be compared."""
    known_texts: tuple[int, int] = (2, 6)
    """Texts a unit must have sent to be taken for a member: where nobody else's texts lie near the
    core's, one more with each doubling of those who do, and the most that is asked."""
    near: tuple[float, float] = (-12.0, -2.0)
    """Evidence of texts and hours between which a unit does not belong, yet lies near: nats..."""
    strays: tuple[float, float] = (0.02, 0.1)
    """...more of them than this share of the core, which are its own: where its list was dealt at
    random, and where it was sorted before."""
    seeds: PositiveInt = 24
    """Starting points of a search: most of the units belong to nobody."""
    searched: tuple[float, float] = (0.12, 0.8)
    """Variance of independent users' own means, in units of the variance within users, in subject
    and in manner, over all who use the service alike..."""
    member: tuple[float, float] = (0.09, 0.4)
    """...and, cautiously, for telling who belongs."""
    dealt: tuple[float, float] = (0.05, 0.02)
    """The same of the accounts of one hand that sorts its list before it deals it."""
    sorted_rho: float = 0.015
    """Subject that differs by more than this inside a core was perhaps sorted."""
    load: Positive = 8.0
    """Variance of twice the root of independent users' counts of texts; a dealer's is one."""
    manner: BlockSettings = BlockSettings(
        dimensions=6.0, spread=0.008, honest_median=0.4, honest_spread=0.9, floor=-8.0, ceiling=5.0
    )
    """The manner of the texts, over all who use the service alike."""
    sorted_spread: float = 0.03
    """How far the manner of a list that is sorted by subject spreads: it follows a little."""
    clock: BlockSettings = BlockSettings(
        dimensions=3.0, spread=0.03, honest_median=0.3, honest_spread=0.8, floor=-3.0, ceiling=3.0
    )
    """The hours at which texts are sent: here they must speak for one hand."""

    def asked_texts(self, near: int) -> int:
        """Give the texts a unit must have sent, with so many others near the core."""
        least, most = self.known_texts
        return min(most, least + round(math.log2(1 + near)))

    def others_near(self, evidence: NDArray[np.float64], *, sorted_: bool) -> int:
        """Count the units that lie near a core without belonging, by the evidence of each."""
        least, most = self.near
        near = int(((evidence > least) & (evidence < most)).sum())
        return max(0, round(near - self.strays[sorted_] * int((evidence >= most).sum())))

    def weighing(self, *, sorted_: bool) -> BlockSettings:
        """Give how the manner of a core is weighed."""
        if not sorted_:
            return self.manner
        return self.manner.model_copy(update={"spread": self.sorted_spread})


class Ways:
    """The keys of the ways of use."""

    def __init__(self, hash_text: Callable[[str], int]) -> None:
        names = ("without instructions", "with and without instructions", "with instructions")
        self._keys = [Key(Kind.USE, hash_text(f"single questions {name}")) for name in names]

    def of(self, account: Account, settings: AlikeSettings) -> Key | None:
        """Give the key of an account's way of use; None while unknown, and where it talks back."""
        sent = account.exchanges
        if sent < settings.from_exchanges or account.follows > settings.follows * sent:
            return None
        instructed = account.instructed / sent
        return self._keys[
            (instructed > settings.instructed) + (instructed > 1 - settings.instructed)
        ]

    def others(self, key: Key | None) -> Iterator[int]:
        """Give the values of the other keys: what an account left when its use changed."""
        return (other.value for other in self._keys if other != key)


class Part(NamedTuple):
    """A core that was looked for, and the units that are near it."""

    core: Core
    near: NDArray[np.bool_]
    odds: NDArray[np.float64]
    sorted_: bool
    """Found only as a list that was sorted by subject before it was dealt."""


def search(table: Table, settings: AlikeSettings, base: Search) -> Steps[Part | None]:
    """Find the densest core of units that share no key; None where there is none.

    First as a random deal; where subject still differs inside the core, as a sorted one.
    """
    part = yield from _search(table, settings, base, sorted_=False)
    if part is None:
        return (yield from _search(table, settings, base, sorted_=True))
    yield len(table.texts)
    inside = table.take(part.near)
    subject = intraclass(inside.topic_sums(), base.blocks[0].dimensions, pooled=True)
    if subject is None or not _sorted(subject, settings):
        return part
    return (yield from _search(table, settings, base, sorted_=True)) or part


def _sorted(subject: Intraclass, settings: AlikeSettings) -> bool:
    return subject.rho > settings.sorted_rho + 2 * subject.error


def _search(
    table: Table, settings: AlikeSettings, base: Search, *, sorted_: bool
) -> Steps[Part | None]:
    hours = settings.clock.distances
    core = yield from densest(
        table,
        base._replace(
            seeds=settings.seeds,
            blocks=_blocks(base, settings.searched, settings, sorted_=sorted_),
            clock=hours,
            crowded=1.0,
        ),
    )
    if core is None:
        return None
    yield len(table.texts)
    near = _odds(core, table) > 0
    if near.sum() < base.min_units:
        return None
    found = table.take(near)
    honest = settings.searched if sorted_ else settings.member
    blocks = _blocks(base, honest, settings, sorted_=sorted_)
    load = Spread(1.0, settings.load)
    member = replace(centre(found, core.share, blocks), rhythm=rhythm(found, hours, load))
    odds = _odds(member, table)
    others = settings.others_near(odds - logit(member.share), sorted_=sorted_)
    return Part(replace(member, near=others), near, odds, sorted_)


def _blocks(
    base: Search, honest: tuple[float, float], settings: AlikeSettings, *, sorted_: bool
) -> tuple[Spread, Spread]:
    dealt = settings.dealt if sorted_ else (0.0, 0.0)
    topic, style = (
        Spread(block.dimensions, between, own)
        for block, between, own in zip(base.blocks, honest, dealt, strict=True)
    )
    return topic, style


def _odds(core: Core, table: Table) -> NDArray[np.float64]:
    return log_odds(core, table.texts, table.topic, table.style, table.clock)
