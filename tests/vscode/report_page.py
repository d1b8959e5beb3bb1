"""Writes reports of made-up ledgers: python report_page.py FOLDER.

Into the folder go `month.html`, `empty.html`, `years.html` and `hostile.html`, and in `hostile.json` what of each
payload the page is to show.
"""

import itertools
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from store.rich import JUDGE, Month
from tierwise.config import Config
from tierwise.config.tripwire_options import TripwireOptions
from tierwise.dispatch.opening import loaded_prices
from tierwise.dispatch.tripwire_telling import tripwire_json
from tierwise.evals.report import read_assets, report_html
from tierwise.evals.report_findings import Findings
from tierwise.evals.report_markup import visible
from tierwise.evals.savings import savings_beside
from tierwise.store.ledger import Ledger, open_ledger

HIT = "globalThis.hit=1"
HOSTILE = (
    f"<script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"</ScRiPt ><script >{HIT}</script >",
    f"</style><script>{HIT}</script>",
    f"</title><script>{HIT}</script>",
    f"</textarea><script>{HIT}</script>",
    f"--><script>{HIT}</script><!--",
    f"]]><script>{HIT}</script>",
    f'"><img src=x onerror={HIT}>',
    f"'><img src=x onerror={HIT}>",
    f"<img src=x onerror={HIT}//",
    f"<svg onload={HIT}>",
    f"<svg><script>{HIT}</script></svg>",
    f"<svg><animate onbegin={HIT} attributeName=x dur=1s>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror={HIT}>",
    f"<details open ontoggle={HIT}>",
    f"<input autofocus onfocus={HIT}>",
    f"<body onload={HIT}>",
    f'" autofocus onfocus="{HIT}',
    f"' onmouseover='{HIT}",
    f"` onclick=`{HIT}",
    f'" style="--x:1" onpointerenter="{HIT}',
    f'<iframe srcdoc="<script>parent.{HIT}</script>">',
    f'<iframe src="javascript:parent.{HIT}">',
    f'<a href="javascript:{HIT}" autofocus>x</a>',
    f"javascript:{HIT}",
    f'<meta http-equiv="refresh" content="0;url=javascript:{HIT}">',
    '<base href="http://127.0.0.1:9/">',
    '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    '<img src="http://127.0.0.1:9/x.png">',
    "<object data='http://127.0.0.1:9/x'></object>",
    "<form action='http://127.0.0.1:9/'><button autofocus>x</button></form>",
    "</style><style>@import 'http://127.0.0.1:9/x.css';body{display:none}</style>",
    "red;background:url(http://127.0.0.1:9/x)",
    "\\u003cscript\\u003e" + HIT + "\\u003c/script\\u003e",
    "&lt;script&gt;" + HIT + "&lt;/script&gt;",
    "\u2028" + HIT + "\u2029",
    "__proto__",
    "constructor",
    "{{constructor.constructor('" + HIT + "')()}}",
    "${" + HIT + "}",
    "\u202e" + HIT + "\u2066\u200f",
    "\x1b]0;" + HIT + "\x07\x00\x1b[31m",
    "<scr\x00ipt>" + HIT + "</scr\x00ipt>",
    "W" * 480,
    "\u0645\u0631\u062d\u0628\u0627 <b>" + HIT + "</b>",
    "Z\u0351\u036b\u0343" * 60,
)
"""What somebody might have called a model, an action, a language or a folder."""
WRITTEN = datetime(2026, 4, 1, 9, tzinfo=UTC)


def page_of(ledger: Ledger, *, judge: str = JUDGE, notices: tuple[str, ...] = ()) -> str:
    """The report of a ledger, closed afterwards; `notices` are what else it has to say."""
    config = Config(tripwire=TripwireOptions(judge=JUDGE))
    stats = replace(ledger.stats(), notices=notices)
    tripwire = tripwire_json(config, ledger.tripwire.cells(), 0)
    findings = Findings(
        stats=stats,
        models=ledger.grouped("model"),
        actions=ledger.grouped("action"),
        languages=ledger.grouped("language"),
        cells=ledger.grouped("cell"),
        savings=savings_beside(stats, config, loaded_prices(), "claude-opus-4-5"),
        tripwire=tripwire | {"judge": judge},
        made_at=WRITTEN,
    )
    ledger.close()
    return report_html(findings, read_assets())


def main(target: Path) -> None:
    """All of them."""
    payloads = itertools.cycle(HOSTILE)
    with TemporaryDirectory() as name:
        folder = Path(name)
        pages = {
            "month": page_of(Month(folder / "month.sqlite3").fill()),
            "empty": page_of(open_ledger(folder / "empty.sqlite3")),
            "years": page_of(Month(folder / "years.sqlite3").fill(800, 4)),
            "hostile": page_of(
                Month(folder / "hostile.sqlite3", lambda _: next(payloads)).fill(8), judge=HOSTILE[0], notices=HOSTILE
            ),
        }
    for page, text in pages.items():
        (target / f"{page}.html").write_text(text, "utf-8")
    (target / "hostile.json").write_text(json.dumps([visible(payload) for payload in HOSTILE]), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
