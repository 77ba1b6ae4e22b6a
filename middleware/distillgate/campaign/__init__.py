"""Accounts that act together: shared skeletons, groups, the evidence that one hand feeds them."""
