"""Where the imports of JavaScript and TypeScript lead."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ast_grep_py import SgNode

from tierwise.checks.running.disk import Disk, has_stem
from tierwise.syntax.languages import grammar_of
from tierwise.syntax.trees import parse

NODE_MODULES = frozenset(
    {
        *("assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram"),
        *("diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module"),
        *("net", "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream"),
        *("string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi"),
        *("worker_threads", "zlib"),
    }
)
"""Modules of Node 24 that may be named without `node:`."""
_NAME = re.compile(r"(?:@[a-z0-9~-][\w.~-]*/)?[A-Za-z0-9~-][\w.~-]*")
_KINDS = ("import_statement", "export_statement")
_GROUPS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_CODE_ENDINGS = (".js", ".mjs", ".cjs", ".jsx")
_MADE = re.compile(r"[$+]types|(?:^|/)(?:generated|dist|build|out|lib|\.\w+)(?:/|$)")
"""Parts of paths that often exist only once a project is built."""
_BUNDLER_FILES = re.compile(
    r"(?:vite|vitest|webpack|rollup|babel|jest|next|nuxt|svelte|astro|metro|craco|rspack|rsbuild)\.config\.\w+"
    r"|\.babelrc(?:\.\w+)?|package\.json|deno\.jsonc?|import_map\.json|angular\.json"
)
_TSCONFIG = re.compile(r"[tj]sconfig(?:\.[\w-]+)?\.json")
_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)


def imported_paths(text: str, language: str) -> set[str]:
    """What a text imports, exports from or requires by a literal, but for what it tries."""
    root = parse(text, language)
    return (
        set()
        if root is None
        else {path for node in _sources(root, grammar_of(language) or "") if (path := _literal(node))}
    )


def _sources(root: SgNode, grammar: str) -> Iterator[SgNode]:
    for kind in _KINDS if grammar == "javascript" else (*_KINDS, "import_require_clause"):
        for node in root.find_all(kind=kind):
            source = node.field("source")
            if source is not None:
                yield source
    for node in root.find_all(kind="call_expression"):
        function, arguments = node.field("function"), node.field("arguments")
        if function is None or arguments is None or function.text() not in ("require", "import"):
            continue
        named = [child for child in arguments.children() if child.is_named()]
        if len(named) == 1 and not any(one.kind() == "try_statement" for one in node.ancestors()):
            yield named[0]


def _literal(node: SgNode) -> str:
    text = node.text()
    is_literal = node.kind() == "string" and len(text) > 2 and "\\" not in text
    return text[1:-1] if is_literal else ""


@dataclass(frozen=True, slots=True)
class ScriptProject:
    """Where a project's scripts and packages lie."""

    root: Path
    file: Path
    """The file that imports."""

    def leads_nowhere(self, path: str, disk: Disk) -> str | None:
        """Why an import cannot be resolved, in words; None when it can, or when it cannot be known."""
        bare = path.split("?", maxsplit=1)[0]
        if bare.startswith("."):
            folder = self.file.parent
            if _MADE.search(bare.lstrip("./")) or _leads_to_file(disk, folder / bare):
                return None
            is_mirrored = any("rootDirs" in disk.read(config) for config in self._configs(disk))
            return None if is_mirrored else f"{path!r} leads to no file from {self.file.name!r}"
        if ":" in bare or bare.startswith(("/", "#")) or bare.split("/")[0] in NODE_MODULES:
            return None
        return self._package_leads_nowhere(bare, disk)

    def is_unknown(self, disk: Disk) -> bool:
        """Whether there is no package file that could say what the project uses."""
        return not any(disk.is_file(folder / "package.json") for folder in self._folders())

    def _package_leads_nowhere(self, path: str, disk: Disk) -> str | None:
        has_alias, leads = self._aliased(path, disk)
        if leads or self.is_unknown(disk):
            return None
        name = "/".join(path.split("/")[: 2 if path.startswith("@") else 1])
        if has_alias and not self._has_package(name, disk):
            return f"{path!r} leads to no file under the paths of the project's tsconfig"
        is_name = _NAME.fullmatch(name) is not None
        if not is_name or self._has_package(name, disk) or self._is_bundlers(path.split("/", maxsplit=1)[0], disk):
            return None
        return f"the package {name!r} is neither installed nor named in package.json"

    def _folders(self) -> list[Path]:
        folders = (self.file.parent, *self.file.parent.parents)
        inside = [folder for folder in folders if folder.is_relative_to(self.root)]
        return inside or [self.file.parent]

    def _has_package(self, name: str, disk: Disk) -> bool:
        typed = "@types/" + name.removeprefix("@").replace("/", "__")
        # A repository of several packages may keep them all at its top, above the folder that is open.
        for folder in (*self._folders(), *self.root.parents):
            if any(disk.is_folder(folder / "node_modules" / one) for one in (name, typed)):
                return True
        for folder in self._folders():
            manifest = _table(disk.read(folder / "package.json"))
            named = {one for group in _GROUPS for one in (manifest.get(group) or {})}
            if manifest.get("name") == name or named & {name, typed}:
                return True
        return False

    def _is_bundlers(self, first: str, disk: Disk) -> bool:
        """Whether a bundler may know the name: its settings mention it, or it is a folder of sources."""
        for folder in self._folders():
            if any(has_stem(disk, place, first) for place in (folder, folder / "src", folder / "app")):
                return True
            for name in disk.names(folder):
                is_settings = _BUNDLER_FILES.fullmatch(name) is not None
                if is_settings and re.search(rf"['\"^]{re.escape(first)}['\"/$(*]", _settings(disk, folder / name)):
                    return True
        return False

    def _configs(self, disk: Disk) -> Iterator[Path]:
        for folder in self._folders():
            yield from (folder / name for name in sorted(disk.names(folder)) if _TSCONFIG.fullmatch(name))

    def _aliased(self, path: str, disk: Disk) -> tuple[bool, bool]:
        """Whether some tsconfig gives a path of this form a meaning, and whether one of these leads to a file."""
        has_alias = False
        for config in self._configs(disk):
            for base, paths in _mappings(config, disk, depth=0):
                if base is not None and _leads_to_file(disk, base / path):
                    return True, True
                for pattern, targets in paths.items():
                    rest = _matched(pattern, path)
                    if rest is None:
                        continue
                    has_alias = has_alias or pattern not in ("*", "**")
                    if any(_leads_to_file(disk, Path(target.replace("*", rest))) for target in targets):
                        return True, True
        return has_alias, False


def _settings(disk: Disk, path: Path) -> str:
    """What a file says a bundler does; the packages that are depended on are nothing a bundler knows."""
    text = disk.read(path)
    if path.name != "package.json":
        return text
    return json.dumps({key: value for key, value in _table(text).items() if key not in _GROUPS})


def _mappings(config: Path, disk: Disk, depth: int) -> Iterator[tuple[Path | None, Mapping[str, tuple[str, ...]]]]:
    """The base and the paths, with absolute targets, that a tsconfig sets or inherits from others of the project."""
    settings = _table(disk.read(config))
    options = settings.get("compilerOptions")
    if isinstance(options, dict):
        base = options.get("baseUrl")
        paths = options.get("paths")
        folder = config.parent / base if isinstance(base, str) else None
        origin = config.parent if folder is None else folder
        found = {
            pattern: tuple(str(origin / one) for one in targets if isinstance(one, str))
            for pattern, targets in (paths.items() if isinstance(paths, dict) else ())
            if isinstance(targets, list)
        }
        yield folder, found
    extended = settings.get("extends")
    for name in [extended] if isinstance(extended, str) else extended if isinstance(extended, list) else []:
        if depth < 5 and isinstance(name, str) and name.startswith("."):
            other = config.parent / (name if name.endswith(".json") else f"{name}.json")
            yield from _mappings(other, disk, depth + 1)


def _matched(pattern: str, path: str) -> str | None:
    """What the star of a pattern stands for; None when the path is not of its form."""
    head, star, tail = pattern.partition("*")
    if not star:
        return "" if path == pattern else None
    is_match = path.startswith(head) and path.endswith(tail) and len(head) + len(tail) <= len(path)
    return path[len(head) : len(path) - len(tail)] if is_match else None


def _leads_to_file(disk: Disk, path: Path) -> bool:
    """Whether a path without its ending, or of a folder with an index, is there."""
    normal = Path(*_normalized(path))
    if disk.is_folder(normal) or disk.is_file(normal):
        return True
    name = normal.name
    if has_stem(disk, normal.parent, name):
        return True
    # TypeScript is imported under the name it will be compiled to.
    return normal.suffix in _CODE_ENDINGS and has_stem(disk, normal.parent, normal.stem)


def _normalized(path: Path) -> list[str]:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and 1 < len(parts):
            parts.pop()
        elif part != ".":
            parts.append(part)
    return parts


def _table(text: str) -> dict[str, Any]:
    """A JSON object that may hold comments and trailing commas; empty when it is none."""
    plain = _COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else "", text)
    plain = _COMMA.sub(lambda match: match[0] if match[0].startswith('"') else "", plain)
    try:
        found = json.loads(plain or "{}")
    except (json.JSONDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
