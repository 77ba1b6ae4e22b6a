"""Who may ask a running gate, and where."""

from pydantic import Field, SecretStr

from distillgate.settings import Settings


class AdminSettings(Settings):
    """The operator's pages, of a sidecar or a mounted gate. Without a key there are none."""

    key: SecretStr | None = None
    """The bearer key of the pages, best as `${DISTILLGATE_ADMIN_KEY}`; null answers nothing."""
    path: str = Field(default="/distillgate", pattern=r"^(/[A-Za-z0-9._~-]+)+$")
    """The path they are under. It is taken from the upstream, so choose one it does not use."""
    open_metrics: bool = False
    """Answer `metrics` without the key, for a Prometheus that has none."""
    pardon_days: float = Field(default=30.0, gt=0)
    """How long a pardon lasts where the request does not say."""
