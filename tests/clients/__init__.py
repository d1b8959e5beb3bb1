"""Editors that configure the server by hand: what they can do, and the pages that say so."""
