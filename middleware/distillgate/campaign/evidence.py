"""What a group shows: the figures detectors turn into signals. Computed when a group is due."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.exchangeability import Intraclass

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Core:
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """The state of one group when it was last examined."""

    units: int
    """Accounts, or organisations, seen in the group."""
    examined: int
    """Of them, those with enough texts to compare."""
    exchanges: int
    distinct: float
    """Different varying texts, estimated, those of its sibling groups included."""
    repeats: float
    """Share of the sampled varying texts that several units sent, in [0, 1]."""
    multiplicity: float
    """Mean number of units that sent a repeated text."""
    evenness: float
    """Variance of that number over what chance would give; dealt lists repeat more evenly."""
    coverage: float
    """Share of all the different texts that one unit sends, on average."""
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
    meetings: Mapping[str, int]
    """How its units met (conversation hops, answers that came back), and how often."""
    examined_at: float


def belongs(
    core: Core, texts: float, topic: Vector, style: Vector, *, topic_dims: float, style_dims: float
) -> float:
    """Say how far a unit's texts lie from the core, in standard deviations of a true member's.

    `topic` and `style` are sums over `texts` texts. Under membership the scaled squared distance of
    the unit's mean is about chi-square; its excess is given in its own standard deviations.
    """
    mean_topic = topic / texts
    mean_style = style / texts
    shift = mean_topic - core.topic
    topic_distance = texts * float(shift @ shift) / core.topic_within
    shift = mean_style - core.style
    style_distance = texts * float((shift * shift / core.style_within).mean())
    excess = topic_dims * (topic_distance - 1.0) + style_dims * (style_distance - 1.0)
    return excess / float(np.sqrt(2.0 * (topic_dims + style_dims)))
