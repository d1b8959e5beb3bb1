"""Tests of the whole server over standard streams, with model servers behind real sockets."""
