"""The path a request means: what is judged, and what the relay sends on."""

from urllib.parse import unquote

_DECODED = 2
"""Times more that who stands behind an upstream's front may decode a path."""


def plain_path(path: str) -> str:
    """Return a percent-decoded path without what some upstreams do not look at.

    Most have nothing of it: dot segments, parameters, backslashes, repeated and trailing slashes,
    white space, and escapes that are escaped themselves.
    """
    for _ in range(_DECODED):
        if "%" in path:
            path = unquote(path)
    if " " in path or not path.isprintable():
        path = "".join([letter for letter in path if letter != " " and letter.isprintable()])
    if "\\" in path:
        path = path.replace("\\", "/")
    if ";" in path:
        path = "/".join([segment.partition(";")[0] for segment in path.split("/")])
    path = normal_path(path).rstrip("/")
    while "//" in path:
        path = path.replace("//", "/")
    return path


def normal_path(path: str) -> str:
    """Resolve the dot segments of a percent-decoded path (RFC 3986 section 5.2.4).

    Servers and proxies do the same before they look for a handler, so `/v1/x/../messages` is a
    call of `/v1/messages` to them. Decoding comes first: `%2e` is a dot, and `%2f` ends a segment.
    Repeated slashes and a trailing one stay as they are.
    """
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)
