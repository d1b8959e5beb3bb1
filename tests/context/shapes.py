"""Made-up secrets in the shapes vendors give them, made anew for every run of the tests so that none lies in a file."""

import base64
import random
import string
from collections.abc import Callable

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
DIGITS = string.digits
URL_SAFE = LETTERS + "_-"
BASE64 = LETTERS + "+/"
BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


class Forge:
    """Makes secrets."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311

    def some(self, length: int, alphabet: str = LETTERS) -> str:
        """Characters at random, a digit and a letter of each kind among them where the alphabet has them."""
        sure = [self._chance.choice(part) for part in (DIGITS, "abcdef", "ABCDEF") if part[0] in alphabet]
        rest = [self._chance.choice(alphabet) for _ in range(length - len(sure))]
        mixed = [*sure, *rest]
        self._chance.shuffle(mixed)
        return "".join(mixed)

    def pem(self, kind: str) -> str:
        """A private key."""
        body = "\n".join(self.some(64, BASE64) for _ in range(12))
        return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----"

    def jwt(self) -> str:
        """A signed token."""
        parts = ('{"alg":"HS256","typ":"JWT"}', f'{{"sub":"{self.some(10)}","iat":1700000000}}')
        head = ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
        return f"{head}.{self.some(43)}"


VENDORS: dict[str, Callable[[Forge], str]] = {
    "github": lambda f: "ghp_" + f.some(36),
    "github-fine": lambda f: f"github_pat_{f.some(22)}_{f.some(59)}",
    "gitlab": lambda f: "glpat-" + f.some(20),
    "slack": lambda f: f"xoxb-{f.some(12, DIGITS)}-{f.some(12, DIGITS)}-{f.some(24)}",
    "slack-hook": lambda f: f"https://hooks.slack.com/services/T{f.some(8, UPPER)}/B{f.some(8, UPPER)}/{f.some(24)}",
    "stripe": lambda f: "sk_" + "live_" + f.some(24),
    "openai": lambda f: f"sk-proj-{f.some(74)}T3BlbkFJ{f.some(74)}",
    "anthropic": lambda f: f"sk-ant-api03-{f.some(93, URL_SAFE)}AA",
    "zai": lambda f: f"{f.some(32, HEX)}.{f.some(16)}",
    "google": lambda f: "AIza" + f.some(35, URL_SAFE),
    "npm": lambda f: "npm_" + f.some(36),
    "pypi": lambda f: "pypi-AgEIcHlwaS5vcmc" + f.some(70, URL_SAFE),
    "jwt": lambda f: f.jwt(),
    "sendgrid": lambda f: f"SG.{f.some(22)}.{f.some(43)}",
    "huggingface": lambda f: "hf_" + f.some(34, string.ascii_letters),
    "digitalocean": lambda f: "dop_v1_" + f.some(64, HEX),
    "databricks": lambda f: "dapi" + f.some(32, HEX),
    "linear": lambda f: "lin_api_" + f.some(40),
    "vault": lambda f: "hvs." + f.some(95),
    "shopify": lambda f: "shpat_" + f.some(32, HEX),
    "telegram": lambda f: f"{f.some(10, '123456789')}:AA{f.some(33)}",
    "mailgun": lambda f: "key-" + f.some(32, HEX),
    "twilio": lambda f: "SK" + f.some(32, HEX),
    "age": lambda f: "AGE-SECRET-KEY-1" + f.some(58, BECH32),
    "doppler": lambda f: "dp.pt." + f.some(43),
    "grafana": lambda f: f"glsa_{f.some(32)}_{f.some(8, HEX)}",
    "new-relic": lambda f: "NRAK-" + f.some(27, UPPER),
    "notion": lambda f: "ntn_" + f.some(46),
    "planetscale": lambda f: "pscale_tkn_" + f.some(43),
    "supabase": lambda f: "sbp_" + f.some(40, HEX),
    "groq": lambda f: "gsk_" + f.some(52),
    "perplexity": lambda f: "pplx-" + f.some(48),
    "xai": lambda f: "xai-" + f.some(80),
    "discord-hook": lambda f: f"https://discord.com/api/webhooks/{f.some(18, '123456789')}/{f.some(68)}",
    "aws": lambda f: "AKIA" + f.some(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "uri": lambda f: f"postgres://admin:{f.some(16)}@db.internal:5432/app",
}
KEYS: dict[str, Callable[[Forge], str]] = {
    kind: lambda f, kind=kind: f.pem(kind)  # type: ignore[misc]
    for kind in ("RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
}
WRAPPINGS: dict[str, Callable[[str], str]] = {
    "literal": lambda s: f'KEY = "{s}"',
    "call": lambda s: f'client = Client(auth("{s}"), timeout=3)',
    "comment": lambda s: f"# the old one: {s}",
    "export": lambda s: f"export TOKEN={s}",
    "yaml": lambda s: f"token: {s}",
    "json": lambda s: f'{{"token": "{s}"}}',
    "url": lambda s: f'fetch("https://x.example/?key={s}&page=2")',
    "header": lambda s: f'headers = {{"Authorization": "Bearer {s}"}}',
    "base64": lambda s: f'blob = "{base64.b64encode(s.encode()).decode()}"',
    "split": lambda s: f'key = "{s[:4]}" + "{s[4:]}"',
}
"""How secrets stand in code."""
GENERIC: dict[str, Callable[[Forge], str]] = {
    "password": lambda f: f'password = "{f.some(14)}!x9"',
    "DB_PASSWORD": lambda f: f'DB_PASSWORD="{f.some(16)}"',
    "api_key": lambda f: f'api_key = "{f.some(32)}"',
    "client_secret": lambda f: f'client_secret: "{f.some(32)}"',
    "in words": lambda f: f"# the root password is {f.some(12)}!7",
    "basic": lambda f: f"Authorization: Basic {base64.b64encode(f'user:{f.some(16)}'.encode()).decode()}",
    "azure": lambda f: f'"AccountName=x;AccountKey={f.some(86, BASE64)}==;EndpointSuffix=core.windows.net"',
}
