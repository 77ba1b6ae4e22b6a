"""The servers of a comparison: none at all, nginx, three of ours, and other gateways."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks import peers, servers

READ, UNREAD = "/v1/chat/completions", "/v1/other"
"""A path the gate judges, and one it only relays."""
SHADOW, ENFORCE, OFF = "distillgate, shadow", "distillgate, enforce", "distillgate, detectors off"


class Case(NamedTuple):
    """A server, the path it is asked for, and the upstream that some are told in every request."""

    name: str
    server: servers.Server
    path: str
    upstream: int


class Cases(NamedTuple):
    """What is compared, and what could not be had."""

    cases: list[Case]
    skipped: dict[str, str]


@contextlib.contextmanager
def started(
    upstream: servers.Server, core: int | None, state: Path, *, others: bool
) -> Iterator[Cases]:
    """Start every server before one upstream; ours with a loaded state. `others` are gateways."""
    port = upstream.port
    found = Cases([Case("direct", upstream, READ, port)], {})
    with contextlib.ExitStack() as stack:
        if servers.has_nginx():
            nginx = stack.enter_context(servers.nginx_proxy(port, core))
            found.cases.append(Case("nginx", nginx, READ, port))
        else:
            found.skipped["nginx"] = "not installed here (apt-get install nginx)"
        # Its own process: what the judged requests of another leave to learn and to write down
        # would be counted as the relay's (measured: 96 to 228 µs a request in place of 90).
        off = stack.enter_context(servers.sidecar(port, core, "shadow", state))
        shadow = stack.enter_context(servers.sidecar(port, core, "shadow", state))
        enforce = stack.enter_context(servers.sidecar(port, core, "enforce", state))
        found.cases.append(Case(OFF, off, UNREAD, port))
        found.cases.append(Case(SHADOW, shadow, READ, port))
        found.cases.append(Case(ENFORCE, enforce, READ, port))
        for name, serve in peers.PEERS.items() if others else ():
            try:
                server = stack.enter_context(serve(port, core))
            except (peers.Missing, RuntimeError) as error:
                found.skipped[name] = str(error).strip().rpartition("\n")[2]
            else:
                found.cases.append(Case(server.name, server, READ, port))
        yield found
