"""What the draws of principals that share a key say of one hand.

Nothing chose them by their texts, so all are judged: by one half of their draws where they lie, by
the other whether they are one hand's (`campaign.weigh`). Customers who draw from one public set are
as alike as if one hand dealt it to them. They show in that items come back, as often as draws from
so large a set do: where that set is small, their draws say nothing. Items that come back because
each was dealt so often are told from those (`campaign.dealt`).
"""

import math
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from distillgate.campaign.core import Table, centre
from distillgate.campaign.dealt import DEALT
from distillgate.campaign.exchangeability import Spread
from distillgate.campaign.hand import REPORTED_SURE, SHORT, SURE, Hand, HeldOut
from distillgate.campaign.jobs import Job
from distillgate.campaign.repeats import Multiplicity
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.split import MIN_UNITS, hand_of, means_of
from distillgate.campaign.weigh import WEIGHING, Said, Told, members, weigh

_DRAWS = 256.0
"""Draws from which it shows how large a set they are from..."""
_MANY, _ANYWAY = 512.0, 0.05
"""...and from which a dealt list is told by how few of its items come back: some it holds twice."""
_DRAWN = 1.3
"""Draws an item, over different principals, from which a set is drawn from and not dealt: a dealer
who has a quarter of his items answered again gains little by that. A benchmark's crowd came to 1.6,
dealt lists to 1.2."""
PUBLIC, _BACK = 6_000.0, 0.25
"""Items of a public set up to which its users are none's hand, and share of items that may come
back of a larger one. Crowds over one public set of 40 to 1,500 items came to 37 to 2,600 once they
had drawn so often; dealt lists to 4,800 and more, of which up to a tenth came back."""
_REPORTED_DRAWS = 24.0
"""Draws that are asked for where others told of what is shared: then it is no public set if hardly
an item comes back..."""
_REPORTED_SHORT = 0.5
"""...and the share of what a dealer's accounts would come to that is asked for. Campaigns' came to
0.7 to 1.0 once they had the least evidence; of 4,000 honest accounts all of whose prompts were told
of a crowd came to 0.35."""


_AGAIN = 8.0
"""Texts from which it shows whether people sent what a key ties, where they talk back: the first
few of each may be as diverse as everybody's. 497 users of one chat persona came to 34 nats with
five texts each, 1.4 times what a dealer's accounts would, 200 of another with six to half of
that."""


class Convicted(NamedTuple):
    """What principals' draws say, and which of them are the hand's, as rows."""

    said: HeldOut
    rows: NDArray[np.intp]
    known: NDArray[np.intp]
    """Rows of those that drew enough to be compared."""

    def kept(self, before: HeldOut) -> "Convicted":
        """Return the same, where a report was enough `before`: that stays so until less is left
        than is asked of all who share a key. Few texts' evidence falls as often as it rises: that
        of 21 to 51 accounts came to 3.0, 2.8, 1.5, 3.5, 2.5, 2.0, 5.7 and 10.0 nats.
        """
        said = self.said
        if not (said.lowered and before.sure and said.nats >= SHORT * said.of_a_dealer):
            return self
        return self._replace(said=replace(said, asked=min(said.asked, said.nats)))


def judge(
    table: SketchTable,
    rows: NDArray[np.intp],
    items: Multiplicity,
    texts: float,
    blocks: tuple[Spread, Spread],
    *,
    reported: bool = False,
    peopled: bool = False,
) -> Job[Convicted | None]:
    """Judge principals by their own rows; None where too little is known, or where their `items`,
    over `texts` that were sent, come back as those of a public set do.

    Less is asked for where others `reported` what they share. Where they talk back as people do
    (`peopled`), only those are judged who sent enough to differ.
    """
    sent = float(table.texts[rows].sum())
    asked = SURE if sent >= _DRAWS and _dealt(items, texts) else 0.0
    if not asked and reported and sent >= _REPORTED_DRAWS and items.repeated <= _ANYWAY:
        asked = REPORTED_SURE
    if not asked:
        return None
    first, second = table.halves(rows)
    both = (first.texts > 0) & (second.texts > 0)
    known = rows[both]
    if peopled:
        both &= first.texts + second.texts >= _AGAIN
    principals = int(both.sum())
    if principals < MIN_UNITS:
        return None
    halves = first.take(both), second.take(both)
    one, other = yield from _both_ways(halves, blocks)
    share, inside = members((one.weights + other.weights) / 2.0)
    nats, dealt = _mean(one.all, other.all)
    if reported and nats < SURE:
        asked = max(REPORTED_SURE, _REPORTED_SHORT * dealt)
    else:
        asked = max(asked, SHORT * dealt)
    in_manner = _mean(one.manner, other.manner).reached
    drawn = float((first.texts + second.texts)[both].mean())
    said = HeldOut(nats, principals, asked, share, dealt, in_manner, drawn)
    return Convicted(said, rows[both][inside], known)


def _both_ways(halves: tuple[Table, Table], blocks: tuple[Spread, Spread]) -> Job[list[Said]]:
    """Weigh principals by each half, the other having said where they lie."""
    within = hand_of(centre(_whole(*halves), 0.5, blocks)).within
    yield len(halves[0].texts)
    found = []
    for one, other in (halves, halves[::-1]):
        hand = Hand(hand_of(centre(one, 0.5, blocks)).centre, within)
        found.append(weigh(hand, means_of(one), means_of(other)))
        yield WEIGHING * len(one.texts)
    return found


def _mean(one: Told, other: Told) -> Told:
    """Return the mean of two e-values, against the least that a dealer's accounts would come to."""
    nats = float(np.logaddexp(one.nats, other.nats)) - math.log(2.0)
    return Told(nats, min(one.of_a_dealer, other.of_a_dealer))


def _dealt(items: Multiplicity, texts: float) -> bool:
    """Return whether items come back as seldom as those of a list that was dealt."""
    if items.dealt >= DEALT:
        return True
    if texts < _DRAWS:
        return False
    if texts >= _MANY and items.repeated <= _ANYWAY:
        return True
    return items.repeated <= _BACK and items.mean <= _DRAWN and items.items >= PUBLIC


def _whole(one: Table, other: Table) -> Table:
    return Table(*(first + second for first, second in zip(one, other, strict=True)))
