"""One port for several processes: the kernel deals new connections out evenly (Linux).

Each worker listens at a socket of its own (`SO_REUSEPORT`) and not all at one that they inherit:
from one, whoever is awake takes all that is there. Measured with two workers, 256 connections that
came at once were dealt 137 to 119, and from one socket 248 to 8; what is kept alive stays so.
"""

import errno
import os
import socket
import ssl
import sys
from pathlib import Path

from distillgate.errors import ConfigError
from distillgate.proxy.settings import ProxySettings, socket_path
from distillgate.text import nearest

_LONGEST_SOCKET_PATH = 107
"""Bytes, as Linux has it; elsewhere it is a little less."""


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
        raise ConfigError(_refused(host, port, error)) from None


def probe(settings: ProxySettings) -> None:
    """Raise `ConfigError` where the address cannot be had, before anything slow is loaded."""
    if settings.port and socket_path(settings.host) is None:
        available(settings.host, settings.port)


def available(host: str, port: int) -> None:
    """Raise `ConfigError` where an address cannot be listened at."""
    try:
        with _bound(host, port) as found:
            found.listen()
    except OSError as error:
        raise ConfigError(_refused(host, port, error)) from None


def _refused(host: str, port: int, error: OSError) -> str:
    """Return in words why an address cannot be had, and what to do."""
    what = f"{host}:{port}: "
    if error.errno == errno.EADDRINUSE:
        return (
            f"{what}the port is in use: end what listens there (`ss -ltnp 'sport = :{port}'` "
            "names it), or take another with --port or `proxy.port`"
        )
    if error.errno == errno.EACCES:
        return f"{what}ports below 1024 need a right to them: take another with --port"
    return f"{what}cannot listen there: {error.strerror or error}"


def verify(settings: ProxySettings) -> None:
    """Raise `ConfigError` for files and sockets that could not be listened with on this machine."""
    path = socket_path(settings.host)
    if path is not None and not os.access(Path(path).parent, os.W_OK):
        raise ConfigError(f"proxy.host: {Path(path).parent} is no folder that can be written to")
    if path is not None and len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        raise ConfigError(f"proxy.host: a socket's path has at most {_LONGEST_SOCKET_PATH} bytes")
    if path is None:
        try:
            _bound(settings.host, 0).close()
        except OSError as error:
            near = nearest(settings.host, ("localhost", "127.0.0.1", "::1"))
            text = f"{settings.host} is no address of this machine: {error.strerror}{near}"
            raise ConfigError(f"proxy.host: {text}") from None
    if settings.certificate is not None:
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(settings.certificate, settings.certificate_key)
        except OSError as error:  # ssl.SSLError is one
            reason = error.strerror or error
            raise ConfigError(f"proxy.certificate: {settings.certificate}: {reason}") from None


def share(host: str, port: int) -> socket.socket:
    """Return a socket of one's own at a port that was reserved. Raises `OSError`."""
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
