"""`tierwise serve`: the language server on standard streams or on a socket. Kept free of what it does not need."""

import asyncio
import gc
import io
import logging
import os
import signal
import sys
from typing import NoReturn

from tierwise.lsp import process

USAGE = """usage: tierwise serve [--stdio | --tcp HOST:PORT]

  --stdio           speak the protocol on standard input and output (the default)
  --tcp HOST:PORT   wait for one client on a socket, serve it, and end
"""


def main(arguments: list[str]) -> NoReturn:
    """Serve one client and end the process: 0 after an orderly shutdown, 1 after any other end, 2 for wrong usage."""
    match arguments:
        case [] | ["--stdio"]:
            serve_stdio()
        case ["--tcp", address] if (place := _place(address)) is not None:
            serve_tcp(*place)
        case ["--help" | "-h"]:
            sys.stdout.write(USAGE)
            sys.exit(0)
        case ["--tcp", address]:
            sys.stderr.write(f"tierwise: {address!r} is no HOST:PORT, such as 127.0.0.1:4389 [usage]\n{USAGE}")
            sys.exit(2)
        case _:
            sys.stderr.write(f"tierwise: {' '.join(arguments)!r} is not understood [usage]\n{USAGE}")
            sys.exit(2)


def serve_stdio() -> NoReturn:
    """Serve on the standard streams, which nobody else can write to from here on."""
    protocol_in, protocol_out = process.claim_standard_streams()
    if not os.isatty(protocol_in):
        process.lead_own_group()
    _serve(protocol_in, protocol_out)


def serve_tcp(host: str, port: int) -> NoReturn:
    """Serve one client on a socket."""
    import ipaddress
    import socket

    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(address[:2], family=family, backlog=1)
    except (OSError, UnicodeError) as err:
        reason = getattr(err, "strerror", None) or err
        sys.stderr.write(
            f"tierwise: cannot wait on {host}:{port}: {reason}; name another address or port [no-socket]\n"
        )
        sys.exit(1)
    with listening:
        if not ipaddress.ip_address(address[0]).is_loopback:
            sys.stderr.write(f"tierwise: {host!r} is not this machine alone, anyone who reaches it can use your keys\n")
        sys.stderr.write(f"tierwise: waiting for a client on {host}:{listening.getsockname()[1]}\n")
        sys.stderr.flush()
        connection, _ = listening.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    descriptor = connection.detach()
    _serve(descriptor, descriptor)


def _serve(protocol_in: int, protocol_out: int) -> NoReturn:
    # Imports make many objects and little garbage; the server switches collection on again when it has settled.
    gc.disable()
    process.share_one_heap()
    # Where click and rich are installed, httpx imports them for a command line of its own.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    from tierwise.lsp.logs import set_up_logging
    from tierwise.lsp.server import TierwiseServer

    set_up_logging(getattr(logging, os.environ.get("TIERWISE_LOG", "").upper(), logging.WARNING))
    source = io.BufferedReader(io.FileIO(protocol_in, "rb"), 65536)
    sink = io.BufferedWriter(io.FileIO(protocol_out, "wb", closefd=False))

    async def serve() -> NoReturn:
        server = TierwiseServer()
        if sys.platform != "win32":
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, server.stop, 1)
        code = await server.serve(source, sink)
        # Not by returning: the loop would wait for every thread that is still at work.
        process.end_process(code)

    asyncio.run(serve())
    raise SystemExit(1)


def _place(address: str) -> tuple[str, int] | None:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or 65535 < int(port):
        return None
    return host.strip("[]"), int(port)
