"""Tests of the language server's parts, without processes."""
