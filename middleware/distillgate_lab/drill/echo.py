"""What the model really said, put where a scenario carries what it was expected to say."""

import asyncio
from typing import Any, NamedTuple

_LEAST = 40
"""Characters from which an expected answer can be told from any other text."""


class _Expected(NamedTuple):
    text: str
    real: asyncio.Future[str]


class Echo:
    """Answers by the first line that was expected of them.

    A scenario is written before anybody answers, yet conversations resend answers and campaigns
    carry them to other accounts. So the expected text is looked for at the beginning of every line
    and replaced; where the answer is still under way, its call is waited for.
    """

    def __init__(self) -> None:
        self._expected: dict[str, _Expected] = {}

    def expect(self, text: str) -> asyncio.Future[str]:
        """Note an expected answer; set the future to what really came."""
        real: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if len(text) >= _LEAST:
            self._expected[text.partition("\n")[0]] = _Expected(text, real)
        return real

    def find(self, request: dict[str, Any]) -> "Carried":
        """Find the answers that a request carries, of those expected so far."""
        texts = [message["content"] for message in request.get("messages", ())]
        return Carried(request, [self._parts(text) for text in texts])

    def _parts(self, text: str) -> list[str | asyncio.Future[str]]:
        parts: list[str | asyncio.Future[str]] = []
        at = done = 0
        while at < len(text):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            expected = self._expected.get(text[at:end])
            if expected is not None and text.startswith(expected.text, at):
                parts += [text[done:at], expected.real]
                done = end = at + len(expected.text)
            at = end + 1
        return [*parts, text[done:]]


class Carried(NamedTuple):
    """A request, and of each message the parts that are fixed and those still to come."""

    request: dict[str, Any]
    parts: list[list[str | asyncio.Future[str]]]

    async def real(self) -> dict[str, Any]:
        """Return the request with what was really answered; waits for answers under way."""
        if not self.parts:
            return self.request
        said = [
            "".join([part if isinstance(part, str) else await part for part in parts])
            for parts in self.parts
        ]
        messages = zip(self.request["messages"], said, strict=True)
        return {**self.request, "messages": [{**m, "content": text} for m, text in messages]}
