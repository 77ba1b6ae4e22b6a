"""What is large goes back to the system, however much of it was let go of before."""

import ctypes
import subprocess
import sys

import pytest

from distillgate.cli.allocator import map_large

MAPPED = """
import ctypes, sys
from distillgate.cli.allocator import map_large

class Info(ctypes.Structure):
    _fields_ = [(str(number), ctypes.c_size_t) for number in range(10)]

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes, libc.mallinfo2.restype = [ctypes.c_void_p], Info
if sys.argv[1:]:
    assert map_large()
libc.free(libc.malloc(8 << 20))
before = getattr(libc.mallinfo2(), "4")
libc.malloc(8 << 20)
print(getattr(libc.mallinfo2(), "4") - before)
"""


def mapped(*arguments: str) -> int:
    """Return how many bytes are mapped for 8 MB, after 8 MB were let go of."""
    ran = subprocess.run(
        [sys.executable, "-c", MAPPED, *arguments], capture_output=True, check=True, text=True
    )
    return int(ran.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="glibc's from 2.33 on")
def test_what_is_large_is_mapped_by_itself_though_something_as_large_was_let_go_of() -> None:
    assert mapped() == 0, "as malloc does if it is left alone"
    assert mapped("with it") >= 8 << 20


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_what_the_operator_told_malloc_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")

    assert not map_large()
