"""Compiled passes over a text, where this installation has them; Python does the same without.

The extension is built if there is a compiler when distillgate is installed. What each pass computes
is said by the Python that it stands for, beside which it is called (`fingerprint`).
`DISTILLGATE_NATIVE=off` leaves it out, and so does an extension that was built of other sources.
"""

import os
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING

__all__ = ["passes"]

FORM = 4
"""Of the extension that this was written with (`module.c`): one of before is still there where
sources were changed and nothing was built."""

if TYPE_CHECKING:
    from distillgate.native import _passes as passes
else:
    passes: ModuleType | None = None
    if os.environ.get("DISTILLGATE_NATIVE") != "off":
        with suppress(ImportError):
            from distillgate.native import _passes

            passes = _passes if getattr(_passes, "FORM", 1) == FORM else None
