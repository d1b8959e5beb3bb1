"""What is suggested at a place of a settings file; `$0` marks the cursor."""

import pytest

from tierwise.config.completing import Suggestion, suggest


def suggested(marked: str) -> dict[str, Suggestion]:
    """The suggestions by their label."""
    found = suggest(marked.replace("$0", ""), marked.index("$0"))
    assert len({one.label for one in found}) == len(found)
    return {one.label: one for one in found}


@pytest.mark.parametrize(
    ("marked", "some", "none"),
    [
        ("$0", {"tiers", "budgets", "privacy"}, {"enabled"}),
        ("[tiers.bulk]\n$0", {"enabled", "models"}, {"tiers"}),
        ("[tiers.bulk]\nenabled = true\nmo$0", {"models"}, {"tiers"}),
        ("[tiers]\nbulk.$0", {"enabled", "models"}, {"bulk"}),
        ("[$0", {"tiers", "tiers.bulk", "limits.deadline_s", "backends", "models"}, {"tiers.bulk.enabled"}),
        ("[tiers.b$0", {"tiers.bulk"}, set()),
        ("[tiers.bulk]\nenabled = $0", {"true", "false"}, set()),
        ("[tiers.bulk]\nenabled = t$0", {"true"}, set()),
        ('[actions.format]\ntier = "$0', {"local", "bulk", "top"}, {"true"}),
        ("[actions.my_own]\n$0", {"title", "instructions", "tier"}, set()),
        ("[backends.work]\n$0", {"type", "base_url", "host", "api_key_env"}, set()),
        ("[backends.work]\ntype = $0", {"openai", "ollama", "anthropic", "llamacpp", "scripted"}, set()),
        ('[models."zai/glm-5.1"]\n$0', {"window", "input_usd_per_million"}, set()),
        ("[nothing.here]\n$0", set(), {"tiers"}),
        ("[tiers.bulk]\nmodels = [$0", set(), {"tiers", "true"}),
        ("# a comment $0", set(), {"tiers"}),
    ],
)
def test_suggestions(marked: str, some: set[str], none: set[str]) -> None:
    found = suggested(marked).keys()
    assert some <= found
    assert not none & found


def test_what_was_typed_is_replaced_and_words_say_what_it_is_for() -> None:
    models = suggested("[tiers.bulk]\nmo$0")["models"]
    assert (models.insert, models.replaces) == ("models = ", 2)
    assert "one to ask first" in models.words
    openai = suggested('[backends.work]\ntype = "op$0')["openai"]
    assert (openai.insert, openai.replaces) == ('"openai"', 3)
    assert suggested("$0")["tiers"].insert == "tiers."
