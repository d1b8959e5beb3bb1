"""Validate merged layers, and take out what does not apply, key by key, until what is left is a configuration."""

import re
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tierwise.config.keypaths import MISSING, KeyPath, Tree, did_you_mean, dotted, lookup, remove
from tierwise.config.layers import ADDED_UP, Layer, SourceKind, merge, top_layer_with
from tierwise.config.meaning import find_contradictions
from tierwise.config.problems import MAX_PROBLEMS, Problem
from tierwise.config.root import DEFAULTS, Config

_MAX_ROUNDS = 20
_SECRET_NAME = re.compile(r"(^|_|-)(api_?key|key|token|secret|password|passwd|authorization|headers?)$", re.IGNORECASE)
_LOOKS_LIKE = {
    ("tiers", "roles", "models"): "<backend>/<model>, like 'ollama/qwen2.5-coder:7b'",
    ("actions",): "a plain name, like 'explain_error' for an id, 'python' for a language, 'refactor' for a kind",
    ("backends",): "letters, digits, '-' and '_', like 'my-server'",
}
# What other programs call the same.
_ALSO_CALLED = {
    **dict.fromkeys(("url", "address", "adress", "endpoint", "api_base", "api_url", "base"), "base_url"),
    "model_path": "model",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One key that does not apply."""

    path: KeyPath
    code: str
    words: str
    entry: object = MISSING
    """The entry of a list that adds up over layers, where its position in the merged list says nothing."""


def settle(layers: Sequence[Layer]) -> tuple[Config, list[Problem]]:
    """The configuration the layers make, and a problem for each key that had to be taken out of its layer.

    The layers' trees are changed: a key that does not apply is gone from the strongest layer that set it.
    """
    problems: list[Problem] = []
    for _ in range(_MAX_ROUNDS):
        config, faults = _attempt(merge(layers), _unusable_backends(problems))
        if config is not None and not faults:
            return config, sorted(problems, key=lambda problem: problem.line or 0)
        if not _take_all_out(layers, faults, problems):
            break
    for layer in layers[1:]:
        layer.tree.clear()
        problems.append(layer.problem("unusable", (), f"nothing of the {layer.source} can be used"))
    return DEFAULTS, problems


def _unusable_backends(problems: Iterable[Problem]) -> frozenset[str]:
    """Names of backends of which something was taken out."""
    keys = (problem.key.split(".") for problem in problems)
    return frozenset(key[1] for key in keys if key[0] == "backends" and len(key) > 1)


def _attempt(tree: Tree, unusable: frozenset[str]) -> tuple[Config | None, list[Fault]]:
    """The configuration a tree makes, and what of the tree does not apply."""
    try:
        config = Config.model_validate(tree)
    except ValidationError as err:
        by_path: dict[KeyPath, Fault] = {}
        for detail in err.errors(include_url=False, include_input=False):
            # Nobody reads thousands of sentences, and making them takes seconds.
            fault = _fault_of(detail, tree, is_told=len(by_path) <= MAX_PROBLEMS)
            by_path[fault.path] = fault
        # Where a table lacks a key it goes as a whole; what is wrong inside is told before, for it may be that key.
        return None, sorted(_last_entries_first(by_path.values()), key=lambda fault: fault.code == "missing-key")
    found = find_contradictions(config, unusable)
    return config, _last_entries_first(Fault(c.path, c.code, c.words) for c in found)


def _last_entries_first(faults: Iterable[Fault]) -> list[Fault]:
    """So that taking one entry out of a list does not move the others that go."""
    return sorted(faults, key=lambda fault: [(str(p), 0) if isinstance(p, str) else ("", p) for p in fault.path])[::-1]


def _take_all_out(layers: Sequence[Layer], faults: Iterable[Fault], problems: list[Problem]) -> bool:
    """Take what faults name out of the strongest layers that set it; whether anything could be taken out.

    When something below a path has gone, the path itself gets another chance in the next round.
    """
    touched: set[KeyPath] = set()
    for fault in faults:
        found = _take_out_entry(layers, fault) if fault.entry is not MISSING else _take_out(layers, fault, touched)
        if found is None:
            continue
        layer, path = found
        touched |= {path[:length] for length in range(1, len(path) + 1)}
        if len(problems) <= MAX_PROBLEMS:
            problems.append(_problem_of(layer, fault))
    return bool(touched)


def _take_out(layers: Sequence[Layer], fault: Fault, touched: set[KeyPath]) -> tuple[Layer, KeyPath] | None:
    """The layer and the path of what was taken out; None when only the built-in values set it, or it has to wait."""
    path = fault.path
    while path and path not in touched:
        layer = top_layer_with(layers, path)
        if layer is not None:
            remove(layer.tree, path)
            return layer, path
        path = path[:-1]
    return None


def _take_out_entry(layers: Sequence[Layer], fault: Fault) -> tuple[Layer, KeyPath] | None:
    for layer in layers[:0:-1]:
        entries = lookup(layer.tree, fault.path[:2])
        if isinstance(entries, list) and fault.entry in entries:
            entries.remove(fault.entry)
            return layer, fault.path
    return None


def _problem_of(layer: Layer, fault: Fault) -> Problem:
    origin = f" (from the {layer.source})" if layer.source.kind is SourceKind.ENVIRONMENT else ""
    return layer.problem(fault.code, fault.path, fault.words + origin)


def _fault_of(detail: ErrorDetails, tree: Tree, *, is_told: bool) -> Fault:
    path, is_there = _path_of(detail["loc"], tree)
    kind = detail["type"]
    key = dotted(path)
    if not is_told:
        return Fault(path, "bad-value", "", lookup(tree, path) if path[:2] in ADDED_UP and len(path) == 3 else MISSING)
    if kind == "extra_forbidden":
        return Fault(path, "unknown-key", _words_on_unknown(path))
    if kind == "missing":
        return Fault(path, "missing-key", f"{key!r} is missing")
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        words = f"{key!r} needs a type, one of 'ollama', 'openai', 'anthropic', 'llamacpp', 'scripted'"
        return Fault(path, "bad-value", words)
    shown = path if is_there else path[:-1]
    words = f"{dotted(shown)!r} {_words_on_value(detail, shown)}"
    if shown[:2] in ADDED_UP and len(shown) == 3:
        return Fault(shown, "bad-value", words.replace(dotted(shown), dotted(shown[:2]), 1), lookup(tree, shown))
    return Fault(shown, "bad-value", words)


def _path_of(loc: tuple[int | str, ...], tree: Tree) -> tuple[KeyPath, bool]:
    """Where in the tree an error lies, and whether something is there; union tags are not part of the tree."""
    path: KeyPath = ()
    for part in loc:
        if part == "[key]":
            break
        if lookup(tree, (*path, part)) is MISSING:
            if len(path) == 2 and path[0] == "backends" and part == lookup(tree, (*path, "type")):
                continue
            return (*path, part), False
        path = (*path, part)
    return path, True


def _words_on_unknown(path: KeyPath) -> str:
    name = str(path[-1])
    if _SECRET_NAME.search(name):
        return (
            f"{dotted(path)!r} is not a setting, and keys do not belong into settings: put the key into an"
            " environment variable or the keyring, and name it with api_key_env or keyring_service"
        )
    known = known_keys(path[:-1])
    also_called = _ALSO_CALLED.get(name.lower().replace("-", "_"), "")
    hint = f", did you mean {also_called!r}" if also_called in known else did_you_mean(name, known)
    return f"{dotted(path)!r} is not a setting{hint or '; see `tierwise config schema` for those there are'}"


def _words_on_value(detail: ErrorDetails, path: KeyPath) -> str:
    kind, words = detail["type"], detail["msg"]
    if kind in ("value_error", "assertion_error"):
        return "is refused: " + words.partition(", ")[2]
    if kind == "string_pattern_mismatch":
        example = next((text for heads, text in _LOOKS_LIKE.items() if path[0] in heads), "one line of plain text")
        return f"should be {example}"
    if kind in ("bool_type", "bool_parsing"):
        return "should be true or false"
    return re.sub(r"^[A-Z]\w* should", "should", words).replace("a valid dictionary or instance of ", "a table of ")


def known_keys(path: KeyPath) -> list[str]:
    """The names a table of the configuration may have; empty where names are free."""
    found: list[object] = [Config]
    for part in path:
        found = [deeper for annotation in found for deeper in _step(annotation, part)]
    names = {name for annotation in found for name in _fields(annotation)}
    return sorted(names)


def _fields(annotation: object) -> list[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return list(annotation.model_fields)
    return [name for part in _alternatives(annotation) for name in _fields(part)]


def _step(annotation: object, part: str | int) -> list[object]:
    """The annotations one name deeper."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        return [] if field is None else [field.annotation]
    if typing.get_origin(annotation) is Mapping:
        return [typing.get_args(annotation)[1]]
    return [deeper for alternative in _alternatives(annotation) for deeper in _step(alternative, part)]


def _alternatives(annotation: object) -> tuple[object, ...]:
    """What a union or an annotated type stands for."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return typing.get_args(annotation)[:1]
    is_union = origin is typing.Union or type(annotation).__name__ == "UnionType"
    return typing.get_args(annotation) if is_union else ()
