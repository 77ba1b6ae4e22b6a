"""How accounts that act together are found: what an operator may turn, and what was measured."""

from typing import ClassVar

from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.links import LinkSettings
from distillgate.campaign.memory import MemorySettings
from distillgate.campaign.template import TemplateSettings
from distillgate.settings import Settings


class CampaignSettings(Settings):
    """How accounts that act together are found."""

    memory: MemorySettings = MemorySettings()
    """How groups that were restricted are remembered."""
    min_units: ClassVar[int] = 4
    """Principals that must share a key before it is watched as a group."""
    accounts_a_group: ClassVar[int] = 10
    """Of so many accounts in memory one group is watched; beyond that the least linked of the
    longest quiet goes."""
    rows_an_account: ClassVar[int] = 2
    """Rows of sketches for each account in memory (432 bytes each): in a group, and in the pool."""
    quiet_days: ClassVar[float] = 45.0
    """A group without traffic for this long is forgotten."""
    templates: ClassVar[TemplateSettings] = TemplateSettings()
    """How shared text is found."""
    templates_an_account: ClassVar[int] = 16
    """Templates remembered for each account in memory, where there is room for few accounts."""
    links: ClassVar[LinkSettings] = LinkSettings()
    """Links only a gateway can see."""
    examine: ClassVar[ExamineSettings] = ExamineSettings()
    """How groups are examined: measured on public text."""
    distinctive: ClassVar[int] = 5
    """Segments from which a template is hardly sent by chance; one stock phrase is not enough."""
    candidates: ClassVar[int] = 1 << 18
    """Places for keys that fewer principals share (16 bytes each; a power of two)."""
    sample: ClassVar[int] = 192
    """Varying texts sampled a group, to count distinct ones and repeats (relative error 0.07)."""

    def templates_of(self, accounts: int) -> TemplateSettings:
        """Return how shared text of so many accounts is found."""
        most = min(self.templates.max_templates, accounts * self.templates_an_account)
        return self.templates.model_copy(update={"max_templates": most})
