"""The version of this program, as it was installed."""

from importlib import metadata


def _version() -> str:
    try:
        return metadata.version("distillgate")
    except metadata.PackageNotFoundError:
        return "unknown (not installed, run from source)"


VERSION = _version()
