"""The sidecar as a process whose engine's view of each exchange is written down.

Run as `python -m tests.differential.sidecar UPSTREAM`. What the gate counts, and what it would
record, goes to standard output as lines of JSON, through the doors that are there for it: the
telemetry that a gate is given, and its traffic recorder.
"""

import sys
import threading
from typing import Any

from tests.differential.upstreams.app import echo, say

from distillgate.config.schema import Config
from distillgate.gate import Gate
from distillgate.policy.decision import Decision
from distillgate.proxy.relay import Relay
from distillgate.proxy.serve import serve
from distillgate.telemetry import Telemetry
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.operation import Operation


class Witness(Telemetry):
    """Says what was counted. `exchange` is before anything of it is relayed."""

    def exchange(self, operation: Operation, decision: Decision) -> None:
        say(event="judged")
        super().exchange(operation, decision)

    def unread(self, operation: Operation | None, reason: str, *, answered: str = "") -> None:
        say(event="unread", reason=reason)
        super().unread(operation, reason, answered=answered)

    def failed(self, where: str, error: BaseException) -> None:
        say(event="failed", where=f"{where}: {error!r}")
        super().failed(where, error)


class Record:
    """Says what the gate took an exchange for, once for each that was judged."""

    def write(self, exchange: Exchange, document: Any, outcome: Outcome, ts: float) -> None:
        request = exchange.request
        call = {
            "operation": request.operation.name,
            "key": exchange.account,
            "plan": exchange.plan,
            "model": request.model,
            "texts": [message.text for message in request.messages],
            "max_tokens": request.parameters.max_tokens,
            "stream": request.parameters.stream,
        }
        say(event="exchange", call=call)


def main(upstream: str) -> None:
    """Serve on a free port until told to end."""
    config = Config.model_validate(
        {
            "key": "differential",
            "proxy": {"upstream": upstream, "port": 0, "notice_seconds": 0, "drain_seconds": 1},
            "asgi": {"identity": {"attributes": {"plan": "x-plan"}}},
            "telemetry": {"log": {"level": "off"}},
            "reload_interval": 0,
        }
    )
    witness = Witness(config.telemetry)
    relay = Relay(config.proxy, witness)
    gate = Gate(relay, config, telemetry=witness)
    assert gate.parts is not None
    relay.context = gate.parts.context
    gate.parts.context.recorder = Record()
    threading.Thread(target=echo, daemon=True).start()
    serve(
        gate.sidecar(),
        config.proxy,
        observer=witness,
        on_listen=lambda _, port: say(event="listening", port=port),
    )


if __name__ == "__main__":
    main(sys.argv[1])
