"""Every setting of the core, by stage."""

from distillgate.account.account import AccountSettings
from distillgate.actions.plan import ActionsSettings
from distillgate.campaign.settings import CampaignSettings
from distillgate.policy.policy import PolicySettings
from distillgate.risk.fuse import RiskSettings
from distillgate.settings import Settings
from distillgate.signals.settings import SignalsSettings


class EngineSettings(Settings):
    """Every setting of the core, by stage."""

    account: AccountSettings = AccountSettings()
    """What is remembered of one account."""
    campaign: CampaignSettings = CampaignSettings()
    """Accounts that act together."""
    signals: SignalsSettings = SignalsSettings()
    """The detectors."""
    risk: RiskSettings = RiskSettings()
    """How signals become risk."""
    policy: PolicySettings = PolicySettings()
    """What may be done, to whom."""
    actions: ActionsSettings = ActionsSettings()
    """How actions look from outside."""
