"""How accounts that act together are found, as settings."""

from pydantic import PositiveInt

from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.links import LinkSettings
from distillgate.campaign.memory import MemorySettings
from distillgate.campaign.template import TemplateSettings
from distillgate.settings import Places, Settings


class CampaignSettings(Settings):
    """How accounts that act together are found."""

    templates: TemplateSettings = TemplateSettings()
    """How shared text is found."""
    links: LinkSettings = LinkSettings()
    """Links only a gateway can see."""
    examine: ExamineSettings = ExamineSettings()
    """How groups are examined."""
    memory: MemorySettings = MemorySettings()
    """How groups that were restricted are remembered."""
    min_units: int = 4
    """Units that must share a key before it is watched as a group."""
    distinctive: int = 5
    """Segments from which a template is hardly sent by chance; one stock phrase is not enough."""
    candidates: Places = 1 << 18
    """Places for keys that fewer units share (16 bytes each; a power of two)."""
    max_groups: PositiveInt = 20_000
    """Groups watched; beyond it the least linked of the longest quiet goes."""
    max_members: PositiveInt = 400_000
    """Rows of sketches in all (216 bytes each)."""
    sample: PositiveInt = 192
    """Varying texts sampled a group, to count distinct ones and repeats (relative error 0.07)."""
    quiet_days: float = 45.0
    """A group without traffic for this long is forgotten."""
