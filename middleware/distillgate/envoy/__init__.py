"""An external processor for Envoy: decisions without relaying, by gRPC (the extra `envoy`)."""
