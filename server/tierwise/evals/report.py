"""The statistics as one HTML file that needs nothing beside it."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib import resources

from tierwise.config import Loaded
from tierwise.dispatch.opening import loaded_prices
from tierwise.dispatch.tripwire_telling import tripwire_json
from tierwise.evals.headline import headline
from tierwise.evals.report_charts import as_script, charts
from tierwise.evals.report_findings import Findings
from tierwise.evals.report_markup import text
from tierwise.evals.report_money import cards, caveats, days, saved, tiers, top_share
from tierwise.evals.report_quality import alarms, clicks, kept_answers, latency, quality, reasons
from tierwise.evals.savings import savings_beside
from tierwise.store.ledger import Ledger
from tierwise.store.stats import Stats

_ASSETS = resources.files("tierwise.evals") / "assets"


@dataclass(frozen=True, slots=True)
class Assets:
    """What the page carries along: a style, a chart library and the script that draws with it."""

    style: str
    library: str
    script: str


def read_assets() -> Assets:
    """The package's own. Raises OSError when the installation is broken."""
    names = ("report.css", "chart.min.js", "report.js")
    return Assets(*((_ASSETS / name).read_text("utf-8") for name in names))


def report_of(
    ledger: Ledger, loaded: Loaded, since: datetime | None, baseline: str | None = None, made_at: datetime | None = None
) -> tuple[Stats, str]:
    """The statistics of a ledger and their page; slow, since it loads the price table.

    `baseline` is the model that would have done everything, None the top tier's first. Raises LedgerError, LookupError
    with a sentence for a baseline of unknown price, and OSError when the installation is broken.
    """
    stats, config = ledger.stats(since), loaded.config
    findings = Findings(
        stats=stats,
        models=ledger.grouped("model", since),
        actions=ledger.grouped("action", since),
        languages=ledger.grouped("language", since),
        cells=ledger.grouped("cell", since),
        savings=savings_beside(stats, config, loaded_prices(), baseline),
        tripwire=tripwire_json(config, ledger.tripwire.cells(), ledger.tripwire.spent_today()),
        made_at=made_at,
    )
    return stats, report_html(findings, read_assets())


def report_html(findings: Findings, assets: Assets) -> str:
    """One page: no request to anywhere, light or dark as the reader's system is. Without scripts the tables remain."""
    stats = findings.stats
    drawn = charts(stats, findings.models.groups)
    parts = [
        "<header>",
        "<h1>What the models cost, and what came of it</h1>",
        f'<p class="faint">{text(_period(findings))}</p>',
        f'<p class="lead">{text(headline(stats))}</p>',
        "</header>",
        cards(findings),
        caveats(stats),
        top_share(stats),
        days(stats, drawn),
        tiers(stats, drawn),
        saved(findings),
        quality(findings),
        alarms(findings),
        latency(findings, drawn),
        reasons(stats, drawn),
        kept_answers(stats),
        clicks(findings),
    ]
    return _page("\n".join(part for part in parts if part), assets, as_script(drawn))


def _period(findings: Findings) -> str:
    since, made_at = findings.stats.since, findings.made_at
    period = "Everything in the ledger" if since is None else f"Since {since:%Y-%m-%d %H:%M} UTC"
    made = "" if made_at is None else f", written {made_at:%Y-%m-%d %H:%M} UTC"
    return f"{period}{made}. Money is in US dollars and cents; days are UTC."


def _page(body: str, assets: Assets, figures: str) -> str:
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in (assets.library, assets.script))
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>Tierwise: what was spent</title>\n<style>{assets.style}</style>\n</head>\n<body>\n<main>\n{body}\n"
        f'</main>\n<script type="application/json" id="figures">{figures}</script>\n'
        f"<script>{assets.library}</script>\n<script>{assets.script}</script>\n</body>\n</html>\n"
    )


def _digest(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()
