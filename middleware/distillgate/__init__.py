"""distillgate: sees model-distillation campaigns, leaves honest customers alone.

The public door. Names are imported when they are first used, so that `import distillgate` costs
nothing in a process that only wants an error class.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distillgate.config.schema import Config as Config
    from distillgate.dialects.registry import match as match
    from distillgate.engine.engine import Engine as Engine
    from distillgate.errors import ConfigError as ConfigError
    from distillgate.errors import DistillgateError as DistillgateError
    from distillgate.errors import StoreError as StoreError
    from distillgate.errors import UpstreamError as UpstreamError
    from distillgate.errors import WireError as WireError
    from distillgate.gate import Gate as Gate
    from distillgate.policy.decision import Action as Action
    from distillgate.policy.decision import Decision as Decision
    from distillgate.signals.signal import Signal as Signal
    from distillgate.tokenizer.count import Tokenizer as Tokenizer
    from distillgate.wire.exchange import Exchange as Exchange
    from distillgate.wire.exchange import Outcome as Outcome
    from distillgate.wire.operation import Operation as Operation
    from distillgate.wire.request import parse as parse

_HOMES = {
    "Action": "distillgate.policy.decision",
    "Config": "distillgate.config.schema",
    "ConfigError": "distillgate.errors",
    "Decision": "distillgate.policy.decision",
    "DistillgateError": "distillgate.errors",
    "Engine": "distillgate.engine.engine",
    "Exchange": "distillgate.wire.exchange",
    "Gate": "distillgate.gate",
    "Operation": "distillgate.wire.operation",
    "Outcome": "distillgate.wire.exchange",
    "Signal": "distillgate.signals.signal",
    "StoreError": "distillgate.errors",
    "Tokenizer": "distillgate.tokenizer.count",
    "UpstreamError": "distillgate.errors",
    "WireError": "distillgate.errors",
    "match": "distillgate.dialects.registry",
    "parse": "distillgate.wire.request",
}

__all__ = [
    "Action",
    "Config",
    "ConfigError",
    "Decision",
    "DistillgateError",
    "Engine",
    "Exchange",
    "Gate",
    "Operation",
    "Outcome",
    "Signal",
    "StoreError",
    "Tokenizer",
    "UpstreamError",
    "WireError",
    "match",
    "parse",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its home (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    """List the public names beside what is loaded."""
    return sorted({*globals(), *__all__})
