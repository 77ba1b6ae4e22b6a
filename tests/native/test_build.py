"""The compiled passes build without a warning; without a compiler an installation ends well."""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "middleware" / "distillgate" / "native").glob("*.c"))
COMPILER = shutil.which("cc")
HEADERS = Path(sysconfig.get_paths()["include"])

compiled = pytest.mark.skipif(
    COMPILER is None or not (HEADERS / "Python.h").exists(), reason="no C compiler, or no Python.h"
)


@compiled
def test_the_passes_build_without_a_warning(tmp_path: Path) -> None:
    strict = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-ffp-contract=off"]
    for source in SOURCES:
        built = tmp_path / f"{source.stem}.o"
        command = [str(COMPILER), *strict, f"-I{HEADERS}", "-c", str(source), "-o", str(built)]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(importlib.util.find_spec("setuptools") is None, reason="setuptools is not here")
@pytest.mark.parametrize("compiler", ["false", pytest.param("cc", marks=compiled)])
def test_a_build_ends_well_with_and_without_a_compiler(compiler: str, tmp_path: Path) -> None:
    command = [sys.executable, "setup.py", "-q", "build_ext"]
    done = subprocess.run(
        [*command, "--build-lib", str(tmp_path / "lib"), "--build-temp", str(tmp_path / "temp")],
        cwd=ROOT,
        env=os.environ | {"CC": compiler},
        capture_output=True,
        check=False,
        text=True,
    )

    built = list((tmp_path / "lib").rglob("_passes*"))
    assert (done.returncode, len(built)) == (0, compiler == "cc"), done.stderr


def test_an_extension_of_other_sources_is_left_out() -> None:
    program = (
        "import sys, types\n"
        "name = 'distillgate.native._passes'\n"
        "sys.modules[name] = types.ModuleType(name)  # as one of before: it lacks what came since\n"
        "from distillgate.native import passes\n"
        "from distillgate.campaign.sketch_row import add_text, mix_text\n"
        "print(passes is None and add_text is mix_text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={name: value for name, value in os.environ.items() if name != "DISTILLGATE_NATIVE"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.strip() == "True"
