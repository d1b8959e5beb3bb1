"""Checks that have to run a program: linters on a text, and new tests in a sandbox."""
