"""A gate under load for long, with everything round it failing in turn."""
