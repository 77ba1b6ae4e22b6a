"""One YAML file of every stage's settings: read strictly, explained when wrong, reloaded."""
