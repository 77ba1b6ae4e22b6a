"""Who decided what, when and on what grounds; who is told of challenges and of stolen keys."""
