"""Every detector's settings, under the detector's name."""

from distillgate.settings import Settings
from distillgate.signals.detectors.elicitation import ElicitationSettings
from distillgate.signals.detectors.exchangeability import ExchangeabilitySettings
from distillgate.signals.detectors.links import LinksSettings
from distillgate.signals.detectors.parameter_extraction import ParameterExtractionSettings
from distillgate.signals.detectors.repeats import RepeatsSettings
from distillgate.signals.detectors.shared_key import SharedKeySettings
from distillgate.signals.detectors.work_list import WorkListSettings


class SignalsSettings(Settings):
    """The detectors."""

    shared_key: SharedKeySettings = SharedKeySettings()
    """What sharing something says before looking closer."""
    exchangeability: ExchangeabilitySettings = ExchangeabilitySettings()
    """Accounts that one load balancer could feed."""
    links: LinksSettings = LinksSettings()
    """Accounts that go on with what others started."""
    repeats: RepeatsSettings = RepeatsSettings()
    """Items that come back over accounts."""
    work_list: WorkListSettings = WorkListSettings()
    """What one actor took."""
    elicitation: ElicitationSettings = ElicitationSettings()
    """Requests for the reasoning."""
    parameter_extraction: ParameterExtractionSettings = ParameterExtractionSettings()
    """Walks over the vocabulary."""
