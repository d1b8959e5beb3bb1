"""Worked cases of actions that need one for each language."""
