"""What a planner may answer, and the plan that is made of it."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tierwise.dispatch.planner.json_reply import json_of
from tierwise.text import Rejection

MAX_SUBTASKS = 24
MAX_NEEDED = 12
_MAX_TEXT = 6000
_MAX_PATH = 400
_LOOSE = frozenset({"default", "title", "maxLength", "minLength", "maxItems", "minItems", "description"})


class _Reply(BaseModel):
    """What all parts of a reply share."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_max_length=_MAX_TEXT)


class RenameReply(_Reply):
    """One file that gets another name."""

    old: str = Field(min_length=1, max_length=_MAX_PATH)
    new: str = Field(min_length=1, max_length=_MAX_PATH)


class SubtaskReply(_Reply):
    """One sealed piece of work as the planner words it."""

    id: str = Field(min_length=1, max_length=40)
    title: str = Field(max_length=200)
    files: tuple[str, ...] = ()
    creates: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    renames: tuple[RenameReply, ...] = ()
    instruction: str = ""
    contract: str = ""
    reads: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    tier: Literal["local", "bulk", "top"] = "bulk"


class PlanReply(_Reply):
    """The whole answer: either symbols it needs to see first, or subtasks."""

    need: tuple[str, ...] = Field(default=(), max_length=MAX_NEEDED)
    outside: tuple[str, ...] = Field(default=(), max_length=40)
    note: str = ""
    subtasks: tuple[SubtaskReply, ...] = Field(default=(), max_length=MAX_SUBTASKS)


@dataclass(frozen=True, slots=True)
class Rename:
    """A file that gets another name."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtask:
    """One piece of work that needs nothing but what is written here. Paths are relative to the root."""

    id: str
    title: str
    files: tuple[str, ...]
    """Files it rewrites; no other subtask touches them."""
    creates: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    renames: tuple[Rename, ...] = ()
    instruction: str = ""
    contract: str = ""
    """Names and signatures that other subtasks rely on."""
    reads: tuple[str, ...] = ()
    """`path` or `path::symbol` it is shown and may not change."""
    after: tuple[str, ...] = ()
    """Ids of the subtasks whose result it has to see."""
    tier: Literal["local", "bulk", "top"] = "bulk"

    @property
    def edited(self) -> tuple[str, ...]:
        """Files a model has to write, by the names they will have."""
        new_names = {rename.old: rename.new for rename in self.renames}
        return tuple(dict.fromkeys((*(new_names.get(path, path) for path in self.files), *self.creates)))

    @property
    def touched(self) -> frozenset[str]:
        """Every path that is different afterwards."""
        renamed = (path for rename in self.renames for path in (rename.old, rename.new))
        return frozenset((*self.files, *self.creates, *self.deletes, *renamed))

    @property
    def needs_model(self) -> bool:
        """Whether there is anything to write, beside files that only go away or get another name."""
        return bool(self.files or self.creates)


@dataclass(frozen=True, slots=True)
class Plan:
    """Subtasks in an order that respects what they depend on."""

    subtasks: tuple[Subtask, ...]
    outside: tuple[str, ...] = ()
    """Paths the planner would change too and was not given."""
    note: str = ""
    """What the planner wants the user to know."""


def schema() -> dict[str, Any]:
    """The JSON Schema a server may hold the planner to, in the dialect of strict servers.

    Every field is required, nothing else is allowed, and there are no bounds: those are checked by `read_plan`.
    """
    strict: dict[str, Any] = _strict(PlanReply.model_json_schema(mode="serialization"))
    return strict


def _strict(part: Any) -> Any:
    if isinstance(part, list):
        return [_strict(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _strict(value) for key, value in part.items() if key not in _LOOSE and key != "properties"}
    fields = part.get("properties")
    if fields is None:
        return kept
    named = {name: _strict(field) for name, field in fields.items()}
    return kept | {"properties": named, "required": list(named), "additionalProperties": False}


def read_plan(reply: str) -> PlanReply | Rejection:
    """A planner's reply as it is worded, or why it cannot be read."""
    found = json_of(reply)
    if isinstance(found, Rejection):
        return found
    try:
        return PlanReply.model_validate(found)
    except ValidationError as err:
        first = err.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the top"
        return Rejection("plan-unreadable", f"the plan is wrong at {where!r}: {first['msg']}")
