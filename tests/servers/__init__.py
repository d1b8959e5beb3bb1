"""Model servers for tests: both wires over real sockets, with every fault on demand."""
