"""How the sidecar listens, and how it reaches the service behind it."""

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from distillgate.proxy.clients import ClientSettings
from distillgate.settings import Settings
from distillgate.text import nearest


class ProxySettings(Settings):
    """The sidecar. Times are in seconds."""

    upstream: str = "http://127.0.0.1:8000"
    """The service behind the gate: scheme, host, perhaps port, and a path put before every path; or
    `unix:/PATH`, a Unix socket."""
    host: str = "127.0.0.1"
    """The address to listen on; the loopback unless you mean to be reached from elsewhere.
    `unix:/PATH` listens on a Unix socket instead."""
    port: int = Field(default=8080, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""
    certificate: str | None = None
    """A file with the certificate chain (PEM) to speak https with; null speaks http."""
    certificate_key: str | None = None
    """A file with the certificate's private key, where it is not in the same one."""
    workers: int = Field(default=1, ge=1, le=256)
    """Processes that serve, for more than one core; needs Linux. Each keeps all that is remembered
    and opens connections of its own."""
    connect_seconds: float = Field(default=10.0, gt=0)
    """How long a connection to the upstream may take, waiting for a free one included."""
    first_byte_seconds: float = Field(default=600.0, gt=0)
    """How long the upstream may think before its answer begins; the SDKs themselves wait 600."""
    idle_seconds: float = Field(default=600.0, gt=0)
    """How long an answer may pause once it has begun, from its last byte; the SDKs themselves wait
    600. Its whole length has no limit."""
    max_connections: int = Field(default=1000, ge=1)
    """How many connections to the upstream at once; requests past it wait for a free one."""
    keepalive_seconds: float = Field(default=4.0, gt=0)
    """How long an idle upstream connection is kept. Below the upstream's own time (uvicorn's is 5),
    or a request may meet a connection that is just being closed."""
    client_keepalive_seconds: int = Field(default=75, ge=1)
    """How long an idle client connection is kept. Above that of a balancer in front (often 60)."""
    notice_seconds: float = Field(default=2.0, ge=0)
    """After SIGTERM, how long new requests are still taken while `/readyz` already says 503, for
    balancers to notice."""
    drain_seconds: float = Field(default=30.0, ge=0)
    """How long requests under way may go on after that, before they are cut."""
    forwarded: Literal["append", "replace", "off"] = "append"
    """X-Forwarded-For, -Proto and -Host: `append` adds to what came from `asgi.address.trusted` and
    replaces what came from others, `replace` says only what was seen here, `off` passes on what
    came."""
    via: bool = False
    """Name the sidecar in `Via` as RFC 9110 7.6.3 asks. Off, as some servers (nginx) stop
    compressing for requests that carry it."""
    verify_tls: bool = True
    """Check an https upstream's certificate."""
    ca_file: str | None = None
    """A file of certificate authorities to trust for the upstream instead of the system's."""

    clients: ClientSettings = ClientSettings()
    """What clients may send, and how long they may take."""

    @model_validator(mode="after")
    def _is_one_way_to_listen(self) -> Self:
        """Refuse what cannot be listened with."""
        if self.host.startswith("unix:"):
            if not self.host.startswith("unix:/"):
                raise ValueError("host: a Unix socket must look like unix:/PATH")
            if self.workers > 1:
                raise ValueError("workers: more than one cannot share a Unix socket")
        if self.certificate_key is not None and self.certificate is None:
            raise ValueError("certificate_key: needs a certificate")
        return self

    @field_validator("upstream")
    @classmethod
    def _is_a_base_url(cls, value: str) -> str:
        """Refuse what would only fail at the first request."""
        if value.startswith("unix:/") and len(value) > len("unix:/"):
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            hint = nearest(parts.scheme, ("http", "https", "unix")) if parts.hostname else ""
            if re.fullmatch(r"[\w.-]+:\d+(/[^@]*)?", value):
                hint = f"; did you mean `http://{value}`?"
            text = "must look like http://HOST:PORT, https://HOST/PATH or unix:/PATH"
            raise ValueError(text + hint)
        if parts.username or parts.query or parts.fragment:
            raise ValueError("must not carry credentials, a query or a fragment")
        if parts.port == 0:  # reading it raises ValueError for what is no port at all
            raise ValueError("must name a port between 1 and 65535")
        return value.rstrip("/")


def socket_path(host: str) -> str | None:
    """Return the path of a Unix socket that is named `unix:/PATH`; None for an address."""
    return host.removeprefix("unix:") if host.startswith("unix:/") else None
