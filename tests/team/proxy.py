"""A way to a real server that can be cut, made to hang, and opened again."""

import contextlib
import socket
import threading
from typing import Literal

State = Literal["open", "cut", "silent"]
_CHUNK = 65_536


class Proxy:
    """Passes bytes on to a port of this machine.

    `open` passes on; `cut` closes what stands and refuses what comes; `silent` takes connections and bytes and passes
    nothing on, as a network that swallows packets.
    """

    def __init__(self, port: int, *, replace: tuple[bytes, bytes] | None = None) -> None:
        """`replace` puts other bytes, as many, into what the server says."""
        self._target = ("127.0.0.1", port)
        self._replace = replace
        self._state: State = "open"
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._is_closed = False
        self._may_pass = threading.Event()
        self._may_pass.set()
        self.n_accepted = 0
        self._listen(0)
        self.port = self._port()

    def set(self, state: State) -> None:
        """Change what happens to connections, those that stand included."""
        self._state = state
        if state == "cut":
            self._stop_listening()
            self._drop_all()
        elif self._listener is None:
            self._listen(self.port)
        if state == "silent":
            self._may_pass.clear()
        else:
            self._may_pass.set()

    def close(self) -> None:
        """End everything."""
        self._is_closed = True
        self._may_pass.set()
        self._stop_listening()
        self._drop_all()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _listen(self, port: int) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _port(self) -> int:
        assert self._listener is not None
        port: int = self._listener.getsockname()[1]
        return port

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.n_accepted += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket()
        with self._lock:
            self._sockets |= {client, server}
        try:
            self._may_pass.wait()
            server.connect(self._target)
        except OSError:
            self._drop(client, server)
            return
        threading.Thread(target=self._pass_on, args=(client, server, None), daemon=True).start()
        self._pass_on(server, client, self._replace)

    def _pass_on(self, source: socket.socket, sink: socket.socket, replace: tuple[bytes, bytes] | None) -> None:
        try:
            while chunk := source.recv(_CHUNK):
                self._may_pass.wait()
                sink.sendall(chunk if replace is None else chunk.replace(*replace))
        except OSError:
            pass
        finally:
            self._drop(source, sink)

    def _drop_all(self) -> None:
        with self._lock:
            sockets = tuple(self._sockets)
        self._drop(*sockets)

    def _drop(self, *sockets: socket.socket) -> None:
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
            with self._lock:
                self._sockets.discard(sock)
