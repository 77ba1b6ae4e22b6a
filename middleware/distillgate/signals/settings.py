"""Every detector's settings, under the detector's name."""

from distillgate.settings import Settings
from distillgate.signals.detectors.breadth import BreadthSettings
from distillgate.signals.detectors.countermeasure_probing import CountermeasureProbingSettings
from distillgate.signals.detectors.elicitation import ElicitationSettings
from distillgate.signals.detectors.elicitation_search import ElicitationSearchSettings
from distillgate.signals.detectors.embeddings_harvest import EmbeddingsHarvestSettings
from distillgate.signals.detectors.even_loads import EvenLoadsSettings
from distillgate.signals.detectors.exchangeability import ExchangeabilitySettings
from distillgate.signals.detectors.expansion import ExpansionSettings
from distillgate.signals.detectors.failover import FailoverSettings
from distillgate.signals.detectors.grading import GradingSettings
from distillgate.signals.detectors.instruction_generation import InstructionGenerationSettings
from distillgate.signals.detectors.known_template import KnownTemplateSettings
from distillgate.signals.detectors.life_cycle import LifeCycleSettings
from distillgate.signals.detectors.links import LinksSettings
from distillgate.signals.detectors.logprob_sweep import LogprobSweepSettings
from distillgate.signals.detectors.many_clients import ManyClientsSettings
from distillgate.signals.detectors.no_ramp import NoRampSettings
from distillgate.signals.detectors.novelty import NoveltySettings
from distillgate.signals.detectors.parameter_extraction import ParameterExtractionSettings
from distillgate.signals.detectors.pivot import PivotSettings
from distillgate.signals.detectors.reasoning import ReasoningSettings
from distillgate.signals.detectors.relay import RelaySettings
from distillgate.signals.detectors.repeats import RepeatsSettings
from distillgate.signals.detectors.replayed_history import ReplayedHistorySettings
from distillgate.signals.detectors.returned import ReturnedSettings
from distillgate.signals.detectors.round_the_clock import RoundTheClockSettings
from distillgate.signals.detectors.scrubbed_metadata import ScrubbedMetadataSettings
from distillgate.signals.detectors.shared_key import SharedKeySettings
from distillgate.signals.detectors.throughput import ThroughputSettings
from distillgate.signals.detectors.tool_trajectories import ToolTrajectoriesSettings
from distillgate.signals.detectors.trace_cleaning import TraceCleaningSettings
from distillgate.signals.detectors.variants import VariantsSettings
from distillgate.signals.detectors.work_list import WorkListSettings


class SignalsSettings(Settings):
    """The detectors."""

    shared_key: SharedKeySettings = SharedKeySettings()
    """What sharing something says before looking closer."""
    exchangeability: ExchangeabilitySettings = ExchangeabilitySettings()
    """Accounts that one load balancer could feed."""
    even_loads: EvenLoadsSettings = EvenLoadsSettings()
    """Work that lies evenly over accounts that no key ties."""
    links: LinksSettings = LinksSettings()
    """Accounts that go on with what others started."""
    life_cycle: LifeCycleSettings = LifeCycleSettings()
    """What linked accounts did together."""
    repeats: RepeatsSettings = RepeatsSettings()
    """Items that come back over accounts."""
    returned: ReturnedSettings = ReturnedSettings()
    """Accounts that come after a restricted group with the same."""
    work_list: WorkListSettings = WorkListSettings()
    """What one actor took."""
    elicitation: ElicitationSettings = ElicitationSettings()
    """Requests for the reasoning."""
    parameter_extraction: ParameterExtractionSettings = ParameterExtractionSettings()
    """Walks over the vocabulary."""
    reasoning: ReasoningSettings = ReasoningSettings()
    """An account's own requests for the reasoning."""
    grading: GradingSettings = GradingSettings()
    """Answers graded."""
    trace_cleaning: TraceCleaningSettings = TraceCleaningSettings()
    """Captured reasoning cleaned."""
    instruction_generation: InstructionGenerationSettings = InstructionGenerationSettings()
    """Tasks made up."""
    expansion: ExpansionSettings = ExpansionSettings()
    """Short tasks, long answers."""
    novelty: NoveltySettings = NoveltySettings()
    """What never comes back."""
    breadth: BreadthSettings = BreadthSettings()
    """Many subjects."""
    variants: VariantsSettings = VariantsSettings()
    """One seed, many variants."""
    known_template: KnownTemplateSettings = KnownTemplateSettings()
    """Published harvesting templates."""
    elicitation_search: ElicitationSearchSettings = ElicitationSearchSettings()
    """Searches for what is hidden."""
    round_the_clock: RoundTheClockSettings = RoundTheClockSettings()
    """Days without a rest."""
    no_ramp: NoRampSettings = NoRampSettings()
    """New accounts at full rate."""
    many_clients: ManyClientsSettings = ManyClientsSettings()
    """One credential from many networks and clients."""
    throughput: ThroughputSettings = ThroughputSettings()
    """More than a plan is for."""
    relay: RelaySettings = RelaySettings()
    """Unrelated traffic on one key."""
    scrubbed_metadata: ScrubbedMetadataSettings = ScrubbedMetadataSettings()
    """Clients that do not tell themselves."""
    failover: FailoverSettings = FailoverSettings()
    """Comebacks by another way."""
    pivot: PivotSettings = PivotSettings()
    """Moves to a model on its first day."""
    countermeasure_probing: CountermeasureProbingSettings = CountermeasureProbingSettings()
    """Requests that come again and again."""
    tool_trajectories: ToolTrajectoriesSettings = ToolTrajectoriesSettings()
    """A new set of tools with every request."""
    replayed_history: ReplayedHistorySettings = ReplayedHistorySettings()
    """Conversations that began elsewhere."""
    logprob_sweep: LogprobSweepSettings = LogprobSweepSettings()
    """Probabilities after single words."""
    embeddings_harvest: EmbeddingsHarvestSettings = EmbeddingsHarvestSettings()
    """Embeddings of single words."""
