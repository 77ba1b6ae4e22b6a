import pytest

from distillgate.wire.operation import Dialect, Operation, match


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/v1/chat/completions", Operation.CHAT),
        ("/chat/completions", Operation.CHAT),
        ("/api/v1/chat/completions", Operation.CHAT),
        ("/v1/chat/completions/", Operation.CHAT),
        ("/v1//chat//completions", Operation.CHAT),
        ("/v1/Chat/Completions", Operation.CHAT),
        ("/openai/deployments/my model/chat/completions", Operation.CHAT),
        ("/completions", Operation.COMPLETIONS),
        ("/v1/completions", Operation.COMPLETIONS),
        ("/engines/davinci/completions", Operation.COMPLETIONS),
        ("/openai/deployments/chat-large/completions", Operation.COMPLETIONS),
        ("/v1/responses", Operation.RESPONSES),
        ("/openai/responses", Operation.RESPONSES),
        ("/v1/embeddings", Operation.EMBEDDINGS),
        ("/api/embeddings", Operation.EMBEDDINGS),
        ("/openai/deployments/e5/embeddings", Operation.EMBEDDINGS),
        ("/v1/messages", Operation.MESSAGES),
        ("/anthropic/v1/messages", Operation.MESSAGES),
        ("/v1/messages/", Operation.MESSAGES),
        ("/invocations", Operation.INVOCATIONS),
        ("/v1/messages/count_tokens", Operation.COUNT_TOKENS),
        ("/anthropic/v1/messages/count_tokens/", Operation.COUNT_TOKENS),
    ],
)
def test_a_call_is_known_by_the_end_of_its_path(path: str, operation: Operation) -> None:
    assert match("POST", path) is operation


@pytest.mark.parametrize(
    "path",
    [
        "/v1/threads/thread_1/messages",
        "/v1/responses/resp_1/cancel",
        "/v1/responses/input_tokens",
        "/v1/messages/batches",
        "/v1/messages/batches/b_1/cancel",
        "/v1/completions/c_1",
        "/v1/chat/completions/chatcmpl-1",
        "/v1/chat/completions/chatcmpl-1/messages",
        "/v1/threads/count_tokens",
        "/messages",
        "/messages/count_tokens",
        "/v1/models",
        "/v1/audio/transcriptions",
        "/v1/files",
        "/v1/mycompletions",
        "completions",
        "/",
        "//",
        "",
    ],
)
def test_another_call_is_left_alone(path: str) -> None:
    assert match("POST", path) is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH"])
def test_only_posts_are_calls(method: str) -> None:
    assert match(method, "/v1/chat/completions") is None


def test_anthropics_calls_speak_its_dialect_and_the_others_openais() -> None:
    anthropic = {o for o in Operation if o.dialect is Dialect.ANTHROPIC}

    assert anthropic == {Operation.MESSAGES, Operation.COUNT_TOKENS}
