"""What is left of a turn when its template is taken out: the part that is compared."""

from distillgate.account.account import Account
from distillgate.campaign.group import Group
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import TemplateIndex
from distillgate.fingerprint.segments import Cut


def varying(turn: Cut, fixed: set[int], account: Account) -> bytes:
    """Give the varying part of a turn, and learn what the account always sends."""
    account.skeleton = account.skeleton.learn(turn.hashes)
    return turn.without((fixed | account.skeleton.of(turn.hashes)).__contains__)


def skeleton(
    turn: Cut, template: Group | None, system: Group | None, index: TemplateIndex, table: GroupTable
) -> set[int]:
    """Give a turn's fixed part: the segments of its template, and of others as common.

    A turn's template that only few of the system prompt's units send is an item that was dealt
    twice, not a template: it stays in the varying part.
    """
    if template is None or (system is not None and len(template.rows) < len(system.rows) / 5):
        return set()
    enough, sent = len(template.rows) / 2, table.known(index.hits(turn))
    return index.of(turn, {group.key for group in sent if len(group.rows) >= enough})
