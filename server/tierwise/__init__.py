"""Tierwise: code actions carried out by language models, each on the cheapest tier that passes its checks."""

__version__ = "0.1.0"
