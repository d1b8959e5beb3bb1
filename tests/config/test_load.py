"""What settings mean: precedence, provenance, and a sentence for everything that does not apply."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.loading import check_good, codes, load
from tierwise.config import DEFAULTS, Config, explain, load_config, user_config_file
from tierwise.routing.tiers import Tier


def test_nothing_configured_means_the_defaults(tmp_path: Path) -> None:
    loaded = check_good(load(tmp_path))
    assert loaded.config == DEFAULTS == Config()
    assert set(loaded.sources.values()) == {"built-in default"}


def test_every_default_model_stands_on_a_default_backend() -> None:
    refs = [ref for tier in (Tier.LOCAL, Tier.BULK, Tier.TOP) for ref in DEFAULTS.tier(tier).models]
    assert len(refs) == 6
    assert all(DEFAULTS.backend_of(ref) is not None for ref in refs)
    assert [DEFAULTS.keeps_on_this_machine(ref) for ref in refs] == [True, True, False, False, False, False]


SOURCES: list[tuple[dict[str, Any], str, str, str]] = [
    ({}, "log.level", "warning", "built-in default"),
    ({"user": "log.level = 'info'"}, "log.level", "info", "user file"),
    ({"user": "log.level = 'info'", "editor": {"log": {"level": "debug"}}}, "log.level", "debug", "editor settings"),
    (
        {"editor": {"log": {"level": "debug"}}, "env": {"TIERWISE_LOG_LEVEL": "error"}},
        "log.level",
        "error",
        "environment variable TIERWISE_LOG_LEVEL",
    ),
    ({"editor": {"log": {"level": None}}, "user": "log.level = 'info'"}, "log.level", "info", "user file"),
    ({"editor": {"log.level": "info"}}, "log.level", "info", "editor settings"),
    ({"editor": {"tierwise": {"log": {"level": "info"}}}}, "log.level", "info", "editor settings"),
    ({"env": {"TIERWISE_LEDGER": "/x/l.db"}}, "ledger.path", "/x/l.db", "environment variable TIERWISE_LEDGER"),
]


@pytest.mark.parametrize(("sources", "key", "value", "source"), SOURCES)
def test_the_strongest_source_wins_and_is_named(
    tmp_path: Path, sources: dict[str, Any], key: str, value: str, source: str
) -> None:
    loaded = check_good(load(tmp_path, **sources))
    found = {explained.key: explained for explained in explain(loaded)}[key]
    assert found.value == value
    assert found.source.startswith(source)


def test_every_value_is_explained(tmp_path: Path) -> None:
    keys = [explained.key for explained in explain(load(tmp_path))]
    assert len(keys) == len(set(keys))
    assert {"tiers.local.models", "backends.zai.base_url", 'models."zai/glm-5.1".window', "actions"} <= set(keys)


def test_environment_names_models_and_switches_tiers_off(tmp_path: Path) -> None:
    env = {"TIERWISE_LOCAL_MODELS": "ollama/a:1, embedded/b", "TIERWISE_DISABLED_TIERS": "top"}
    config = check_good(load(tmp_path, env=env)).config
    assert config.tiers.local.models == ("ollama/a:1", "embedded/b")
    assert not config.tiers.top.enabled
    assert config.tiers.bulk.enabled


def test_privacy_patterns_of_all_sources_count(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        user="[privacy]\nnever_send = ['*.sql', '.env']\nlocal_only = ['legal/']",
        editor={"privacy": {"never_send": ["*.csv"]}},
        workspace="[privacy]\nlocal_only = ['*']",
    )
    privacy = check_good(loaded).config.privacy
    assert privacy.never_send == (*DEFAULTS.privacy.never_send, "*.sql", "*.csv")
    assert privacy.local_only == ("legal/", "*")
    assert loaded.sources["privacy.never_send"].count(" + ") == 2


def test_a_backend_of_another_type_takes_nothing_of_the_old_one(tmp_path: Path) -> None:
    user = "[backends.ollama]\ntype = 'openai'\nbase_url = 'http://127.0.0.1:8000/v1'"
    options = check_good(load(tmp_path, user=user)).config.backends["ollama"]
    assert options.type == "openai"


def test_a_backend_keeps_what_is_not_said_again(tmp_path: Path) -> None:
    config = check_good(load(tmp_path, user="[backends.zai]\nconcurrency = 1")).config
    assert config.backends["zai"] == DEFAULTS.backends["zai"].model_copy(update={"concurrency": 1})


def test_prices_are_exact(tmp_path: Path) -> None:
    user = "[models.'zai/glm-5.1']\ninput_usd_per_million = 0.435\noutput_usd_per_million = '1.74'"
    override = check_good(load(tmp_path, user=user)).config.override_of("zai/glm-5.1")
    assert (override.input_usd_per_million, override.output_usd_per_million) == (Decimal("0.435"), Decimal("1.74"))
    assert override.window == 200_000


OWN_ACTION = """
[actions.explain_error]
title = "Explain the error in {target}"
instructions = "Add a comment that explains it"
kind = "quickfix"
tier = "local"
scope = "selection"
languages = ["python"]
[actions.refactor]
tier = "top"
[actions.document]
enabled = false
"""


def test_actions_of_ones_own_and_changed_ones(tmp_path: Path) -> None:
    loaded = check_good(load(tmp_path, user=OWN_ACTION))
    actions = loaded.config.actions
    assert actions["explain_error"].title == "Explain the error in {target}"
    assert actions["refactor"].tier == "top"
    assert not actions["document"].enabled
    assert loaded.workspace_actions == frozenset()


BAD: list[tuple[str, str, str, int | None]] = [
    # the file, the problem's code, words of its sentence, its line
    ("log.level = \n", "not-toml", "is not TOML: invalid value", 1),
    ("a = 1\nb = [1,\n", "not-toml", "the file ends too early", 3),
    ("x = " + "[" * 5000, "not-toml", "nested too deeply", None),
    ("x = " + "1" * 5000, "not-toml", "a number is too long", None),
    ("[limit]\n", "unknown-key", "'limit' is not a setting, did you mean 'limits'", 1),
    ("[log]\nlevel = 'info'\nlvl = 1\n", "unknown-key", "'log.lvl' is not a setting, did you mean 'level'", 3),
    ("[tiers.topp]\n", "unknown-key", "'tiers.topp' is not a setting, did you mean 'top'", 1),
    ("[backends.zai]\nbase_uri = 'x'\n", "unknown-key", "did you mean 'base_url'", 2),
    ("[backends.zai]\nurl = 'x'\n", "unknown-key", "'backends.zai.url' is not a setting, did you mean 'base_url'", 2),
    ("[backends.zai]\napi_key = 'sk-geheim'\n", "unknown-key", "keys do not belong into settings", 2),
    ("[backends.mine]\nhost = 'http://x'\n", "bad-value", "'backends.mine' needs a type", 1),
    ("[backends.m]\ntype = 'olama'\n", "bad-value", "'backends.m' needs a type, one of 'ollama'", 1),
    ("[backends.m]\ntype = 'openai'\n", "missing-key", "'backends.m.base_url' is missing", 1),
    ("[backends.zai]\nbase_url = 'ftp://x'\n", "bad-value", "'backends.zai.base_url' is refused", 2),
    ("[tiers.top]\nenabled = 'yes'\n", "bad-value", "'tiers.top.enabled' should be true or false", 2),
    ("[tiers.top]\nenabled = 1\n", "bad-value", "should be true or false", 2),
    ("[tiers.top]\nmodels = 'x/y'\n", "bad-value", "'tiers.top.models' should be a valid tuple", 2),
    ("[tiers.top]\nmodels = ['claude']\n", "bad-value", "should be <backend>/<model>", 2),
    ("[tiers.top]\nmodels = ['opnai/x']\n", "unknown-backend", "did you mean 'openai'", 2),
    ("[tiers.top]\nmodels = ['qqq/x']\n", "unknown-backend", "add [backends.qqq] or take the entry out", 2),
    ("[roles]\njudge = 'nobody/x'\n", "unknown-backend", "roles.judge names the backend 'nobody'", 2),
    ("[models.'nobody/x']\nwindow = 4096\n", "unknown-backend", "names the backend 'nobody'", 1),
    ("[models.'zai/x']\ninput_usd_per_million = 1\n", "bad-value", "a price needs both", 1),
    ("[models.'zai/x']\nwindow = 3.5\n", "bad-value", "should be a valid integer", 2),
    ("[limits]\nmax_attempts = true\n", "bad-value", "'limits.max_attempts' should be a valid integer", 2),
    ("[limits]\nmax_attempts = 1000\n", "bad-value", "should be less than or equal to 20", 2),
    ("[limits.deadline_s]\ntop = nan\n", "bad-value", "should be a finite number", 2),
    ("[checks]\nallow_running_tests = 'always'\n", "bad-value", "should be 'never' or 'sandbox'", 2),
    ("[privacy]\nnever_send = ['a', '']\n", "bad-value", "a pattern must be one line of text", 2),
    ("[actions.refactor]\ntitle = 'X'\n", "built-in-action", "'refactor' is a built-in action", 2),
    ("[actions.refactr]\nenabled = false\n", "action-unknown", "did you mean 'refactor'", 1),
    ("[actions.mine]\ntitle = 'X'\n", "action-incomplete", "the action 'mine' needs instructions", 1),
    ("[actions.Mine]\ntitle = 'X'\ninstructions = 'y'\n", "bad-value", "should be a plain name", 1),
    ("[actions.add_typehints]\ntitle = 'X'\ninstructions = 'y'\nkind = 'notebook'\n", "bad-value", "plain name", 4),
    ("[actions.mine]\ntitle = 'X'\ninstructions = 'y'\nkind = 'source.fixAll.x'\n", "bad-value", "by themselves", 4),
    ("native = 3\n", "bad-value", "'native' should be a table of NativeOptions", 1),
]


@pytest.mark.parametrize(("text", "code", "words", "line"), BAD, ids=[repr(case[0][:40]) for case in BAD])
def test_what_does_not_apply_gets_one_sentence(
    tmp_path: Path, text: str, code: str, words: str, line: int | None
) -> None:
    loaded = load(tmp_path, user=text)
    problem = loaded.problems[0]
    assert (problem.code, problem.path, problem.line) == (code, tmp_path / "config.toml", line)
    assert words in problem.words
    assert not problem.words.endswith(".")
    assert not loaded.is_good
    assert "geheim" not in str(loaded.problems)


def test_one_bad_key_leaves_the_others_alone(tmp_path: Path) -> None:
    user = "[log]\nlevel = 'loud'\n[tiers.local]\nmodels = ['ollama/x', 'nobody/y', 'embedded/z']\n"
    user += "[ledger]\npath = '/l'"
    loaded = load(tmp_path, user=user)
    assert codes(loaded) == ["bad-value", "unknown-backend"]
    assert loaded.config.log.level == "warning"
    assert loaded.config.tiers.local.models == ("ollama/x", "embedded/z")
    assert loaded.config.ledger.path == "/l"


def test_a_backend_with_a_misspelled_key_is_told_by_that_key(tmp_path: Path) -> None:
    user = "[tiers.bulk]\nmodels = ['mine/m']\n[backends.mine]\ntype = 'openai'\nadress = 'http://127.0.0.1:9'\n"
    told = {problem.code: problem.words for problem in load(tmp_path, user=user).problems}
    assert told["unknown-key"] == "'backends.mine.adress' is not a setting, did you mean 'base_url'"
    assert told["missing-key"] == "'backends.mine.base_url' is missing"
    assert told["unknown-backend"].endswith("'mine', which is not usable until [backends.mine] is mended")


def test_a_table_that_is_wrong_in_two_ways_takes_no_other_with_it(tmp_path: Path) -> None:
    user = "[actions.Bad]\nkind = 'notebook'\n[actions.mine]\ntitle = 'Mine'\ninstructions = 'Do it'"
    loaded = load(tmp_path, user=user)
    assert codes(loaded)[0] == "bad-value"
    assert set(loaded.config.actions) == {"mine"}


def test_a_bad_pattern_goes_and_its_neighbors_stay(tmp_path: Path) -> None:
    user = f"[privacy]\nnever_send = {[f'u{i}' for i in range(40)]}"
    loaded = load(tmp_path, user=user, editor={"privacy": {"never_send": ["e1", "", "e2"]}})
    assert codes(loaded)[0] == "bad-value"
    assert loaded.config.privacy.never_send[-42:] == (*(f"u{i}" for i in range(40)), "e1", "e2")


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    user = b"\xef\xbb\xbf[log]\r\nlevel = 'info'\r\n"
    assert check_good(load(tmp_path, user=user)).config.log.level == "info"


@pytest.mark.parametrize("content", [b"\xff\xfel\x00o\x00g\x00", b"[log]\nlevel = '\xe9'\n"])
def test_other_encodings_are_named(tmp_path: Path, content: bytes) -> None:
    assert codes(load(tmp_path, user=content)) == ["not-utf-8", "guarded"]


def test_editor_settings_of_another_shape(tmp_path: Path) -> None:
    assert codes(load(tmp_path, editor=[1])) == ["bad-editor-settings", "guarded"]
    check_good(load(tmp_path, editor={"server": {"path": ["x"]}, "trace": {"server": "off"}}))


GUARDED = [
    ("[privacy]\nlocal_only = '*'\n", True),
    ("[privcy]\nlocal_only = ['*']\n", True),
    ("[tiers.top]\nenabled = 'no'\n", True),
    ("[tiers.tpo]\nenabled = false\n", True),
    ("[limits]\nmax_attempts = 'few'\n", True),
    ("[actions.refactr]\nenabled = false\n", True),
    ("broken", True),
    ("[log]\nlevel = 'loud'\n", False),
    ("[tiers.top]\nmodels = ['claude']\n", False),
    ("[actions.mine]\ntitle = 'X'\n", False),
    ("[backends.zai]\nbase_uri = 'x'\n", False),
    ("[colors]\n", False),
]


@pytest.mark.parametrize(("user", "is_guarded"), GUARDED)
def test_a_lost_protection_keeps_everything_on_this_machine(tmp_path: Path, user: str, is_guarded: bool) -> None:
    loaded = load(tmp_path, user=user, env={"TIERWISE_LOCAL_MODELS": "ollama-cloud/x,ollama/y,ollama/z:cloud"})
    tiers = loaded.config.tiers
    assert loaded.is_guarded is is_guarded
    assert ("guarded" in codes(loaded)) is is_guarded
    expected = ((), ()) if is_guarded else (("zai/glm-5.1", "ollama-cloud/glm-4.6"), tiers.top.models)
    assert (tiers.bulk.models, tiers.top.models) == expected
    assert tiers.local.models == (("ollama/y",) if is_guarded else ("ollama-cloud/x", "ollama/y", "ollama/z:cloud"))


def test_a_user_file_that_is_no_file(tmp_path: Path) -> None:
    loaded = load_config(user_file=tmp_path, env={})
    assert codes(loaded) == ["file-unreadable", "guarded"]


def test_a_user_file_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text("log.level = 'info'")
    (tmp_path / "link.toml").symlink_to("real.toml")
    assert check_good(load_config(user_file=tmp_path / "link.toml", env={})).config.log.level == "info"


def test_a_user_file_named_in_vain_is_a_note(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    loaded = load_config(user_file=missing, env={"TIERWISE_CONFIG": str(missing)})
    assert codes(loaded) == ["no-such-file"]
    assert loaded.is_good


def test_where_the_ledger_is(tmp_path: Path) -> None:
    assert load(tmp_path).ledger_path.name == "ledger.sqlite3"
    assert load(tmp_path, user="ledger.path = '/x/l.db'").ledger_path == Path("/x/l.db")
    assert load(tmp_path, user="ledger.path = 'team.db'").ledger_path == load(tmp_path).ledger_path.parent / "team.db"


def test_the_environment_names_the_user_file(tmp_path: Path) -> None:
    assert user_config_file({"TIERWISE_CONFIG": str(tmp_path)}) == tmp_path
    assert user_config_file({}).name == "config.toml"


def test_thousands_of_mistakes_end_soon(tmp_path: Path) -> None:
    user = "".join(f"k{i} = 1\n" for i in range(8000)) + f"[tiers.local]\nmodels = {['bad'] * 8000}\n"
    loaded = load(tmp_path, user=user)
    assert len(loaded.problems) == 101
    assert "more problems" in loaded.problems[-1].words
    assert loaded.config.tiers.local.models == ()
