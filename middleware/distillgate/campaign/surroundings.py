"""What an examination takes into account beyond a group's own sums."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.evidence import Reported
from distillgate.campaign.group import Group
from distillgate.campaign.summary import Totals


class Surroundings(NamedTuple):
    """What belongs to a group beyond its own sums.

    `siblings` are groups of about the same principals, other templates of the same hands: what they
    sent counts as sent by the same actor. `meetings` is how the principals met.
    """

    overlap: Sequence[Group]
    meetings: Mapping[str, int]
    population: int
    """Principals seen in all."""
    own_rows: Callable[[Sequence[int]], NDArray[np.intp]] = lambda _: np.empty(0, np.intp)
    """Returns the rows of all that principals drew, with the key or without."""
    totals: Totals | None = None
    """What all its principals come to, where its rows are of some of them."""
    reported: Reported | None = None
