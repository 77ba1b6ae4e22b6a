"""The drill's command is run as every other command is."""

from tests.cli.conftest import run

__all__ = ["run"]
