"""The package's public names: all there, sorted, and cheap until they are used."""

import subprocess
import sys

import pytest

import distillgate


def test_every_public_name_is_importable_and_every_importable_name_is_public() -> None:
    for name in distillgate.__all__:
        assert getattr(distillgate, name).__name__ == name
    assert distillgate.__all__ == sorted(distillgate.__all__)
    assert set(distillgate.__all__) == set(distillgate._HOMES)
    assert set(distillgate.__all__) <= set(dir(distillgate))


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Gates'"):
        _ = distillgate.Gates


def test_importing_the_package_loads_nothing_else() -> None:
    code = (
        "import sys, distillgate; print([m for m in sys.modules if m.startswith('distillgate.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout.strip() == "[]"
