"""Which pieces of a turn are its template's: what is left of it is compared."""

from collections.abc import Sequence

from distillgate.campaign.group import Group
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import TemplateIndex


def skeleton(
    turn: Sequence[int],
    template: Group | None,
    system: Group | None,
    index: TemplateIndex,
    table: GroupTable,
) -> set[int]:
    """Give a turn's fixed part: the segments of its template, and of others as common.

    A turn's template that only few of the system prompt's units send is an item that was dealt
    twice, not a template: it stays in the varying part.
    """
    if template is None or (system is not None and len(template.rows) < len(system.rows) / 5):
        return set()
    enough, sent = len(template.rows) / 2, table.known(index.hits(turn))
    return index.of(turn, {group.key for group in sent if len(group.rows) >= enough})
