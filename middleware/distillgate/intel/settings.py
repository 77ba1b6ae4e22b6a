"""With whom one shares what is known of campaigns."""

from pydantic import Field

from distillgate.settings import Settings


class IntelligenceSettings(Settings):
    """With whom one shares what is known of campaigns (docs/intelligence.md)."""

    community: str | None = Field(default=None, min_length=1)
    """The file of the community's keys, as `distillgate intel key create` writes it; null looks for
    nothing that others told of."""
    trust: list[str] = []
    """Senders whose reports count, by the names they give themselves; without one none does."""
    sender: str = Field(default="distillgate", min_length=1, max_length=200)
    """The name under which one tells others."""
