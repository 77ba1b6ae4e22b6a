"""Telling the operator's own systems that somebody was challenged; off the path, and signed."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from pydantic import SecretStr, field_validator

from distillgate.errors import needs
from distillgate.settings import SecretUrl, Settings
from distillgate.text import nearest

SIGNATURE = "x-distillgate-signature"
"""`sha256=` and the hexadecimal HMAC-SHA256 of the body under the webhook's secret."""

_PAUSES = (1.0, 5.0)
"""Seconds before the second and the third attempt."""


_SECONDS = 10.0
"""How long one attempt may take."""


class WebhookSettings(Settings):
    """Whom to tell when an account is challenged, or its key may be stolen.

    Off unless an address is given.
    """

    url: SecretUrl | None = None
    """Gets a JSON document by POST, best as `${NAME}` where it holds a token; null tells nobody."""
    secret: SecretStr | None = None
    """Signs the body, best as `${NAME}`; null sends it unsigned."""

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            with needs("webhook"):
                import httpx2  # noqa: F401 - missing, it is the configuration's fault, not a post's
            parts = urlsplit(url.get_secret_value())
            if parts.scheme not in ("http", "https") or not parts.hostname:
                # The scheme alone is repeated: the rest may hold a secret.
                hint = nearest(parts.scheme, ("http", "https"))
                raise ValueError(f"must begin with http:// or https:// and name a host{hint}")
        return url


class Webhook:
    """Posts documents to one address."""

    def __init__(
        self, settings: WebhookSettings, *, failed: Callable[[str, BaseException], object]
    ) -> None:
        self._settings = settings
        self._failed = failed

    @property
    def wanted(self) -> bool:
        """Return whether anybody is to be told."""
        return self._settings.url is not None

    async def post(self, document: Mapping[str, Any]) -> None:
        """Post a document, at most three times; what fails in the end is told, not raised."""
        try:
            await self._post(document)
        except Exception as error:  # noqa: BLE001 - nobody waits for this task who could hear of it
            self._failed("webhook", error)

    async def _post(self, document: Mapping[str, Any]) -> None:
        with needs("webhook"):
            import httpx2

        assert self._settings.url is not None
        given = httpx2.URL(self._settings.url.get_secret_value())
        # Apart, because the client's own log names the address of every request.
        auth = httpx2.BasicAuth(given.username, given.password) if given.userinfo else None
        url = given.copy_with(userinfo=b"")
        body = orjson.dumps(document, default=str)
        headers = {"content-type": "application/json", **self._signature(body)}
        async with httpx2.AsyncClient(timeout=_SECONDS, trust_env=False, auth=auth) as client:
            for pause in (*_PAUSES, None):
                try:
                    answer = await client.post(url, content=body, headers=headers)
                    answer.raise_for_status()
                except httpx2.HTTPError:
                    if pause is None:
                        raise
                else:
                    return
                await asyncio.sleep(pause)

    def _signature(self, body: bytes) -> dict[str, str]:
        secret = self._settings.secret
        if secret is None:
            return {}
        digest = hmac.new(secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
        return {SIGNATURE: f"sha256={digest}"}
