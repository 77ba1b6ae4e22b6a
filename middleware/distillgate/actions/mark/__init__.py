"""Measure: a provenance mark in the answers a suspected group gets, and the test for it.

After "Asking Back: Interaction-Layer Antidistillation Watermarks" (arXiv 2605.16462): a line in the
system prompt has the model end some answers with a question back, and who trains on the answers
inherits the habit. What is ours is the key: which words the questions begin with. It makes the mark
one group's own, and the test for it exact.
"""
