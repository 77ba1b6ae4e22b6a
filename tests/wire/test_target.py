"""Dot segments mean nothing to whoever looks for a handler, so they mean nothing here."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.wire.target import normal_path

SEGMENT = st.sampled_from(["v1", "messages", ".", "..", "", "...", ".x", "x.", "a.b"])
PATH = st.lists(SEGMENT, min_size=1).map(lambda segments: "/" + "/".join(segments))


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/v1/messages", "/v1/messages"),
        ("/v1/./messages", "/v1/messages"),
        ("/v1/x/../messages", "/v1/messages"),
        ("/v1/x/y/../../messages", "/v1/messages"),
        ("/v1/chat/completions/.", "/v1/chat/completions/"),
        ("/v1/chat/completions/x/..", "/v1/chat/completions/"),
        ("/../../v1/messages", "/v1/messages"),
        ("/..", "/"),
        ("/.", "/"),
        ("/", "/"),
        ("*", "*"),
        ("", ""),
        ("/v1//messages/", "/v1//messages/"),
        ("/v1/.../messages", "/v1/.../messages"),
        ("/.well-known/x", "/.well-known/x"),
        (unquote("/v1/%2e/messages"), "/v1/messages"),
        (unquote("/v1/x/%2E%2e/messages"), "/v1/messages"),
        (unquote("/v1/x%2f..%2Fmessages"), "/v1/messages"),
    ],
)
def test_dot_segments_are_resolved_as_servers_resolve_them(path: str, normal: str) -> None:
    assert normal_path(path) == normal


@given(PATH)
def test_what_is_resolved_has_none_left_and_begins_at_the_root(path: str) -> None:
    normal = normal_path(path)
    assert normal.startswith("/")
    assert not {".", ".."} & set(normal.split("/"))
    assert normal_path(normal) == normal


@given(PATH)
def test_a_path_without_dot_segments_is_left_as_it_is(path: str) -> None:
    if not {".", ".."} & set(path.split("/")):
        assert normal_path(path) == path
