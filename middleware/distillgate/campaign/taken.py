"""What the hands behind a group sent and took in all, beyond what came with the group's key."""

from collections.abc import Collection, Sequence

import numpy as np

from distillgate.campaign.evidence import Core, Taken, log_odds
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Kind
from distillgate.campaign.sketch_table import SketchTable

_ENOUGH = 12
"""Accounts of a sample that must belong to a core to tell how openly it works: of fewer, each is
too much of it."""


def distinct_texts(
    group: Group, seen: float, texts: float, overlap: Sequence[Group], core: Core | None
) -> float:
    """Return the different texts that the hands behind a group sent.

    Principals that meet join one after another; what each sent before is as different as what the
    group saw since. A group that comes after one that is remembered goes on with its count.
    """
    if group.kind is Kind.LINKS:
        sent = max(seen, texts * min(1.0, seen / max(1, group.exchanges)))
    else:
        sent = seen + sum(sibling.repeats.distinct() for sibling in overlap)
    before = group.remembered.distinct if group.remembered is not None else 0.0
    return before + sent * (core.share if core is not None else 1.0)


def taken_by(
    group: Group,
    texts: float,
    overlap: Sequence[Group],
    core: Core | None,
    answered: float | None,
    among: Collection[int] | None = None,
) -> Taken:
    """Return what the hands behind a group took, counted as their texts are (`distinct_texts`).

    Of a mixed group only those act that are `among` its core: how openly the others work, and what
    they took, is theirs. Where all that its principals drew is one hand's, so is all that was
    answered to them (`answered`), with the key or without; as much of it is value as of what came
    with the key.
    """
    value = group.value
    if group.kind is Kind.LINKS:
        tokens = value.taken * max(1.0, texts / max(1, group.exchanges))
    else:
        tokens = value.taken + sum(sibling.value.taken for sibling in overlap)
    if answered is not None:
        worth = min(1.0, value.taken / max(1.0, group.output_tokens))
        tokens = max(tokens, worth * answered)
    before = group.remembered.taken if group.remembered is not None else 0.0
    if among is not None:
        share = group.shared.took(among)
    else:
        share = core.share if core is not None else 1.0
    return Taken(before + tokens * share, value.size, group.shared.read(among))


def of_core(group: Group, core: Core, members: SketchTable) -> frozenset[int] | None:
    """Return the accounts of a group's sample that belong to its core; None of too few."""
    held = ((who, group.row(who, members)) for who in group.shared.principals.values)
    rows = {who: row for who, row in held if row is not None and members.texts[row]}
    table = members.table(np.array([*rows.values()], np.intp))
    near = log_odds(core, table.texts, table.topic, table.style) > 0
    inside = frozenset(who for who, within in zip(rows, near, strict=True) if within)
    return inside if len(inside) >= _ENOUGH else None
