"""Generate the JSON Schemas that editors, models and other programs read."""

import ast
import inspect
import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from tierwise.config.eval_cases import EvalCase
from tierwise.config.root import Config
from tierwise.config.schema_models import EditReply, Plan
from tierwise.store.rows import AttemptRow

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def config_schema() -> Schema:
    """The settings, as TOML files and editors have them."""
    return _of_model(Config, "Settings of Tierwise", mode="validation")


def edit_reply_schema() -> Schema:
    """A model's answer in JSON."""
    return _of_model(EditReply, "Edit reply", mode="validation")


def plan_schema() -> Schema:
    """A plan of subtasks."""
    return _of_model(Plan, "Plan", mode="validation")


def eval_case_schema() -> Schema:
    """A case to measure models with."""
    return _of_model(EvalCase, "Eval case", mode="validation")


def ledger_row_schema() -> Schema:
    """A row of the ledger, as it is exported."""
    schema = TypeAdapter(AttemptRow).json_schema(mode="serialization")
    described = field_docs(AttemptRow)
    for name, field in schema["properties"].items():
        field["description"] = described[name]
    schema["description"] = inspect.getdoc(AttemptRow)
    schema["additionalProperties"] = False
    schema["required"] = list(schema["properties"])
    return _finished(schema, "Ledger row")


SCHEMAS: dict[str, Callable[[], Schema]] = {
    "config.schema.json": config_schema,
    "edit-reply.schema.json": edit_reply_schema,
    "plan.schema.json": plan_schema,
    "ledger-row.schema.json": ledger_row_schema,
    "eval-case.schema.json": eval_case_schema,
}
"""File names and what makes their contents."""


def schema_text(make: Callable[[], Schema]) -> str:
    """A schema as its file has it."""
    return json.dumps(make(), indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> tuple[str, ...]:
    """Bring the files of a folder up to date; the names of those that changed."""
    changed = []
    for name, make in SCHEMAS.items():
        file, text = folder / name, schema_text(make)
        if not file.exists() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")
            changed.append(name)
    return tuple(changed)


def field_docs(dataclass_type: type) -> dict[str, str]:
    """The words under each field of a dataclass, which pydantic reads for its own classes only."""
    body = ast.parse(textwrap.dedent(inspect.getsource(dataclass_type))).body[0]
    docs: dict[str, str] = {}
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - the source of a class is a class.
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            docs[field.target.id] = inspect.cleandoc(str(ast.literal_eval(below.value)))
    return docs


def _of_model(model: type[BaseModel], title: str, *, mode: Any) -> Schema:
    return _finished(model.model_json_schema(mode=mode), title)


def _finished(schema: Schema, title: str) -> Schema:
    for noise in ("title", "$schema"):
        schema.pop(noise, None)
    _tidy(schema)
    return {"$schema": DIALECT, "title": title, **schema}


def _tidy(node: object) -> None:
    """Drop titles, which repeat the field's name and which editors show in place of the description."""
    if isinstance(node, dict):
        if isinstance(node.get("title"), str):
            del node["title"]
        if "patternProperties" in node:
            # The loader refuses names that do not match, so an editor should mark them too.
            node.setdefault("additionalProperties", False)
        for name, value in node.items():
            if isinstance(value, str) and name == "description":
                node[name] = " ".join(value.split())
            _tidy(value)
    elif isinstance(node, list):
        for value in node:
            _tidy(value)
