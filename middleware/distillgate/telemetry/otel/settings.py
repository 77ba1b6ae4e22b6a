"""Where traces and metrics are sent. Reading this file imports nothing of OpenTelemetry's."""

from urllib.parse import urlsplit

from pydantic import field_validator

from distillgate.settings import Settings


class OtelSettings(Settings):
    """OpenTelemetry, by OTLP over HTTP; it needs the extra `otel`. Read at the start only.

    What else its exporters need (headers, certificates, sampling, the resource) they take from the
    variables of the environment that every program of OpenTelemetry's reads (`OTEL_...`).
    """

    endpoint: str | None = None
    """The collector's address, such as `http://127.0.0.1:4318`; null sends nothing."""
    traces: bool = True
    """Send the spans of every judged exchange, and hand its trace on to the upstream."""
    metrics: bool = True
    """Send the metrics, each minute or as `OTEL_METRIC_EXPORT_INTERVAL` says."""

    @field_validator("endpoint")
    @classmethod
    def _is_a_base_url(cls, value: str | None) -> str | None:
        """Refuse what would only fail when the first spans are sent."""
        parts = urlsplit(value or "")
        if value is not None and (parts.scheme not in ("http", "https") or not parts.hostname):
            bare = "://" not in value and "@" not in value
            hint = f"; did you mean `http://{value}`?" if bare else ""
            raise ValueError(f"must look like http://HOST:4318{hint}")
        base = parts.path.removesuffix("/v1/traces").removesuffix("/v1/metrics")
        if value is not None and base != parts.path:
            plain = (
                "" if "@" in value else f"; did you mean `{parts.scheme}://{parts.netloc}{base}`?"
            )
            raise ValueError(f"is the collector's base: {parts.path[len(base) :]} is added{plain}")
        return value
