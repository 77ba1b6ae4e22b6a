from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.wire.operation import Dialect, Operation, match, match_stored, model_in


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
        ("/v1/./messages", Operation.MESSAGES),
        ("/v1/x/../messages", Operation.MESSAGES),
        ("/v1/x/../../v1/chat/completions/.", Operation.CHAT),
        ("/v1;a=b/messages;c", Operation.MESSAGES),
        ("\\v1\\chat\\completions", Operation.CHAT),
        ("/v1/chat/completions/batch", Operation.CHAT),
        ("/v1/responses/compact", Operation.COMPACT),
        ("/v1beta/models/gemini-3-pro:generateContent", Operation.GEMINI),
        ("/v1beta/models/gemini-3-pro:streamGenerateContent", Operation.GEMINI),
        (
            "/v1/projects/p/locations/l/publishers/google/models/g:generateContent",
            Operation.GEMINI,
        ),
        ("/v1beta/tunedModels/t:GENERATECONTENT", Operation.GEMINI),
        ("/v1beta/models/e:batchEmbedContents", Operation.GEMINI_EMBED),
        ("/v1beta/interactions", Operation.INTERACTIONS),
        ("/api/chat", Operation.OLLAMA_CHAT),
        ("/ollama/api/generate", Operation.OLLAMA_GENERATE),
        ("/api/embed", Operation.EMBEDDINGS),
        ("/generate", Operation.NATIVE),
        ("/generate_stream", Operation.NATIVE),
        ("/vertex_generate", Operation.NATIVE),
        ("/inference/v1/generate", Operation.NATIVE),
        ("/completion", Operation.NATIVE),
        ("/infill", Operation.NATIVE),
        ("/v2/rerank", Operation.RANKING),
        ("/v1/score", Operation.RANKING),
        ("/pooling", Operation.RANKING),
        ("/classify", Operation.RANKING),
        ("/v1/publishers/anthropic/models/c:streamRawPredict", Operation.INVOCATIONS),
        ("/model/anthropic.c-v1:0/invoke", Operation.INVOCATIONS),
        ("/v1/rag/query", Operation.INVOCATIONS),
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
        "/v1/chat",
        "/v1beta/models/g:getContent",
        "/v1/generatecontent",
        "/v1/chat/completions/..",
        "/v1/messages/x/.",
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


KEPT = [
    ("GET", "/v1/responses/resp_1", Operation.RESPONSES),
    ("GET", "/api/v1/responses/resp_1/", Operation.RESPONSES),
    ("GET", "/v1/responses/resp_1/input_items", Operation.RESPONSES),
    ("POST", "/v1/responses/resp_1/cancel", Operation.RESPONSES),
    ("GET", "/v1/conversations/conv_1/items", Operation.RESPONSES),
    ("GET", "/v1/conversations/conv_1/items/msg_1", Operation.RESPONSES),
    ("GET", "/v1/chat/completions", Operation.CHAT),
    ("GET", "/v1/Chat/completions/chatcmpl-1", Operation.CHAT),
    ("GET", "/v1/models", None),
    ("GET", "/v1/responses", None),
    ("GET", "/v1/completions/x", None),
    ("DELETE", "/v1/responses/resp_1", None),
    ("POST", "/v1/responses/resp_1", None),
    ("POST", "/v1/chat/completions/x", None),
]


@pytest.mark.parametrize(("method", "path", "operation"), KEPT)
def test_answers_that_the_upstream_kept(
    method: str, path: str, operation: Operation | None
) -> None:
    assert match_stored(method, path) is operation


def test_anthropics_calls_speak_its_dialect_and_the_others_openais() -> None:
    anthropic = {o for o in Operation if o.dialect is Dialect.ANTHROPIC}

    assert anthropic == {Operation.MESSAGES, Operation.COUNT_TOKENS}


NOISE = st.sampled_from(["", "/", "/.", "/./", "/x/..", "/x/../", ";v=1"])


@given(
    st.sampled_from([(ending, o) for o in Operation for ending in o.api.endings]),
    NOISE,
    NOISE,
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_what_upstreams_do_not_look_at_hides_no_call(
    call: tuple[str, Operation], before: str, after: str, spell: Callable[[str], str]
) -> None:
    ending, operation = call
    prefix = "/v1/models/m" if ending.startswith(":") else "/prefix" + before
    path = prefix + spell(ending) + after

    assert match("POST", path) is operation


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1beta/models/gemini-3-pro:generateContent", "gemini-3-pro"),
        ("/model/anthropic.claude-v1/invoke", "anthropic.claude-v1"),
        ("/v1/chat/completions", ""),
    ],
)
def test_a_path_may_name_the_model(path: str, model: str) -> None:
    assert model_in(path) == model
