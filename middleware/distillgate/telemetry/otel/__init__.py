"""OpenTelemetry: spans of exchanges, and the metrics once more, sent to a collector by OTLP."""
