import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# `benchmarks` is no part of the installed package.
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
