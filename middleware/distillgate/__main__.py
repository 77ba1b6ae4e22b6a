"""`python -m distillgate` is `distillgate`: the commands, or what to install to have them."""

import os
import sys

# Matrices here are too small to share between processors: OpenBLAS's threads wait in a busy loop,
# and took 38 ms where one takes 1.2. It reads this when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from distillgate.errors import ConfigError, needs


def main() -> None:
    """Run the command of the process's arguments; always ends in `SystemExit`."""
    try:
        with needs("cli"):
            from distillgate.cli.main import main as run
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - what a command says is its work
        raise SystemExit(2) from None
    run()


if __name__ == "__main__":
    main()
