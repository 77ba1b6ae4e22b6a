"""The sidecar: the gate round a streaming relay."""
