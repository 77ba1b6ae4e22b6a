"""One sidecar process, alone or as one of several workers."""

import contextlib
import logging
import os
import sys
from pathlib import Path

from distillgate.cli.allocator import map_large
from distillgate.cli.collector import few_collections, freeze
from distillgate.config.schema import Config
from distillgate.gate import Gate
from distillgate.proxy.listen import share
from distillgate.proxy.relay import Relay
from distillgate.proxy.serve import serve
from distillgate.proxy.supervisor import METRICS, Place
from distillgate.telemetry import Telemetry


def run_sidecar(
    config: Config, path: Path | None, place: Place | None = None, latest: Config | None = None
) -> None:
    """Serve until told to end. Raises `ConfigError` for a configuration that cannot be used.

    `path` is the file to reload, `latest` what was reloaded before this worker was started again.
    """
    quiet_others()
    map_large()
    telemetry = Telemetry(config.telemetry)
    if place is not None:
        labels, counted = {"worker": place.number}, place.folder / METRICS
        telemetry = Telemetry(config.telemetry, labels=labels, shared=counted)
    key = config.admin.key
    admin_key = None if key is None else key.get_secret_value()
    relay = Relay(config.proxy, telemetry, admin_key=admin_key)
    gate = Gate(relay, config, watch=path, telemetry=telemetry, place=place)
    sidecar = gate.sidecar()
    if gate.parts is not None:
        relay.context = gate.parts.context
    if gate.parts is not None and latest is not None:
        gate.parts.configure(latest.model_copy(update={"record": config.record}))

    def tell(host: str, port: int) -> None:
        freeze()  # the vocabulary and all code are loaded by now
        if place is None:
            announce(config, host, port)
        else:
            with contextlib.suppress(OSError):  # nobody is left to hear it
                os.write(place.ready, b"1")
            os.close(place.ready)

    sockets = None if place is None else [share(config.proxy.host, config.proxy.port)]
    with few_collections():
        serve(
            sidecar,
            config.proxy,
            observer=telemetry,
            on_reload=gate.reload,
            on_listen=tell,
            sockets=sockets,
            beside=config.admin.address,
        )


def quiet_others() -> None:
    """Send what libraries log to standard error: ours goes where `telemetry.log` says.

    Standard output stays empty.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)


def announce(config: Config, host: str, port: int) -> None:
    """Print the gate's address if standard error is a terminal."""
    if sys.stderr.isatty():
        scheme = "http" if config.proxy.certificate is None else "https"
        own = host if host.startswith("unix:") else f"{scheme}://{host}:{port}"
        where = f"{own} -> {config.proxy.upstream}"
        print(f"distillgate: {where}, {config.mode} mode", file=sys.stderr)  # noqa: T201
