"""Tests in a real Neovim."""
