"""Who decided what, when and on what grounds: the audit log, and who is told of a challenge."""
