"""Requests nobody has sent before: new text each, so that no cache hides what a new one costs."""

import itertools
import json
import random
from collections.abc import Iterator
from functools import lru_cache

_COMMON = """
    the of and to in that it was for on are with as his they be at one have this from or had by
    not but some what there we can out other were all your when up use word how said an each she
    which do their time if will way about many then them would write like so these her long make
    thing see him two has look more day could go come did my sound no most number who over know
    water than call first people may down side been now find any new work part take get place
    made live where after back little only round man year came show every good me give our under
    name very through just form much great think say help low line before turn cause same mean
    differ move right boy old too does tell sentence set three want air well also play small end
    put home read hand port large spell add even land here must big high such follow act why ask
    men change went light kind off need house picture try us again animal point mother world near
    build self earth father head stand own page should country found answer school grow study
    still learn plant cover food sun four thought let keep eye never last door between city tree
"""
WORDS = _COMMON.split()

ACCOUNTS, TALKING = 2000, 100
"""Accounts that send one new question each time, and accounts that resend a history."""


FORMS = (*["{0}"] * 13, "{0},", "{0}.", "{0}\n\n", "`{0}_{1}`", "{0}{1}", "{0}-{2}", "({0})", "{2}")
"""How words become text that is as dear to tokenise as what people and programs write."""
TOKENS_A_WORD = 1.68


def text(rng: random.Random, tokens: int) -> str:
    """Write some `tokens` tokens of new text."""
    count = round(tokens / TOKENS_A_WORD)
    words, others = rng.choices(WORDS, k=count), rng.choices(WORDS, k=count)
    forms = rng.choices(FORMS, k=count)
    parts = zip(forms, words, others, range(rng.randrange(100_000), 200_000), strict=False)
    return " ".join(form.format(word, other, number) for form, word, other, number in parts)


def exchange(content: str, account: int, path: str = "/v1/chat/completions") -> bytes:
    """Write a whole HTTP request."""
    body = json.dumps(
        {"model": "m-large", "messages": [{"role": "user", "content": content}]}
    ).encode()
    return head(account, path, len(body)) + body


SDK = "".join(
    f"x-stainless-{name}\r\n"
    for name in (
        "lang: python",
        "package-version: 3.54.0",
        "os: Linux",
        "arch: x64",
        "runtime: CPython",
        "runtime-version: 3.12.3",
        "async: false",
        "retry-count: 0",
        "read-timeout: 600",
    )
)
"""What OpenAI's own client sends of itself."""


def head(account: int, path: str, length: int, upstream: int | None = None) -> bytes:
    """Write a request's head; Portkey's gateway is told its upstream in every request's."""
    portkey = (
        f"x-portkey-provider: openai\r\nx-portkey-custom-host: http://127.0.0.1:{upstream}/v1\r\n"
        if upstream
        else ""
    )
    return (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: OpenAI/Python 3.54.0\r\n"
        f"authorization: Bearer sk-benchmark-{account}\r\ncontent-type: application/json\r\n"
        f"accept: application/json\r\naccept-encoding: identity\r\n{SDK}{portkey}"
        f"content-length: {length}\r\n\r\n"
    ).encode()


def stream(
    tokens: int, path: str, seed: str, *, upstream: int, history: int = 0, streamed: bool = False
) -> Iterator[bytes]:
    """Write requests faster than any server answers: two prepared halves, never the same pair.

    A word of letters that no other request has stands in each of their sentences: halves that came
    back as they were would be what many accounts share, which is a template and not new text.

    `history` bytes of earlier turns are resent before the `tokens` new ones, an account's always
    the same: what a chat does. The same seed gives the same requests: one for each server.
    """
    first, second, histories = _prepared(tokens, history, seed)
    opening = b'{"model":"m-large",%s"messages":[' % (b'"stream":true,' if streamed else b"")
    before = [opening + turns + b'{"role":"user","content":"' for turns in histories]
    accounts = len(before)
    after = b'"}]}'
    heads = [head(n, path, 0, upstream)[: -len(b"0\r\n\r\n")] for n in range(accounts)]
    for number in itertools.count():
        own = _word(number)
        one = first[number % _HALVES].replace(_OWN, own)
        other = second[(number + number // _HALVES) % _HALVES].replace(_OWN, own)
        account = number % accounts
        length = len(before[account]) + len(one) + 1 + len(other) + len(after)
        size = b"%d\r\n\r\n" % length
        yield b"".join((heads[account], size, before[account], one, b" ", other, after))


@lru_cache(2)
def _prepared(tokens: int, history: int, seed: str) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Write what requests are put together from: two halves of new text, and the histories."""
    rng = random.Random(seed)
    first, second = (
        [_open(json.dumps(text(rng, tokens // 2))[1:-1].encode()) for _ in range(_HALVES)]
        for _ in range(2)
    )
    accounts = ACCOUNTS if not history else TALKING if history < _LONG else _FEW
    return first, second, [_turns(rng, history) for _ in range(accounts)]


def _open(half: bytes) -> bytes:
    """Leave a place for a word in each sentence of a half."""
    for end in (b". ", rb"\n\n"):
        half = half.replace(end, b" " + _OWN + end)
    return half + b" " + _OWN


def _word(number: int) -> bytes:
    """Write a number in letters, which unlike digits tell texts apart."""
    return bytes(_LETTERS[int(digit)] for digit in str(number))


_OWN = b"~"
_LETTERS = b"bdfgklmnrs"
_HALVES = 1000
_LONG, _FEW = 100_000, 8
"""Bytes of history from which fewer accounts are played, so that preparing them stays short."""


def _turns(rng: random.Random, size: int) -> bytes:
    """Write some `size` bytes of earlier turns, an answer after each question."""
    turns: list[bytes] = []
    written = 0
    while written < size:
        role = "assistant" if len(turns) % 2 else "user"
        content = json.dumps(text(rng, min(500, max(20, (size - written) // 4))))
        turns.append(b'{"role":"%s","content":%s},' % (role.encode(), content.encode()))
        written += len(turns[-1])
    return b"".join(turns)
