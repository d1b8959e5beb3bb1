"""Wrong addresses, wrong passwords, old servers, newer schemas: each is a sentence that says what to do."""

import sys
from pathlib import Path

import psycopg
import pytest

from store.ledgers import book
from team.proxy import Proxy
from team.running import PASSWORD, Postgres, free_port
from team.sharing import SOON_S, connected
from tierwise.config import load_config
from tierwise.config.team_options import TeamLedgerOptions
from tierwise.dispatch.team_servers import ledger_address
from tierwise.store.ledger import open_ledger
from tierwise.store.team import TeamAddress, open_team_server
from tierwise.store.team_address import POSTGRES_SCHEMES, read_address, refuse_clear
from tierwise.store.team_errors import TeamError
from tierwise.store.team_pushing import push
from tierwise.store.team_schema import STEPS
from tierwise.store.team_server import TeamServer


def check_refused(address: TeamAddress, code: str, *words: str) -> None:
    """Whoever connects is told so, and no password is in it."""
    server = open_team_server(address)
    with pytest.raises(TeamError) as caught, server.transaction(SOON_S):
        pass
    server.close()
    assert caught.value.code == code, caught.value
    for word in (*words, address.shown):
        assert word in caught.value.words
    assert PASSWORD not in caught.value.words
    assert not caught.value.words.endswith(".")


def test_a_wrong_password(postgres: Postgres) -> None:
    check_refused(TeamAddress(postgres.url("postgres"), "wrong"), "wrong-password", "password")


def test_no_password(postgres: Postgres) -> None:
    check_refused(TeamAddress(postgres.url("postgres"), ""), "wrong-password", "password")


def test_no_such_database(postgres: Postgres) -> None:
    check_refused(TeamAddress(postgres.url("nowhere"), PASSWORD), "bad-address", "create it")


def test_nobody_listens(postgres: Postgres) -> None:
    check_refused(TeamAddress(postgres.url("postgres", free_port()), PASSWORD), "unreachable", "work goes on here")


def test_a_server_that_does_not_speak_tls(postgres: Postgres) -> None:
    address = TeamAddress(f"{postgres.url('postgres')}?sslmode=require", PASSWORD)
    check_refused(address, "unencrypted", "allow_unencrypted")


def test_a_server_that_is_too_old(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url("postgres"), password=PASSWORD) as connection:
        version = connection.info.parameter_status("server_version")
    assert version is not None
    told = b"server_version\0" + version.encode()
    older = b"server_version\0" + b"9.6" + b" " * (len(version) - 3)
    with Proxy(postgres.port, replace=(told, older)) as proxy:
        check_refused(TeamAddress(postgres.url("postgres", proxy.port), PASSWORD), "server-too-old", "PostgreSQL 9")


def test_a_newer_schema(postgres: Postgres) -> None:
    database = postgres.new_database()
    newer = TeamServer(TeamAddress(postgres.url(database), PASSWORD), steps=(*STEPS, "SELECT 1"))
    with newer.transaction(SOON_S):
        pass
    newer.close()
    check_refused(TeamAddress(postgres.url(database), PASSWORD), "newer-schema", "update this one")


def test_an_older_schema_is_brought_up_to_date(postgres: Postgres, tmp_path: Path) -> None:
    database = postgres.new_database()
    ledger = open_ledger(tmp_path / "ledger.db")
    book(ledger)
    for steps in (STEPS, (*STEPS, "ALTER TABLE tierwise.actions ADD COLUMN more text")):
        server = TeamServer(TeamAddress(postgres.url(database), PASSWORD), steps=steps)
        push(ledger.database, server)
        server.close()
    ledger.close()


def test_a_user_without_rights(postgres: Postgres) -> None:
    database = postgres.new_database()
    with psycopg.connect(postgres.url("postgres"), password=PASSWORD, autocommit=True) as connection:
        connection.execute(f"CREATE USER guest_{database} PASSWORD '{PASSWORD}'".encode())
    url = postgres.url(database).replace("tierwise@", f"guest_{database}@")
    check_refused(TeamAddress(url, PASSWORD), "no-permission", "own the database")


def test_a_server_that_swallows_everything_is_not_waited_for(postgres: Postgres) -> None:
    with Proxy(postgres.port) as proxy:
        server = connected(postgres, postgres.new_database(), proxy.port)
        with server.transaction(SOON_S):
            pass
        proxy.set("silent")
        with pytest.raises(TeamError, match="in time"), server.transaction(0.2):
            pass
        proxy.set("open")
        with server.transaction(SOON_S) as remote:
            assert remote.execute("SELECT 1").fetchone() == (1,)
        server.close()


def test_without_the_library_there_is_the_command_that_brings_it(tmp_path: Path) -> None:
    names = [name for name in sys.modules if name.partition(".")[0] == "psycopg" or name.endswith("store.team_server")]
    kept = {name: sys.modules.pop(name) for name in names}
    sys.modules["psycopg"] = None  # type: ignore[assignment]
    try:
        with pytest.raises(TeamError, match=r"pip install 'tierwise\[team\]'") as caught:
            open_team_server(TeamAddress("postgresql://db.example.com/x"))
    finally:
        sys.modules.update(kept)
    assert caught.value.code == "missing-extra"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://db/x", "write it like 'postgresql://"),
        ("db.example.com", "write it like 'postgresql://"),
        ("postgresql://", "write it like 'postgresql://"),
        ("postgresql://db:port/x", "write it like 'postgresql://"),
        ("postgresql://ann:secret@db.example.com/x", "password_env"),
        ("postgresql://ann@db.example.com/x?password=secret", "password"),
        ("postgresql://ann@db.example.com/ x", "characters"),
    ],
)
def test_an_address_that_is_none_is_refused_in_the_settings(tmp_path: Path, url: str, words: str) -> None:
    own = tmp_path / "config.toml"
    own.write_text(f'[ledger.team]\nurl = "{url}"\n')
    loaded = load_config(user_file=own, env={})
    assert [words in str(problem) for problem in loaded.problems] == [True], loaded.problems
    assert "secret" not in str(loaded.problems[0])
    assert not loaded.config.ledger.team.is_set


@pytest.mark.parametrize("who", ["editor", "workspace"])
def test_only_the_users_own_file_names_a_server(tmp_path: Path, who: str) -> None:
    url = "postgresql://evil.example.com/x"
    (tmp_path / ".tierwise.toml").write_text(f'[ledger.team]\nurl = "{url}"\n' if who == "workspace" else "")
    editor = {"ledger": {"team": {"url": url}}, "cache": {"team": {"url": "rediss://evil.example.com"}}}
    loaded = load_config(
        workspace_roots=[tmp_path], trusted=True, editor_settings=editor if who == "editor" else None, env={}
    )
    assert not loaded.config.ledger.team.is_set
    assert not loaded.config.cache.team.is_set
    assert loaded.problems


@pytest.mark.parametrize(
    ("url", "is_here", "used"),
    [
        ("postgresql://db.example.com/x", False, "postgresql://db.example.com/x?sslmode=require"),
        ("postgresql://db.example.com/x?sslmode=verify-full", False, None),
        ("postgresql://db.example.com/x?sslmode=prefer", False, ""),
        ("postgresql://127.0.0.1:5433/x", True, None),
        ("postgresql://[::1]/x", True, None),
        ("postgresql:///x?host=/run/postgresql", True, None),
        ("postgresql://localhost,db.example.com/x", False, "postgresql://localhost,db.example.com/x?sslmode=require"),
        ("postgresql://localhost/x?hostaddr=192.0.2.1", False,
         "postgresql://localhost/x?hostaddr=192.0.2.1&sslmode=require"),
    ],
)  # fmt: skip
def test_nothing_leaves_in_clear(url: str, is_here: bool, used: str | None) -> None:
    address = read_address(url, POSTGRES_SCHEMES)
    assert address.is_here is is_here
    assert refuse_clear(address, is_allowed=True) == address
    if used == "":
        with pytest.raises(ValueError, match="allow_unencrypted"):
            refuse_clear(address, is_allowed=False)
    else:
        assert refuse_clear(address, is_allowed=False).url == (used or url)


@pytest.mark.parametrize(
    ("options", "env", "expected"),
    [
        ({"url": "postgresql://ann@localhost/x", "password_env": "PW"}, {"PW": "kept"}, ("ann@localhost", "kept")),
        ({"url_env": "URL"}, {"URL": "postgresql://ann:kept%40@localhost/x"}, ("ann@localhost", "kept@")),
        ({"url": "postgresql://localhost/x", "keyring_service": "mine"}, {}, ("localhost", "from mine")),
    ],
)
def test_where_a_password_comes_from(options: dict[str, str], env: dict[str, str], expected: tuple[str, str]) -> None:
    found = ledger_address(TeamLedgerOptions.model_validate(options), env, lambda service, _user: f"from {service}")
    assert (found.url, found.password) == (f"postgresql://{expected[0]}/x", expected[1])
    assert found.password not in repr(found)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "no server is configured"),
        ({"url_env": "URL"}, "'URL'"),
        ({"url": "postgresql://localhost/x", "password_env": "PW"}, "'PW'"),
        ({"url": "postgresql://localhost/x", "keyring_service": "mine"}, "keyring set mine"),
    ],
)
def test_what_is_missing_is_said(options: dict[str, str], words: str) -> None:
    with pytest.raises(TeamError, match=words) as caught:
        ledger_address(TeamLedgerOptions.model_validate(options), {}, lambda _service, _user: None)
    assert caught.value.code == "no-address"
