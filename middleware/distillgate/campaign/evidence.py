"""What a group shows: the figures detectors turn into signals. Computed when a group is due."""

import math

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.dispersion import Loads
from distillgate.campaign.exchangeability import Intraclass, Spread
from distillgate.campaign.hand import HeldOut, OneHand
from distillgate.campaign.life import Life
from distillgate.campaign.openness import Openness
from distillgate.records import FrozenRecord

Vector = NDArray[np.float64]

_PEOPLES = 0.12
"""Share of requests that go on from an answer from which people may stand behind accounts.
Front-ends came to 0.15 to 0.31, company gateways to 0.4; campaigns that do not pay for it to 0 to
0.07."""


def may_be_peoples(follows: float, exchanges: float) -> bool:
    """Return whether people may stand behind accounts of whose exchanges a share goes on from an
    answer: of few, chance leaves it short of what people come to. 15 gateways that came to 0.14
    before and after were linked at 0.116 of 199 exchanges.
    """
    error = math.sqrt(_PEOPLES * (1.0 - _PEOPLES) / max(1.0, exchanges))
    return follows >= _PEOPLES - error


class Core(FrozenRecord, frozen=True):
    """The members that one hand could feed: their common centre, and how far a text may stray.

    `topic_within` is the variance of one text about its account's mean, summed over the topic's
    dimensions; `style_within` the same for each dimension of style.
    """

    topic: Vector
    style: Vector
    topic_within: float
    style_within: Vector
    share: float
    """Share of the examined members that belong."""
    topic_block: Spread
    style_block: Spread


class Return(FrozenRecord, frozen=True):
    """What a group shows of one that had its key before, and was restricted."""

    likeness: float
    """How much more likely its texts are as the same work than as independent users', in nats."""
    texts: float
    """Texts that were compared."""
    link: float
    """How surely one operator fed the one before, in nats."""
    seen_at: float
    """When that was last restricted."""
    name: str
    """How people or logs refer to it."""


class Reported(FrozenRecord, frozen=True):
    """The report that a group's template was told of in (`campaign.reports`)."""

    id: str
    source: str
    share: float
    """Share of the group's exchanges that are made from the template."""
    until: float
    """When the report ends."""


class Taken(FrozenRecord, frozen=True):
    """What the hands behind a group took, and how openly."""

    tokens: float = 0.0
    """Value tokens (`campaign.value`)."""
    size: float = 0.0
    """Value tokens of the answers that most of them are part of."""
    openness: Openness = Openness()


class Evidence(FrozenRecord, frozen=True):
    """The state of one group when it was last examined."""

    principals: int
    """Accounts, or organisations, seen in the group."""
    population: int
    """Accounts seen in all, of which the group is a part."""
    examined: int
    """Of them, those with enough texts to compare."""
    exchanges: int
    texts: float
    """Varying texts its principals sent, those before they joined included."""
    distinct: float
    """Different varying texts, estimated, those of its sibling groups included."""
    repeats: float
    """Share of the sampled varying texts that several principals sent, in [0, 1]."""
    multiplicity: float
    """Mean number of principals that sent a sampled text, 24 at most of each."""
    coverage: float
    """Share of all the different texts that one principal sends, on average."""
    follows: float
    """Share of texts that continue a conversation."""
    expansion: float | None
    """Output tokens over prompt tokens, where answers are known."""
    elicits: float
    """Share of exchanges that ask for the reasoning."""
    topic: Intraclass | None
    style: Intraclass | None
    clock: Intraclass | None
    core: Core | None
    whole: bool
    """The core is the whole group, not a part found inside it."""
    clarity: float
    """How much more likely a member of the part is under it than as an independent user (nats, on
    average): a part of few texts each can be found in any crowd."""
    loads: Loads | None
    """How evenly its texts lie over principals, where the core is a part that was looked for."""
    meetings: dict[str, int]
    """How its principals met (conversation hops, answers that came back), and how often."""
    life: Life
    """When its principals came, where it paused, when it turned to a new model."""
    returned: Return | None
    """The group before it, where it is remembered."""
    examined_at: float
    unread: float = 0.0
    """Share of exchanges that begin something and of which nothing but a payload is new."""
    senders: Loads | None = None
    """How evenly those lie over its principals."""
    taken: Taken = Taken()
    """What its core took, its sibling groups included."""
    one_hand: OneHand | None = None
    """What the texts say by themselves, where no key ties the principals."""
    items: float = 0.0
    """Different texts that there are to draw from, estimated by how few came back; 0: not known."""
    common: float = 0.0
    """Share of what a principal sent that others sent, too: the mean over principals."""
    dealt: float = 0.0
    """Evidence that repeated texts were dealt, each so often (`campaign.dealt`), in nats."""
    held_out: HeldOut | None = None
    """What the principals' draws say, where they share a key..."""
    reported: Reported | None = None
    """The report of its template, where others told of it."""
    drawn: Core | None = None
    """...and where they lie, if that is one hand's and more than what came with the key."""

    @property
    def peopled(self) -> bool:
        """Return whether people may stand behind its accounts: they talk back as people do."""
        return may_be_peoples(self.follows, self.exchanges)

    @property
    def rests_on(self) -> str | None:
        """The report without which the evidence would not be enough."""
        told, found = self.reported, self.held_out
        return told.id if told is not None and found is not None and found.lowered else None

    @property
    def rests_until(self) -> float:
        """Until when it counts: as long as the report that it rests on."""
        if self.reported is None or self.rests_on is None:
            return math.inf
        return self.reported.until


def logit(share: float) -> float:
    """Return the log-odds of a share in (0, 1)."""
    return math.log(share) - math.log1p(-share)


def distances(core: Core, texts: Vector, topic: Vector, style: Vector) -> tuple[Vector, Vector]:
    """Return scaled squared distances of principals' means from the core, in subject and in manner.

    `topic` and `style` (…, features) are sums over `texts` (…). A true member's are about one.
    """
    # `sum` and `mean` do the same, for three times as much where it is one principal.
    shift = topic / texts[..., None] - core.topic
    subject = texts * np.add.reduce(shift * shift, axis=-1) / core.topic_within
    shift = style / texts[..., None] - core.style
    strays = np.add.reduce(shift * shift / core.style_within, axis=-1)
    return subject, texts * (strays / shift.shape[-1])


def log_odds(core: Core, texts: Vector, topic: Vector, style: Vector) -> Vector:
    """Return the log-odds that principals belong to the core rather than being independent users.

    A member's distance is chi-square over its dimensions; an independent user's is the same times
    1 + texts * variance of its own mean: the more texts, the further apart.
    """
    subject, manner = distances(core, texts, topic, style)
    odds = logit(core.share) + likely(subject, texts, core.topic_block)
    return odds + likely(manner, texts, core.style_block)


def likely(distance: Vector, texts: Vector, block: Spread) -> Vector:
    """Weigh a member's distance from a core against an independent user's, in nats."""
    one, other = 1.0 + texts * block.dealt, 1.0 + texts * block.honest
    return block.dimensions / 2 * (np.log(other / one) - distance * (1.0 / one - 1.0 / other))
