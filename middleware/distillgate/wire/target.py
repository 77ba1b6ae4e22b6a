"""The path a request means: what is judged, and what the relay sends on."""


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
