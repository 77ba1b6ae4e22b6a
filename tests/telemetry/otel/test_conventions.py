"""Every call has the conventions' words."""

import pytest

from distillgate.dialects.registry import OPERATIONS
from distillgate.telemetry.otel.conventions import of_request
from distillgate.wire.operation import Operation

WORDS = {
    "chat", "text_completion", "embeddings", "generate_content", "rerank", "count_tokens"
}  # fmt: skip
PROVIDERS = {
    "openai", "anthropic", "aws.bedrock", "gcp.gemini", "gcp.vertex_ai", "ollama", "_OTHER"
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_call_is_named_by_the_conventions(operation: Operation) -> None:
    found = of_request(operation)

    assert found["gen_ai.operation.name"] in WORDS
    assert found["gen_ai.provider.name"] in PROVIDERS
    assert (found["gen_ai.operation.name"] == "embeddings") == operation.embeds
