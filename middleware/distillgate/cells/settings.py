"""Where cells tell each other what they know of groups."""

from pydantic import Field, SecretStr, field_validator, model_validator

from distillgate.log.settings import readable
from distillgate.settings import SecretUrl, Settings


class CellSettings(Settings):
    """Evidence between cells: gates with logs of their own that see some accounts each. Off unless
    a server is named; it needs `key`, the same in every cell.
    """

    url: SecretUrl | None = None
    """A Redis (7 or later) or Valkey server that all cells reach, best as `${CELLS_URL}`; not the
    server of any one cell's log, or others depend on that."""
    name: str = Field(default="", max_length=64, pattern=r"^[\w.-]*$")
    """This cell's name: the same in all its gates, and no other cell's."""

    @field_validator("url")
    @classmethod
    def _readable(cls, url: SecretStr | None) -> SecretStr | None:
        return readable(url)

    @model_validator(mode="after")
    def _named(self) -> "CellSettings":
        if self.url is not None and not self.name:
            raise ValueError("`name` this cell: by it the others tell what is new of it")
        return self
