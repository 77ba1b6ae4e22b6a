"""What belongs to a group whose principals' draws are one hand's, and who else may be in it."""

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.core import centre
from distillgate.campaign.evidence import Core
from distillgate.campaign.exchangeability import Spread
from distillgate.campaign.group import Group
from distillgate.campaign.keyed import Convicted
from distillgate.campaign.sketch_table import SketchTable

PURE = 0.9
"""Share of a group's texts from which it is of one piece..."""
_UNKNOWN = 0.5
"""...where of theirs that drew too little to be compared so much may be a hand's: a campaign's
prompt may be a popular tool's, whose users mostly ask once or twice. By texts, not by heads: some
accounts that ask once are no price for an operator."""


def is_mixed(
    group: Group,
    judged: Convicted,
    rows: NDArray[np.intp],
    of_each: float,
    members: SketchTable,
) -> bool:
    """Return whether strangers may be among those that share a key.

    `rows` are those of all their texts with it. One `of_each` of them was judged. What others told
    of is nobody else's until those who drew enough show it, nor is it chance that accounts meet.
    """
    if judged.said.lowered or not group.kind.textual:
        return judged.said.share < PURE
    if group.peopled:
        return True
    known = of_each * float(members.texts[group.rows_of(judged.known, members)].sum())
    drew = min(1.0, known / max(1.0, float(members.texts[rows].sum())))
    return judged.said.share * drew + _UNKNOWN * (1.0 - drew) < PURE


def drawn_core(
    group: Group,
    judged: Convicted | None,
    members: SketchTable,
    blocks: tuple[Spread, Spread],
) -> Core | None:
    """Return where all lies that one hand's principals drew; None of those that share no text,
    whose draws are all that is known of them.

    As many may have drawn the like by themselves: what they share is no part of that.
    """
    if judged is None or not judged.said.sure or not group.kind.textual:
        return None
    held = judged.rows[members.texts[judged.rows] > 0]  # some may have been given up meanwhile
    return centre(members.table(held), 0.5, blocks) if len(held) else None
