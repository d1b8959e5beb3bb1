"""The status item never rests on figures from before the last change."""

import asyncio
from pathlib import Path
from typing import Any

from tierwise.config import ConfigInputs
from tierwise.lsp.host import Host
from tierwise.lsp.status import StatusItem


class Listener:
    """A client that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def notify(self, method: str, params: Any) -> None:
        """Note the figures."""
        assert method == "tierwise/status"
        self.told.append(params)

    async def ask(self, method: str, params: Any, timeout_s: float = 60.0) -> Any:
        """Nobody asks here."""
        raise AssertionError(method)


async def test_what_changes_while_figures_are_read_is_told_after_them(tmp_path: Path) -> None:
    host = await Host.open(lambda: ConfigInputs(user_file=tmp_path / "none.toml", workspace_roots=(tmp_path,)))
    listener = Listener()
    item = StatusItem(listener, host)
    try:
        with host.lease():
            reading = asyncio.create_task(item.send())
            await asyncio.sleep(0)
            assert listener.told == []
        await asyncio.gather(*(item.send() for _ in range(20)))
        await reading
        assert [figures["busy"] for figures in listener.told] == [1, 0]
        await item.send()
        assert len(listener.told) == 3
    finally:
        await host.aclose()
