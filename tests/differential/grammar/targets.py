"""Request targets that some servers take for a model call's path, and others do not."""

from hypothesis import strategies as st
from tests.differential.grammar.documents import Draw

PATHS = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "responses": "/v1/responses",
    "embeddings": "/v1/embeddings",
    "messages": "/v1/messages",
    "count_tokens": "/v1/messages/count_tokens",
}


def target(draw: Draw, operation: str, form: str) -> str:
    """Build a target for one call, in one of `FORMS`."""
    path = PATHS[operation]
    if not form:
        return path
    steps = path.split("/")
    place = draw(st.integers(1, len(steps) - 1))
    return FORMS[form](draw, steps, place)


def _inserted(steps: list[str], place: int, step: str) -> str:
    return "/".join([*steps[:place], step, *steps[place:]])


def _dots(draw: Draw, steps: list[str], place: int) -> str:
    dot = st.sampled_from((".", "%2e", "%2E"))
    two = st.sampled_from(("..", ".%2e", "%2e%2e", "%2E."))
    kind = draw(st.sampled_from(("one", "two", "end", "up", "far")))
    if kind == "one":
        return _inserted(steps, place, draw(dot))
    if kind == "two":
        return _inserted(steps, place, f"x/{draw(two)}")
    if kind == "up":
        return f"{'/'.join(steps)}/x/{draw(two)}"
    if kind == "far":
        return f"/{draw(two)}{'/'.join(steps)}"
    return f"{'/'.join(steps)}/{draw(dot)}"


def _percent(draw: Draw, steps: list[str], place: int) -> str:
    step = steps[place]
    cut = draw(st.integers(0, len(step) - 1))
    code = draw(st.sampled_from(("%{:02x}", "%{:02X}", "%25{:02x}"))).format(ord(step[cut]))
    steps[place] = step[:cut] + code + step[cut + 1 :]
    return "/".join(steps)


def _slashes(draw: Draw, steps: list[str], place: int) -> str:
    kind = draw(
        st.sampled_from(("double", "triple", "trailing", "encoded", "back", "encoded back"))
    )
    path = "/".join(steps)
    if kind == "trailing":
        return path + draw(st.sampled_from(("/", "//")))
    other = {"double": "//", "triple": "///", "encoded": "%2f", "back": "\\"}.get(kind, "%5c")
    return f"{'/'.join(steps[:place])}{other}{'/'.join(steps[place:])}"


def _absolute(draw: Draw, steps: list[str], place: int) -> str:
    origin = draw(
        st.sampled_from(
            ("http://h", "HTTP://h:80", "https://other.example", "http://u@h", "http://h/v1/..")
        )
    )
    return origin + "/".join(steps)


def _params(draw: Draw, steps: list[str], place: int) -> str:
    steps[place] += draw(st.sampled_from((";", ";v=1", ";jsessionid=x", "%3bx")))
    return "/".join(steps)


def _query(draw: Draw, steps: list[str], place: int) -> str:
    tail = draw(
        st.sampled_from(
            ("?", "?a=/../x", "?x#f", "#f", "??", "?%00", "?beta=true", "%3fa=b", "?\xe9")
        )
    )
    return "/".join(steps) + tail


def _letters(draw: Draw, steps: list[str], place: int) -> str:
    steps[place] = draw(st.sampled_from((steps[place].upper(), steps[place].title())))
    return "/".join(steps)


def _around(draw: Draw, steps: list[str], place: int) -> str:
    path = "/".join(steps)
    prefix = draw(st.sampled_from(("/api", "/openai/deployments/d", "", "/v1")))
    return prefix + path + draw(st.sampled_from(("", "%20", "%00", "%0a", ".json", "x", "%09")))


FORMS = {
    "absolute": _absolute,
    "around": _around,
    "dots": _dots,
    "letters": _letters,
    "params": _params,
    "percent": _percent,
    "query": _query,
    "slashes": _slashes,
}
