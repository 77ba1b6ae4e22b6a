"""What a principal's texts are compared by, when it is asked whether it belongs to a group."""

from distillgate.campaign.evidence import Core, log_odds
from distillgate.campaign.group import Group
from distillgate.campaign.sketch_table import Brought, SketchTable
from distillgate.records import FrozenStruct


class Comparable(FrozenStruct, frozen=True):
    """A principal, and where its texts are."""

    principal: int
    members: SketchTable
    own: int | None = None
    """The row of all that it drew, whatever it shares; None where it has none."""
    brought: Brought | None = None
    """The texts that its request at hand packs, where it packs several."""

    def row(self, group: Group) -> int | None:
        """Return the row of its texts with what a group shares."""
        return group.row(self.principal, self.members)

    def texts(self, row: int | None) -> float:
        """Return how many texts a row holds."""
        return float(self.members.texts[row]) if row is not None else 0.0

    def log_odds(self, core: Core, row: int | None) -> float | None:
        """Return the log-odds that a row's texts are a core's; None where it holds none."""
        if row is None or not self.members.texts[row]:
            return None
        return float(log_odds(core, *self.members.one(row)[:3]))
