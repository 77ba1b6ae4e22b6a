"""Which templates the same hands send beside a group's own."""

from collections import Counter
from itertools import islice

from distillgate.campaign.group import Group
from distillgate.campaign.table import GroupTable

_SAMPLED = 64
"""Principals of a group that are asked where else they were seen."""
_ALIKE = 0.7
"""Share of their principals that two groups have in common when the same hands feed both."""


def overlap(group: Group, table: GroupTable) -> list[Group]:
    """Return the other templates that about the same principals send."""
    if not group.kind.textual:
        return []
    principals = list(islice(group.rows, _SAMPLED))
    met = Counter(
        key
        for principal in principals
        for key in table.principals.groups(principal)
        if key != group.key
    )
    return [
        sibling
        for sibling in table.known(met)
        if met[sibling.key] >= _ALIKE * len(principals)
        and sibling.kind.textual
        and len(sibling.rows) <= len(group.rows) / _ALIKE
    ]
