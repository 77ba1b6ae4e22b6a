"""What one request looks like: segments, sketches, style. Knows no other request."""
