from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.dialects import openai
from distillgate.dialects.batches import BATCH_JOBS, GEMINI_BATCHES, MESSAGE_BATCHES
from distillgate.dialects.chat import CHAT
from distillgate.dialects.cohere import COHERE
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.dialects.conversations import ANSWERED, ASSISTANTS, CONVERSATIONS, THREADS
from distillgate.dialects.converse import CONVERSE
from distillgate.dialects.gemini import GEMINI, GEMINI_CACHE, GEMINI_EMBED
from distillgate.dialects.interactions import INTERACTIONS
from distillgate.dialects.invocations import INVOCATIONS, INVOKE, PREDICT
from distillgate.dialects.messages import COUNT_TOKENS, MESSAGES
from distillgate.dialects.native import NATIVE
from distillgate.dialects.ollama import OLLAMA_CHAT, OLLAMA_CREATE, OLLAMA_GENERATE
from distillgate.dialects.ranking import RANKING
from distillgate.dialects.registry import OPERATIONS, errors_for, match, match_stored, model_in
from distillgate.dialects.responses import COMPACT, CONVERSATION, RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Errors


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/v1/chat/completions", CHAT),
        ("/chat/completions", CHAT),
        ("/api/v1/chat/completions", CHAT),
        ("/v1/chat/completions/", CHAT),
        ("/v1//chat//completions", CHAT),
        ("/v1/Chat/Completions", CHAT),
        ("/openai/deployments/my model/chat/completions", CHAT),
        ("/completions", COMPLETIONS),
        ("/v1/completions", COMPLETIONS),
        ("/engines/davinci/completions", COMPLETIONS),
        ("/openai/deployments/chat-large/completions", COMPLETIONS),
        ("/v1/responses", RESPONSES),
        ("/openai/responses", RESPONSES),
        ("/v1/embeddings", EMBEDDINGS),
        ("/api/embeddings", EMBEDDINGS),
        ("/openai/deployments/e5/embeddings", EMBEDDINGS),
        ("/v1/messages", MESSAGES),
        ("/anthropic/v1/messages", MESSAGES),
        ("/v1/messages/", MESSAGES),
        ("/invocations", INVOCATIONS),
        ("/model/a.b-v1%3A0/converse", CONVERSE),
        ("/model/a.b/converse-stream", CONVERSE),
        ("/v1/messages/count_tokens", COUNT_TOKENS),
        ("/v1/./messages", MESSAGES),
        ("/v1/x/../messages", MESSAGES),
        ("/v1/x/../../v1/chat/completions/.", CHAT),
        ("/v1;a=b/messages;c", MESSAGES),
        ("\\v1\\chat\\completions", CHAT),
        ("/v1/chat/completions/batch", CHAT),
        ("/v1/responses/compact", COMPACT),
        ("/v1beta/models/gemini-3-pro:generateContent", GEMINI),
        ("/v1beta/models/gemini-3-pro:streamGenerateContent", GEMINI),
        (
            "/v1/projects/p/locations/l/publishers/google/models/g:generateContent",
            GEMINI,
        ),
        ("/v1beta/tunedModels/t:GENERATECONTENT", GEMINI),
        ("/v1beta/models/e:batchEmbedContents", GEMINI_EMBED),
        ("/v1beta/interactions", INTERACTIONS),
        ("/api/chat", OLLAMA_CHAT),
        ("/ollama/api/generate", OLLAMA_GENERATE),
        ("/api/embed", EMBEDDINGS),
        ("/v2/embed", EMBEDDINGS),
        ("/v1/conversations", CONVERSATIONS),
        ("/v1/conversations/conv_1", CONVERSATIONS),
        ("/v1/conversations/conv_1/restart", ANSWERED),
        ("/v1/conversations/conv_1/items", CONVERSATION),
        ("/v1beta/cachedContents", GEMINI_CACHE),
        ("/v1/multimodalembeddings", EMBEDDINGS),
        ("/v1/ranking", RANKING),
        ("/generate", NATIVE),
        ("/generate_stream", NATIVE),
        ("/vertex_generate", NATIVE),
        ("/inference/v1/generate", NATIVE),
        ("/completion", NATIVE),
        ("/infill", NATIVE),
        ("/v2/rerank", RANKING),
        ("/v1/score", RANKING),
        ("/pooling", RANKING),
        ("/classify", RANKING),
        ("/v1/chat", COHERE),
        ("/cohere/v2/chat", COHERE),
        ("/api/v1/chat", COHERE),
        ("/v1/threads/thread_1/messages", THREADS),
        ("/v1/threads/thread_1/runs", THREADS),
        ("/threads/runs", THREADS),
        ("/v1/threads", THREADS),
        ("/v1/assistants", ASSISTANTS),
        ("/v1/agents/ag_1", ASSISTANTS),
        ("/v1/messages/batches", MESSAGE_BATCHES),
        ("/v1beta/models/g:batchGenerateContent", GEMINI_BATCHES),
        ("/v1/batch/jobs", BATCH_JOBS),
        ("/api/create", OLLAMA_CREATE),
        ("/encode", EMBEDDINGS),
        ("/embedding", EMBEDDINGS),
        ("/embed_all", EMBEDDINGS),
        ("/v1/reranking", RANKING),
        ("/v1/decisions", RANKING),
        ("/v1/systemone", RANKING),
        ("/generative_scoring", RANKING),
        ("/predict", INVOCATIONS),
        ("/v2/models/m/infer", INVOCATIONS),
        ("/vertex", INVOCATIONS),
        ("/v1/publishers/anthropic/models/c:streamRawPredict", PREDICT),
        ("/model/anthropic.c-v1:0/invoke", INVOKE),
        ("/v1/rag/query", INVOCATIONS),
        ("/v1/chat/completions\n", CHAT),
        (" /v1/chat/completions\t", CHAT),
        ("/v1/chat%2Fcompletions", CHAT),
        ("/v1/chat/%2563ompletions", CHAT),
        ("/v1/chat/completions%0A", CHAT),
        ("/anthropic/v1/messages/count_tokens/", COUNT_TOKENS),
    ],
)
def test_a_call_is_known_by_the_end_of_its_path(path: str, operation: Operation) -> None:
    assert match("POST", path) is operation


@pytest.mark.parametrize(
    "path",
    [
        "/v1/threads/thread_1/runs/run_1/cancel",
        "/v1/conversations/conv_1/history/x",
        "/v1/responses/resp_1/cancel",
        "/v1/responses/input_tokens",
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
        "/v1/lists/l_1/items",
        "/v1/mycompletions",
        "/chat",
        "/v1beta/models/g:getContent",
        "/v1/generatecontent",
        "/v1/chat/completions/../..",
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
    ("GET", "/v1/responses/resp_1", RESPONSES),
    ("GET", "/api/v1/responses/resp_1/", RESPONSES),
    ("GET", "/v1/responses/resp_1/input_items", RESPONSES),
    ("POST", "/v1/responses/resp_1/cancel", RESPONSES),
    ("GET", "/v1/conversations/conv_1/items", RESPONSES),
    ("GET", "/v1/conversations/conv_1/items/msg_1", RESPONSES),
    ("GET", "/v1/chat/completions", CHAT),
    ("GET", "/v1/Chat/completions/chatcmpl-1", CHAT),
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


@pytest.mark.parametrize(
    ("path", "headers", "errors"),
    [
        ("/v1/messages", [], MESSAGES.errors),
        ("/v1/messages/count_tokens", [], MESSAGES.errors),
        ("/v1/chat/completions", ["anthropic-version"], openai.ERRORS),
        ("/v1/models", ["accept", "anthropic-version"], MESSAGES.errors),
        ("/v1/models", ["accept"], openai.ERRORS),
        ("/v1beta/models/m:generateContent", [], GEMINI.errors),
        ("/api/chat", [], OLLAMA_CHAT.errors),
    ],
)
def test_an_error_is_told_as_its_call_does_or_as_the_headers_suggest(
    path: str, headers: list[str], errors: Errors
) -> None:
    assert errors_for("POST", path, headers) is errors


def test_each_call_has_a_name_and_paths_of_its_own() -> None:
    endings = [ending for call in OPERATIONS for ending in call.endings]

    assert len({call.name for call in OPERATIONS}) == len(OPERATIONS)
    assert len(set(endings)) == len(endings)
    assert all(ending == ending.lower() for ending in endings)


NOISE = st.sampled_from(["", "/", "/.", "/./", "/x/..", "/x/../", ";v=1"])


@given(
    st.sampled_from([(ending, o) for o in OPERATIONS for ending in o.endings]),
    NOISE,
    NOISE,
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_what_upstreams_do_not_look_at_hides_no_call(
    call: tuple[str, Operation], before: str, after: str, spell: Callable[[str], str]
) -> None:
    ending, operation = call
    prefix = "/v1/models/m" if ending.startswith(":") else f"/prefix{operation.within}{before}"
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
