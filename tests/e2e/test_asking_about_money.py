"""Before a model of the top tier is asked the user is, where that is wanted; no answer is a no."""

from pathlib import Path

import pytest
from lsprotocol import types

from e2e.editor import editing
from e2e.models import DOCUMENTED, MARKED, models

ALWAYS = '\n[budgets]\nask_before_top = "always"\n[tiers.bulk]\nenabled = false\n'


@pytest.mark.parametrize("agrees", [True, False])
async def test_the_user_is_asked(tmp_path: Path, agrees: bool) -> None:
    async with models() as served:
        config = served.config.replace('[tiers.bulk]\nmodels = ["far/medium"]\n', "") + ALWAYS
        async with editing(tmp_path / "ws", config, proposals=True) as editor:
            asked: list[types.ShowMessageRequestParams] = []

            @editor.client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
            def answer(params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
                asked.append(params)
                return params.actions[0] if agrees and params.actions else None

            where = editor.open("money.py", MARKED)
            result = await editor.begin("document", *where, "token")
            assert len(asked) == 1
            assert "large, a model of the top tier" in asked[0].message
            assert [action.title for action in asked[0].actions or ()] == ["Ask large"]
            asked_models = [call.model for call in served.book.chats]
            assert asked_models == (["large"] if agrees else ["small"])
            assert result["status"] == "applied"
            assert editor.texts[where[0]] == DOCUMENTED
