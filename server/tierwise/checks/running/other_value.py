"""Another value of the same type: what a function broken on purpose returns.

The text below is put into broken modules. Therefore all its names are its own, and it runs under every Python from 3.8.
"""

import copy as _tierwise_copy
import datetime as _tierwise_datetime
import enum as _tierwise_enum
import functools as _tierwise_functools
import inspect as _tierwise_inspect
import os as _tierwise_os
from typing import Any as _TierwiseAny


def _tierwise_other(value: _TierwiseAny, is_larger: bool = False, depth: int = 0) -> _TierwiseAny:
    """A value of the same type that is not equal, and of another size where `is_larger`; the same one if none is known.

    A test of the type, or of there being something, cannot tell the two apart; a test of the value can.
    """
    if value is None or isinstance(value, type) or 4 < depth:
        return value
    try:
        for make in (_tierwise_plain, _tierwise_text, _tierwise_items, _tierwise_lazy, _tierwise_object):
            found = make(value, is_larger, depth + 1)
            if found is not None:
                return found
    except Exception:
        return value
    return value


def _tierwise_plain(value: _TierwiseAny, is_larger: bool, _depth: int) -> _TierwiseAny:
    if isinstance(value, _tierwise_enum.Enum):
        members = list(type(value))
        return members[(members.index(value) + 1) % len(members)]
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float, complex)):
        return type(value)(-value - 1 if is_larger else value + 1)  # type: ignore[arg-type]
    if isinstance(value, (_tierwise_datetime.date, _tierwise_datetime.timedelta)):
        return value + _tierwise_datetime.timedelta(days=1)
    return None


def _tierwise_text(value: _TierwiseAny, is_larger: bool, _depth: int) -> _TierwiseAny:
    if isinstance(value, str):
        shifted = "".join(chr(ord(c) + 1) if c not in "\ud7ff\U0010ffff" else "x" for c in value)
        return type(value)(value + "x" if is_larger or not value else shifted)
    if isinstance(value, (bytes, bytearray)):
        return type(value)(value + b"x" if is_larger or not value else bytes((b + 1) % 256 for b in value))
    if isinstance(value, _tierwise_os.PathLike):
        return type(value)(_tierwise_os.fspath(value) + "x")  # type: ignore[call-arg]
    return None


def _tierwise_items(value: _TierwiseAny, is_larger: bool, depth: int) -> _TierwiseAny:
    if isinstance(value, dict):
        changed = _tierwise_copy.copy(value)
        for key in list(changed):
            changed[key] = _tierwise_other(changed[key], is_larger, depth)
        if is_larger or changed == value:
            changed["x"] = next(iter(value.values()), 0)
        return changed
    if not isinstance(value, (list, tuple, set, frozenset)):
        return None
    items = [_tierwise_other(item, is_larger, depth) for item in value]
    if hasattr(value, "_make"):
        return value._make(items)
    if isinstance(value, (list, tuple)) and (is_larger or all(a is b for a, b in zip(items, value))):  # noqa: B905
        items = [*value, *(value[-1:] or [0])]
    return type(value)(items or [0])


def _tierwise_lazy(value: _TierwiseAny, is_larger: bool, depth: int) -> _TierwiseAny:
    if _tierwise_inspect.isgenerator(value) or type(value) in (map, filter, zip, reversed):
        return (_tierwise_other(item, is_larger, depth) for item in value)
    if _tierwise_inspect.isfunction(value):
        return _tierwise_functools.wraps(value)(
            lambda *a, **named: _tierwise_other(value(*a, **named), is_larger, depth)
        )
    return value if _tierwise_inspect.isroutine(value) or _tierwise_inspect.ismodule(value) else None


def _tierwise_object(value: _TierwiseAny, is_larger: bool, depth: int) -> _TierwiseAny:
    for name in (*getattr(value, "__dict__", {}), *getattr(type(value), "__slots__", ())):
        held = getattr(value, name, None)
        new = _tierwise_other(held, is_larger, depth)
        if new is not held:
            changed = _tierwise_copy.copy(value)
            object.__setattr__(changed, name, new)
            return changed
    return value + 1
