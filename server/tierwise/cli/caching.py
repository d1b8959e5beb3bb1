"""`tierwise cache stats|clear`: the answers that are kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from tierwise.cli.opening import load_for
from tierwise.cli.options import JsonOption
from tierwise.cli.output import console, print_json, refuse
from tierwise.config.cache_options import CacheOptions
from tierwise.store.cache import CacheFigures, ReplyCache, cache_beside
from tierwise.store.cache_errors import CacheError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
_NOTHING = CacheFigures(n_replies=0, n_bytes=0, n_hits=0, oldest_us=None)


@app.command()
def stats(as_json: JsonOption = False) -> None:
    """How many answers are kept, how much room they take, how often they were served."""
    options, path = _place()
    figures = _NOTHING
    if path.exists():
        cache = _opened(options, path)
        try:
            figures = cache.figures()
        except CacheError as err:
            refuse(err.code, err.words, as_json=as_json)
        finally:
            cache.close()
    oldest = None if figures.oldest_us is None else datetime.fromtimestamp(figures.oldest_us / 10**6, UTC)
    if as_json:
        print_json(
            {
                "path": str(path),
                "enabled": options.enabled,
                "replies": figures.n_replies,
                "bytes": figures.n_bytes,
                "maxBytes": options.max_mb * 2**20,
                "maxAgeDays": options.max_age_days,
                "hits": figures.n_hits,
                "oldest": None if oldest is None else oldest.isoformat(timespec="seconds"),
            }
        )
        return
    state = "" if options.enabled else " (switched off by cache.enabled)"
    since = "" if oldest is None else f", the oldest of {oldest:%Y-%m-%d}"
    console().print(
        f"{_answers(figures.n_replies)}{since}, served {_times(figures.n_hits)}; "
        f"{figures.n_bytes / 2**20:.1f} of {options.max_mb} MiB in {path}{state}",
        markup=False,
    )


@app.command()
def clear(as_json: JsonOption = False) -> None:
    """Forget every answer that is kept."""
    options, path = _place()
    n_dropped = 0
    if path.exists():
        cache = _opened(options, path)
        try:
            n_dropped = cache.clear()
        except CacheError as err:
            refuse(err.code, err.words, as_json=as_json)
        finally:
            cache.close()
    if as_json:
        print_json({"status": "done", "path": str(path), "dropped": n_dropped})
    else:
        console().print(f"{_answers(n_dropped)} forgotten", markup=False)


def _answers(n: int) -> str:
    return "1 answer" if n == 1 else f"{n:,} answers"


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"


def _place() -> tuple[CacheOptions, Path]:
    loaded = load_for(None)
    return loaded.config.cache, cache_beside(loaded.ledger_path)


def _opened(options: CacheOptions, path: Path) -> ReplyCache:
    return ReplyCache(path, max_bytes=options.max_mb * 2**20, max_age=timedelta(days=options.max_age_days))
