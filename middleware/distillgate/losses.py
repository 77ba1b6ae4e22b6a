"""What should have been written and was not."""

from collections.abc import Callable


class Losses:
    """The lines of one destination that nobody will read. Any thread may count."""

    __slots__ = ("count", "failing")

    def __init__(self) -> None:
        self.count: Callable[[int], object] | None = None
        """Is told how many lines were lost. It must not refer to who writes them: a thread does."""
        self.failing = False
        """Whether the last lines were lost."""

    def add(self, lines: int) -> None:
        """Count lines that are lost."""
        self.failing = True
        if self.count is not None:
            self.count(lines)
