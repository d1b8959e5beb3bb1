"""Secrets are found in whatever shape they stand, innocent code is left alone, and what comes back is what was sent."""

import re
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context.shapes import GENERIC, KEYS, VENDORS, WRAPPINGS, Forge
from tierwise.context.redaction import PREFIX, Vault
from tierwise.context.scanner import find_secrets, is_scanner_there
from tierwise.text import Rejection

AROUND = "import os\n\n\ndef connect(host):\n    {}\n    return Session(host, retries=3)\n"


def hidden(*texts: str) -> tuple[Vault, tuple[str, ...]]:
    """The texts without secrets."""
    vault = Vault(find_secrets, b"salt")
    return vault, vault.hide(texts)


def leaks(secret: str, shown: str) -> bool:
    """Whether the end of a secret's longest run of characters is still there."""
    return max(re.findall(r"[\w=+-]+", secret), key=len)[-12:] in shown


def caught(secrets: Sequence[tuple[str, str]]) -> float:
    """The share of (secret, line) pairs of which nothing is shown."""
    n_caught = sum(not leaks(secret, hidden(AROUND.format(line))[1][0]) for secret, line in secrets)
    return n_caught / len(secrets)


def test_the_scanner_is_there() -> None:
    assert is_scanner_there()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendors_keys_are_found_wherever_they_stand(vendor: str) -> None:
    made = [VENDORS[vendor](Forge(seed)) for seed in range(3)]
    plain = [name for name in WRAPPINGS if name not in ("base64", "split")]
    assert caught([(secret, WRAPPINGS[name](secret)) for secret in made for name in plain]) == 1


def test_disguised_keys_are_found() -> None:
    pairs = [
        (secret, WRAPPINGS[name](secret))
        for name in ("base64", "split")
        for vendor in VENDORS
        for secret in (VENDORS[vendor](Forge(5)),)
    ]
    wrapped = [(WRAPPINGS["base64"](s), line) if "blob" in line else (s[4:], line) for s, line in pairs]
    share = caught(wrapped)
    print(f"{share:.1%} of {len(wrapped)} keys in base64 or in pieces")
    assert 0.85 <= share


@pytest.mark.parametrize("kind", KEYS)
def test_private_keys_are_always_found(kind: str) -> None:
    key = KEYS[kind](Forge(1))
    for text in (key, f'KEY = """{key}"""', f"# {key}", key.replace("\n", "\\n"), key.rpartition("\n-----END")[0]):
        _, (shown,) = hidden(f"before\n{text}\nafter")
        assert not any(line in shown for line in key.split("\n")[1:-1])


@pytest.mark.parametrize("name", GENERIC)
def test_passwords_without_a_shape_are_found_by_what_stands_around_them(name: str) -> None:
    lines = [GENERIC[name](Forge(seed)) for seed in range(5)]
    secrets = [max(re.findall(r"[\w+/=!]{12,}", line.partition("is ")[2] or line), key=len) for line in lines]
    assert 0.8 <= caught(list(zip(secrets, lines, strict=True)))


@pytest.mark.parametrize(
    "line",
    [
        "password = getpass()",
        "token = request.headers['X-Token']",
        "self.password = password",
        "API_KEY = os.environ['API_KEY']",
        'api_key_env = "ANTHROPIC_API_KEY"',
        'commit = "8f14e45fceea167a5a36dedd4bea2543f1f0a3c9"',
        'uuid = "123e4567-e89b-12d3-a456-426614174000"',
        'integrity = "sha512-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuv=="',
        "raise TokenError('the token must be one of begin, end, name')",
        'secret_name = "projects/main/secrets/database"',
        "-----BEGIN CERTIFICATE-----",
        "password: str | None = None",
    ],
)
def test_ordinary_code_is_left_alone(line: str) -> None:
    text = AROUND.format(line)
    assert hidden(text)[1] == (text,)


@pytest.mark.slow
def test_how_often_innocent_code_is_taken_for_a_secret() -> None:
    roots = [Path(sysconfig.get_path("stdlib")), Path(__file__).parents[2] / "server"]
    files = [f for root in roots for f in root.rglob("*.py") if "site-packages" not in f.parts and "test" not in str(f)]
    texts = [text for file in files if (text := file.read_text("utf-8", errors="replace"))]
    started = time.process_time()
    n_found = sum(len(find_secrets(text)) for text in texts)
    seconds = time.process_time() - started
    n_lines, n_bytes = sum(text.count("\n") for text in texts), sum(map(len, texts))
    print(f"{n_found} in {n_lines} lines, {seconds / n_bytes * 1e8:.1f} ms of computing for 100 KB")
    assert n_found <= n_lines / 5000
    assert seconds / n_bytes * 1e5 <= 0.05


def test_the_same_secret_is_hidden_wherever_it_stands_and_looks_the_same() -> None:
    secret = VENDORS["github"](Forge(3))
    vault, (first, second) = hidden(f'A = "{secret}"', f"see {secret[:4]}{secret[4:]} again and x{secret}y")
    assert secret not in first + second
    (placeholder,) = vault.kinds
    assert second.count(placeholder) == 2
    assert vault.put_back(f"B = '{placeholder}'") == f"B = '{secret}'"


def test_a_secret_comes_back_as_json_writes_it() -> None:
    key = KEYS["RSA PRIVATE KEY"](Forge(2))
    vault, (shown,) = hidden(f'KEY = """{key}"""')
    back = vault.put_back(shown, is_json=True)
    assert isinstance(back, str)
    assert key.replace("\n", "\\n") in back


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.lower(),
        lambda p: p[:-1],
        lambda p: p + "0",
        lambda p: p.replace("_", "-"),
        lambda p: p.replace("_", " "),
        lambda p: PREFIX + "0000000000",
        lambda p: PREFIX,
    ],
)
def test_a_placeholder_that_came_back_altered_is_refused(change: object) -> None:
    vault, (shown,) = hidden(f'A = "{VENDORS["stripe"](Forge(4))}"')
    (placeholder,) = vault.kinds
    assert callable(change)
    back = vault.put_back(shown + "\n# " + change(placeholder))
    assert isinstance(back, Rejection)
    assert back.code == "altered-secret"


def test_a_document_that_speaks_of_placeholders_may_do_so() -> None:
    text = f'PREFIX = "{PREFIX}"\nA = "{VENDORS["npm"](Forge(4))}"'
    vault, (shown,) = hidden(text)
    assert vault.put_back(shown) == text


def test_a_secret_does_not_move_to_another_file() -> None:
    secret = VENDORS["gitlab"](Forge(6))
    vault, _ = hidden(f'A = "{secret}"')
    assert vault.moved_to(f'A = "{secret}"', f'B = "{secret}"') is None
    assert vault.moved_to("", f'B = "{secret}"') is not None
    assert vault.moved_to(None, "nothing") is None


@given(st.lists(st.sampled_from([*VENDORS, *KEYS]), max_size=4), st.text(max_size=80), st.integers(0, 99))
def test_what_goes_out_and_comes_back_unchanged_is_what_it_was(kinds: list[str], noise: str, seed: int) -> None:
    forge = Forge(seed)
    made = [(VENDORS | KEYS)[kind](forge) for kind in kinds]
    text = noise + "\n" + "\n".join(f'K{n} = "{secret}"' for n, secret in enumerate(made)) + noise
    vault, (shown,) = hidden(text)
    assert vault.put_back(shown) == text
