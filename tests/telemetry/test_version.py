"""The version is the installed package's."""

from importlib import metadata

from distillgate.telemetry.version import VERSION


def test_the_version_is_the_packages() -> None:
    assert metadata.version("distillgate") == VERSION
