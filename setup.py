"""The compiled passes; whatever else is to be said of the package stands in `pyproject.toml`.

`optional`: where they cannot be built, they are left out, and distillgate does the same in Python.
"""

import sys
import sysconfig

from setuptools import Extension, setup

NATIVE = "middleware/distillgate/native"
PARTS = ("describe", "draw", "lexicon", "module", "rows", "segments", "tables", "weigh")
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
UNIX = sys.platform != "win32"

passes = Extension(
    "distillgate.native._passes",
    sources=[f"{NATIVE}/{name}.c" for name in PARTS],
    depends=[f"{NATIVE}/passes.h", f"{NATIVE}/xxhash.h"],
    # A product and a sum are rounded one after the other, as in Python, on every processor.
    extra_compile_args=["-std=c11", "-ffp-contract=off", "-fvisibility=hidden"] if UNIX else [],
    libraries=["m"] if UNIX else [],
    py_limited_api=not FREE_THREADED,
    optional=True,
)

setup(
    ext_modules=[passes],
    options={} if FREE_THREADED else {"bdist_wheel": {"py_limited_api": "cp311"}},
)
