"""The one place where tests of appliers touch the appliers."""

from collections.abc import Mapping

from tierwise.edits import Applied, ReplyFormat, apply_reply
from tierwise.text import Rejection


def check_reply(
    reply: str,
    base: Mapping[str, str],
    changed: Mapping[str, str | None] | str,
    current: Mapping[str, str] | None = None,
    form: ReplyFormat = ReplyFormat.AUTO,
) -> None:
    """Apply a reply; `changed` are the files expected to change, or the code of the refusal expected."""
    result = apply_reply(reply, base, current, form)
    if isinstance(changed, str):
        assert isinstance(result, Rejection), f"applied: {result}"
        assert result.code == changed, result.detail
        assert result.detail
        assert not result.detail.endswith(".")
    else:
        assert isinstance(result, Applied), result
        assert dict(result.files) == dict(changed)


def block(old: str, new: str, path: str = "a.py", fence: str = "```") -> str:
    """A search/replace block in its plain dialect."""
    return f"{path}\n{fence}python\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n{fence}\n"
