"""What tests of the operator's pages share: who may come in, without a gate behind."""

from __future__ import annotations

from typing import Any

from distillgate.admin.access import Access
from distillgate.admin.settings import AdminSettings
from distillgate.asgi.address import AddressSettings
from distillgate.governance.governance import Governance, GovernanceSettings
from distillgate.telemetry import Telemetry
from distillgate.telemetry.log import LogSettings
from distillgate.telemetry.telemetry import TelemetrySettings


def access(**settings: Any) -> Access:
    """Return who may come in, by settings of `admin`."""
    telemetry = Telemetry(TelemetrySettings(log=LogSettings(level="off")))
    governance = Governance(
        GovernanceSettings(), telemetry, clock=lambda: 0.0, spawn=lambda _: False
    )
    return Access(AdminSettings.model_validate(settings), AddressSettings(), governance)
