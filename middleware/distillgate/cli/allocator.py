"""malloc, told what a process knows whose state is replaced whole: large tables come and go.

Left alone, glibc learns from the first one that is let go of to take all up to 32 MB from its heap,
where room is given out before it is used, and kept. A worker that had made its state anew three
times held 330 MB of 162 (measured, as proportional set size, after three minutes of `make soak`).
"""

import ctypes
import os

_TRIM, _MMAP = -1, -3
"""`M_TRIM_THRESHOLD` and `M_MMAP_THRESHOLD` of glibc's malloc.h."""
_LARGE = 1 << 20
"""Bytes from which something is taken from the system by itself, and given back at once."""
_KEPT = 1 << 24
"""Bytes at the heap's end that are kept for what comes next: bodies, and work on groups."""


def map_large() -> bool:
    """Have malloc map what is large by itself. Return whether it heard: not each C library does.

    Where the operator told it something, that counts.
    """
    if any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_MMAP, _LARGE) and mallopt(_TRIM, _KEPT))
