"""Which API call a path means, and which dialect its errors speak."""

from enum import StrEnum


class Dialect(StrEnum):
    """Whose error shape and headers a client of this path understands."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


class Operation(StrEnum):
    """The calls the gate reads. Everything else passes untouched."""

    CHAT = "chat"
    COMPLETIONS = "completions"
    RESPONSES = "responses"
    EMBEDDINGS = "embeddings"
    MESSAGES = "messages"
    COUNT_TOKENS = "count_tokens"
    INVOCATIONS = "invocations"
    """vLLM's and SGLang's one path for SageMaker: which of the others it is, its body tells."""

    @property
    def dialect(self) -> Dialect:
        """The dialect this call's clients speak."""
        if self in (Operation.MESSAGES, Operation.COUNT_TOKENS):
            return Dialect.ANTHROPIC
        return Dialect.OPENAI


_NAMES = {
    "completions": Operation.COMPLETIONS,
    "responses": Operation.RESPONSES,
    "embeddings": Operation.EMBEDDINGS,
    "messages": Operation.MESSAGES,
    "count_tokens": Operation.COUNT_TOKENS,
    "invocations": Operation.INVOCATIONS,
}
"""By the path's last segment; chat shares its own with completions."""


def match(method: str, path: str) -> Operation | None:
    """Name the call behind `method` and `path`, or None for what the gate does not read.

    Only the end of the (percent-decoded) path counts, so that prefixes (`/api/v1`,
    `/openai/deployments/NAME`, `/engines/NAME`) are the same calls. Letter case, repeated and
    trailing slashes do not matter, because to some upstreams they do not: reading a path that the
    upstream answers with 404 costs nothing, missing one that it answers lets a request by unread.

    Anthropic's two calls need their `/v1`: `/threads/ID/messages` is OpenAI's Assistants API.
    """
    if method != "POST":
        return None
    if path.endswith("/"):
        path = path.rstrip("/")
    cut = path.rfind("/")
    operation = _NAMES.get(path[cut + 1 :].lower())
    if operation is None or cut < 0:
        return None
    return _within(operation, path[:cut].rstrip("/").lower())


def _within(operation: Operation, parent: str) -> Operation | None:
    # What the segments before the last one make of it.
    if operation is Operation.COMPLETIONS:
        return Operation.CHAT if parent.endswith("/chat") else operation
    if operation is Operation.MESSAGES:
        return operation if parent.endswith("/v1") else None
    if operation is Operation.COUNT_TOKENS:
        above, _, last = parent.rpartition("/")
        messages = last == "messages" and above.rstrip("/").endswith("/v1")
        return operation if messages else None
    return operation
