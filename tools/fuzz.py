"""Fuzz readers: `python -m tools.fuzz TARGET [OPTIONS OF LIBFUZZER]`.

Coverage leads the search (atheris). A target returns for whatever bytes there are, or raises the
one error that its readers are told of; anything else is a fault, and so is what takes 10 s or
2 GB. What was found is kept in `tests/tools/fuzzed`; `tests/tools/test_fuzz.py` tries all of it.
"""  # noqa: INP001  # no package

import importlib
import sys


def main(arguments: list[str]) -> None:
    """Fuzz a target until the time is up (`-max_total_time=SECONDS`) or it fails."""
    import atheris

    with atheris.instrument_imports(include=["distillgate", "tools.fuzz_targets"]):
        found = importlib.import_module("tools.fuzz_targets")
    name, *options = arguments or [""]
    if name not in found.TARGETS:
        sys.exit(f"expected one of {', '.join(found.TARGETS)}")
    bounds = ["-timeout=10", "-rss_limit_mb=2048"]
    kept = [str(found.KEPT / name)]
    atheris.Setup(["fuzz", *bounds, *options, *kept], found.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
