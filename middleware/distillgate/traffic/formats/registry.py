"""The formats by their names. To add one: write its file, and list it here."""

from collections.abc import Mapping

from distillgate.traffic.formats.azure import AZURE
from distillgate.traffic.formats.bedrock import BEDROCK
from distillgate.traffic.formats.cloudflare import CLOUDFLARE
from distillgate.traffic.formats.envoy import ENVOY
from distillgate.traffic.formats.form import Format
from distillgate.traffic.formats.helicone import HELICONE
from distillgate.traffic.formats.langfuse import LANGFUSE
from distillgate.traffic.formats.litellm import LITELLM
from distillgate.traffic.formats.openai_batch import OPENAI_BATCH
from distillgate.traffic.formats.otel import OTEL

FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        AZURE, BEDROCK, CLOUDFLARE, ENVOY, HELICONE, LANGFUSE, LITELLM, OPENAI_BATCH, OTEL,
    )
}  # fmt: skip
