"""The policy: which tiers may try an action, in which order, and why. Pure."""
