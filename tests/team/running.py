"""Real servers for the tests: PostgreSQL and Redis, each in a folder of its own, started on a free port."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

PASSWORD = "s3cret-of-a-test"
_LONGEST_S = 60


def postgres_programs() -> Path | None:
    """Where the programs of PostgreSQL are: on the path, or where Debian puts the newest."""
    found = shutil.which("initdb")
    if found and shutil.which("postgres"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return folders[-1] if folders else None


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


class Postgres:
    """A cluster with one user `tierwise`, who has a password and may make databases."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        self._become = _somebody_without_rights()
        self._n_databases = 0
        self._shared = ""
        self.port = free_port()

    def create(self) -> None:
        """Make the cluster."""
        if self._become:
            os.chown(self._folder, int(self._become[1].partition("=")[2]), -1)
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        place = ["-D", self._folder / "cluster", "-U", "tierwise", f"--pwfile={secret}"]
        options = ["--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        command = [*self._become, self._programs / "initdb", *place, *options]
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, check=False, timeout=_LONGEST_S
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_connections": "40",
        }
        pairs = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [*self._become, self._programs / "postgres", "-D", self._folder / "cluster", *pairs]
        self._process = _started(command, self._folder)
        _wait(lambda: psycopg.connect(self.url("postgres"), password=PASSWORD).close(), self._process)

    def stop(self) -> None:
        """Stop it at once: its clients notice, its files do not mind."""
        if self._process is not None:
            # The immediate shutdown; the server's children go with it.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_LONGEST_S)
            self._process = None

    def url(self, database: str, port: int | None = None) -> str:
        """The address of a database, without the password."""
        return f"postgresql://tierwise@127.0.0.1:{port or self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; returns its name."""
        self._n_databases += 1
        name = f"team{self._n_databases}"
        with psycopg.connect(self.url("postgres"), password=PASSWORD, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return name

    def emptied(self) -> str:
        """A database that all examples of a property share, without what the one before left in it."""
        self._shared = self._shared or self.new_database()
        with psycopg.connect(self.url(self._shared), password=PASSWORD, autocommit=True) as connection:
            connection.execute("SET client_min_messages = 'warning'")
            connection.execute("DROP SCHEMA IF EXISTS tierwise CASCADE")
        return self._shared


class Redis:
    """A server that keeps nothing on disk and wants a password."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD]
        self._process = _started(["redis-server", *options], self._folder)
        _wait(self._ping, self._process)

    def stop(self) -> None:
        """Stop it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_LONGEST_S)
            self._process = None

    @property
    def url(self) -> str:
        """The address, without the password."""
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> "redis.Redis[bytes]":
        """A connection of the test's own."""
        return redis.Redis(port=self.port, password=PASSWORD)

    def _ping(self) -> None:
        with self.client() as client:
            client.ping()


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for a module of tests; skips where there is none."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; on Debian `apt-get install postgresql` brings it")
    with tempfile.TemporaryDirectory(prefix="tierwise-postgres-") as name:
        server = Postgres(Path(name), programs)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def running_redis() -> Iterator[Redis]:
    """A Redis server for a module of tests; skips where there is none."""
    if shutil.which("redis-server") is None:
        pytest.skip("Redis is not installed; on Debian `apt-get install redis-server` brings it")
    with tempfile.TemporaryDirectory(prefix="tierwise-redis-") as name:
        server = Redis(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _somebody_without_rights() -> list[str]:
    """How to become a user that PostgreSQL runs as, since it refuses root."""
    if os.getuid():
        return []
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    pytest.skip("PostgreSQL refuses to run as root, and there is no other user")


def _started(command: list[Any], folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _wait(ask: Callable[[], None], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _LONGEST_S
    while True:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            ask()
        except (psycopg.Error, redis.RedisError, OSError):
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.02)
        else:
            return
