"""Where Envoy is answered, if it is."""

from pydantic import Field

from distillgate.settings import Settings


class EnvoySettings(Settings):
    """The external processor that Envoy asks (`ext_proc`). Needs `admin.key`."""

    listen: str | None = Field(
        default=None, pattern=r"^(unix:/.+|\[[0-9a-fA-F:.]+\]:\d{1,5}|[^\[\]:\s/]+:\d{1,5})$"
    )
    """The address that answers, such as `127.0.0.1:9191`, or `unix:/run/distillgate/envoy.sock`;
    null answers nothing. Envoy shows the key of a person with the role `gateway`."""
