"""Generated files are up to date; run with UPDATE_SCHEMAS=1 to bring them up to date."""

import dataclasses
import json
import os
from pathlib import Path

import pytest

from tierwise.config.root import Config
from tierwise.config.schemas import SCHEMAS, field_docs, schema_text, write_schemas
from tierwise.config.vscode import update_manifest, vscode_configuration
from tierwise.store.rows import AttemptRow

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "schemas"
MANIFEST = ROOT / "client-vscode" / "package.json"
IS_UPDATE = os.environ.get("UPDATE_SCHEMAS") == "1"


@pytest.fixture(scope="session", autouse=IS_UPDATE)
def _bring_up_to_date() -> None:
    FOLDER.mkdir(exist_ok=True)
    write_schemas(FOLDER)
    if MANIFEST.exists():
        update_manifest(MANIFEST, write=True)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == schema_text(SCHEMAS[name]), "run `make schemas`"


def test_there_is_no_other_schema() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(SCHEMAS)


def test_the_extensions_manifest_is_up_to_date() -> None:
    if not MANIFEST.exists():
        pytest.skip("there is no client-vscode/package.json")
    assert update_manifest(MANIFEST, write=False), "run `make schemas`"


def undescribed(node: object, at: str = "") -> list[str]:
    """The places of a schema where a field has no description; a reference has its definition's."""
    if not isinstance(node, dict):
        return [gap for item in node for gap in undescribed(item, at)] if isinstance(node, list) else []
    gaps = [
        f"{at}.{name}"
        for name, field in node.get("properties", {}).items()
        if isinstance(field, dict) and "description" not in field and "$ref" not in field
    ]
    return gaps + [gap for name, child in node.items() for gap in undescribed(child, f"{at}.{name}")]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_is_described(name: str) -> None:
    assert undescribed(SCHEMAS[name]()) == []


def test_every_field_of_the_ledger_row_has_words() -> None:
    assert set(field_docs(AttemptRow)) == {field.name for field in dataclasses.fields(AttemptRow)}


def test_the_editor_overrides_nothing_by_itself_and_takes_nothing_from_workspaces() -> None:
    settings = {name: value for group in vscode_configuration() for name, value in group["properties"].items()}
    assert {setting["default"] for setting in settings.values()} == {None}
    assert {setting["scope"] for setting in settings.values()} == {"machine"}
    assert all("null" in json.dumps(setting.get("type", setting.get("anyOf"))) for setting in settings.values())
    assert "$ref" not in json.dumps(settings)
    # What an editor may not set at all it does not show either.
    assert {name.split(".")[1] for name in settings} == set(Config.model_fields) - {"telemetry"}


def test_only_our_block_of_a_manifest_is_touched(tmp_path: Path) -> None:
    manifest = tmp_path / "package.json"
    own = {"tierwise.server.path": {"type": "string"}, "tierwise.gone": {"type": "string"}}
    manifest.write_text(
        json.dumps({"name": "x", "contributes": {"commands": [], "configuration": {"properties": own}}})
    )
    assert not update_manifest(manifest, write=False)
    assert not update_manifest(manifest, write=True)
    assert update_manifest(manifest, write=False)
    document = json.loads(manifest.read_text())
    groups = document["contributes"].pop("configuration")
    assert document == {"name": "x", "contributes": {"commands": []}}
    assert groups[0]["properties"] == {"tierwise.server.path": {"type": "string"}}
    assert "tierwise.gone" not in {name for group in groups for name in group["properties"]}


def test_settings_are_in_groups_that_name_each_once() -> None:
    names = [name for group in vscode_configuration() for name in group["properties"]]
    assert len(names) == len(set(names))
    assert all(1 < len(group["properties"]) < 40 for group in vscode_configuration())
