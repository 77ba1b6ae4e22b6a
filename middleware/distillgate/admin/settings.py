"""Who may ask a running gate, and where."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from distillgate.admin.roles import MAX_NAME, Role
from distillgate.asgi.address import Networks
from distillgate.settings import Settings


def _is_name(value: str) -> str:
    if not 0 < len(value) <= MAX_NAME or not value.isprintable() or value != value.strip():
        raise ValueError(f"a name has 1 to {MAX_NAME} printable characters, and no space around")
    return value


Name = Annotated[str, AfterValidator(_is_name)]


class PersonSettings(Settings):
    """One person who may ask."""

    role: Role
    """What they may: `viewer`, `analyst`, `lead`, `operator`, `auditor`, `metrics` or `gateway` (a
    program's), or `administrator`."""
    key: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")
    """The hash of their own key, as `distillgate key` prints it; null where only a proxy vouches
    for them."""


class VouchingSettings(Settings):
    """A proxy that signs people in, by OpenID Connect or otherwise, and says who they are."""

    trusted: Networks = ()
    """Networks (CIDR) of such proxies, `unix` for a Unix socket; none by default. Nobody else's
    header is believed."""
    header: str = "x-forwarded-user"
    """The header in which it names one of `admin.people`. It must drop what clients send of it."""


class AdminSettings(Settings):
    """The operator's pages, of a sidecar or a mounted gate. Without a key there are none."""

    key: SecretStr | None = None
    """The bearer key that may do everything, best as `${DISTILLGATE_ADMIN_KEY}`; null answers
    nothing."""
    people: dict[Name, PersonSettings] = {}
    """Who else may ask, by name: each with a role and a key of their own."""
    proxy: VouchingSettings = VouchingSettings()
    """A proxy that signs people in."""
    networks: Networks = ()
    """Networks (CIDR) that the pages answer at all; to everybody else they are not there. Empty: to
    everybody who has a key."""
    listen: str | None = Field(default=None, pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\[\]:\s]+):\d{1,5}$")
    """An address of their own for a sidecar's pages, such as `127.0.0.1:9090`: the clients' port
    then answers none of them, and this one nothing else. Null: they are at the clients' port."""
    path: str = Field(default="/distillgate", pattern=r"^(/[A-Za-z0-9._~-]+)+$")
    """The path they are under. It is taken from the upstream, so choose one it does not use."""
    open_metrics: bool = False
    """Answer `metrics` without the key, for a Prometheus that has none."""
    pardon_days: float = Field(default=30.0, gt=0)
    """How long a pardon lasts where the request does not say."""

    @property
    def address(self) -> tuple[str, int] | None:
        """The host and the port of `listen`."""
        if self.listen is None:
            return None
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)
