"""Header lines: whose key it is in all its forms, what was bought, and what belongs to one hop."""

from collections.abc import Callable

from hypothesis import strategies as st
from tests.differential.grammar.documents import Draw

KEYS = ("sk-alpha-0001", "sk-beta-0002", "sk-gamma-0003")
"""The keys that upstreams know; every other is refused there."""

PLANS = ("pro", "research")

Lines = list[tuple[str, str]]

_SCHEMES = (
    "Bearer ",
    "bearer ",
    "BEARER ",
    "Bearer  ",
    "Bearer\t",
    "",
    "Token ",
    "Basic ",
    "Bearer Bearer ",
)


def usual(draw: Draw) -> Lines:
    """Write the headers that an SDK sends."""
    key = draw(st.sampled_from(KEYS))
    form = draw(
        st.sampled_from((("Authorization", f"Bearer {key}"), ("x-api-key", key), ("api-key", key)))
    )
    lines = [("Host", "api.example.com"), form, ("Content-Type", "application/json")]
    if draw(st.booleans()):
        lines.append(("x-plan", draw(st.sampled_from(PLANS))))
    return lines


def odd(draw: Draw, lines: Lines, kind: str) -> Lines:
    """Change them in one of the `KINDS`."""
    return KINDS[kind](draw, lines) if kind else lines


def _key(draw: Draw, lines: Lines) -> Lines:
    return [_keyed(draw) if _is_key(name) else (name, value) for name, value in lines]


def _keys(draw: Draw, lines: Lines) -> Lines:
    return [*lines, *(_keyed(draw) for _ in range(draw(st.integers(1, 2))))]


def _none(draw: Draw, lines: Lines) -> Lines:
    return [line for line in lines if not _is_key(line[0])]


def _hop(draw: Draw, lines: Lines) -> Lines:
    return [*lines, *draw(st.lists(st.sampled_from(_HOP), min_size=1, max_size=3))]


def _others(draw: Draw, lines: Lines) -> Lines:
    return [*lines, *draw(st.lists(st.sampled_from(_OTHERS), min_size=1, max_size=4))]


def _shape(draw: Draw, lines: Lines) -> Lines:
    return [(draw(_shapes(name)), value) for name, value in lines]


def _is_key(name: str) -> bool:
    return name.lower() in ("authorization", "x-api-key", "api-key")


def _keyed(draw: Draw) -> tuple[str, str]:
    key = draw(st.sampled_from((*KEYS, "sk-unknown", "")))
    name = draw(st.sampled_from(("Authorization", "x-api-key", "api-key")))
    return name, draw(st.sampled_from(_SCHEMES)) + key


def _host(draw: Draw, lines: Lines) -> Lines:
    others = [line for line in lines if line[0] != "Host"]
    hosts = st.sampled_from(("a", "b:80", "", "a b", "a,b", "[::1]", "a/b", "u@a", "xn--a"))
    return [*(("Host", draw(hosts)) for _ in range(draw(st.integers(0, 2)))), *others]


def _shapes(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(
        (name, name, name.upper(), name.lower(), f"{name} ", name.replace("-", "_"))
    )


_HOP = (
    ("Connection", "keep-alive"),
    ("Connection", "x-plan"),
    ("Connection", "authorization, x-api-key"),
    ("Connection", "content-type"),
    ("Keep-Alive", "timeout=5"),
    ("Proxy-Connection", "keep-alive"),
    ("Proxy-Authorization", "Bearer sk-beta-0002"),
    ("TE", "trailers"),
    ("Trailer", "x-plan"),
    ("x-plan", "research"),
)

_OTHERS = (
    ("x-plan", "research"),
    ("X-Forwarded-For", "203.0.113.7"),
    ("X-Request-Id", "reference-1234"),
    ("x-stainless-retry-count", "1"),
    ("Accept-Encoding", "gzip, br"),
    ("Cookie", "a=b; c=d"),
    ("X-Latin", "caf\xe9"),
    ("X-Empty", ""),
    ("X-Twice", "1"),
    ("X-Twice", "2"),
    ("Content-Type", "text/plain"),
    ("X-HTTP-Method-Override", "GET"),
    ("X-Original-URL", "/v1/models"),
)

KINDS: dict[str, Callable[[Draw, Lines], Lines]] = {
    "hop": _hop,
    "host": _host,
    "key": _key,
    "keys": _keys,
    "none": _none,
    "others": _others,
    "shape": _shape,
}
"""What may be odd about headers."""
