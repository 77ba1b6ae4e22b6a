"""Evidence between cells of one operator: what each knows of its groups, told to the others."""
