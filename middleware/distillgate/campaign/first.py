"""An account's first text: held back until its second shows what of it the account always sends."""

from collections.abc import Iterator

from distillgate.account.account import Account
from distillgate.fingerprint.sketch import Sketch, unpack


def release(account: Account) -> Iterator[tuple[float, Sketch]]:
    """Return the text that is held back, and when it was sent; once.

    Where a part of it came again, that was the account's fixed text and not its own: then nothing.
    """
    held, account.first_text = account.first_text, None
    if held is not None and not account.skeleton.fixes:
        at, sketch = held
        yield at, unpack(sketch)
