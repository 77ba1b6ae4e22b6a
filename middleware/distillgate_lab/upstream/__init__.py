"""An embedded upstream that speaks every API, and a real server in a thread. No model needed."""
