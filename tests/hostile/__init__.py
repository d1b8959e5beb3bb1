"""Repositories, names, files and ends of sessions that mean no good."""
