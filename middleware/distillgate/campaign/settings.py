"""How accounts that act together are found: what an operator may turn, and what was measured."""

from typing import ClassVar

from pydantic import PositiveInt

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
    max_groups: PositiveInt = 20_000
    """Groups watched; beyond it the least linked of the longest quiet goes."""
    max_members: PositiveInt = 400_000
    """Rows of sketches in all (432 bytes each)."""
    quiet_days: ClassVar[float] = 45.0
    """A group without traffic for this long is forgotten."""
    templates: ClassVar[TemplateSettings] = TemplateSettings()
    """How shared text is found."""
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
