"""Proves tests of vitest, jest and `node --test`, run by what lies in the project's node_modules."""

import asyncio
import json
import os
import re
import secrets
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tierwise.checks.base import Verdict
from tierwise.checks.frameworks import Framework
from tierwise.checks.running.programs import NodeProgram, find_node
from tierwise.checks.running.proof import Subject
from tierwise.checks.running.reports import Report, read_report
from tierwise.checks.running.runs import Limits, RunRequest, RunResult
from tierwise.checks.running.sandbox import Sandbox
from tierwise.checks.running.single_runs import Version, prove_by_runs
from tierwise.text import Rejection

_SCRIPTS = Path(__file__).parent / "javascript"
_TITLE = re.compile(r"""\b(?:it|test)(?:\.\w+)*\s*\(\s*(['"`])((?:\\.|(?!\1).)*)\1""")
_PRELOADED = re.compile(r"(--import|--require|-r|--loader|--experimental-loader)[ =]([\w@./-]+)")
_PACKAGES = {Framework.VITEST: "vitest", Framework.JEST: "jest"}
_ENVIRONMENT = {"CI": "1", "NODE_ENV": "test", "NO_COLOR": "1", "FORCE_COLOR": "0", "NODE_DISABLE_COLORS": "1"}


async def prove_node(subject: Subject, sandbox: Sandbox) -> Verdict:
    """The verdict on JavaScript or TypeScript tests. Raises OSError when the sandbox cannot be started."""
    node = await asyncio.to_thread(find_node)
    if node is None:
        return Rejection("tests-not-run", "there is no Node on the search path; install Node 20 or newer")
    package = _package_of(subject)
    modules = await asyncio.to_thread(_modules, subject.root, package)
    name = _PACKAGES.get(subject.framework)
    if name is not None and not any((folder / name).exists() for folder in modules.values()):
        words = f"{name} is not in the project's node_modules; install the project's packages, e.g. with 'npm ci'"
        return Rejection("tests-not-run", words)
    setting = _Setting(subject, sandbox, node, package, modules)
    old = {match[2] for match in _TITLE.finditer(subject.old_test_text)}
    has_new = any(match[2] not in old for match in _TITLE.finditer(subject.test_text))
    return await prove_by_runs(subject, setting.run, lambda test: not has_new or test.split(" > ")[-1] not in old)


class _Setting:
    """Everything but the version of the target."""

    def __init__(
        self, subject: Subject, sandbox: Sandbox, node: NodeProgram, package: str, modules: dict[str, Path]
    ) -> None:
        self._subject = subject
        self._sandbox = sandbox
        self._node = node
        self._package = package
        self._modules = modules
        self._links = _links(subject.root, modules)
        self._options = _node_options(subject, package)

    async def run(self, version: Version) -> tuple[RunResult, Report | None]:
        """The test file on one version of the target."""
        subject, key = self._subject, secrets.token_bytes(32)
        settings = {
            "key": key.hex(),
            "framework": subject.framework,
            "package": str(subject.root / self._package),
            "test_path": str(subject.root / subject.test_path),
        }
        request = RunRequest(
            root=subject.root,
            cwd=self._package,
            readable=(*self._node.folders, _SCRIPTS),
            mounted={f"/.packages/{i}/node_modules": folder for i, folder in enumerate(self._modules.values())},
            links=self._links,
            environment=_ENVIRONMENT,
            stdin=json.dumps(settings).encode("utf-8", "surrogatepass"),
            limits=_limits(subject.limits, version.timeout_s),
        )
        command = [str(self._node.program), *self._options, str(_SCRIPTS / "run.mjs")]
        text = version.target_text.encode("utf-8", "surrogatepass")
        result = await self._sandbox.run(command, {**subject.files, subject.target_path: text}, request)
        return result, read_report(result.report, key)


def _limits(limits: Limits, timeout_s: float) -> Limits:
    """Node reserves far more than it uses, and starts threads of its own."""
    return replace(
        limits,
        timeout_s=timeout_s,
        memory_bytes=max(limits.memory_bytes, 2**31),
        total_memory_bytes=max(limits.total_memory_bytes, 3 * 2**30),
        is_address_space_bounded=False,
        n_processes=max(limits.n_processes, 256),
        n_open_files=max(limits.n_open_files, 1024),
    )


def _package_of(subject: Subject) -> str:
    """The innermost folder around the target that has a package.json; the root when none has."""
    for folder in PurePosixPath(subject.target_path).parents:
        if str(folder / "package.json") in subject.files:
            return str(folder)
    return "."


def _modules(root: Path, package: str) -> dict[str, Path]:
    """The node_modules of the package and of the folders around it within the root, by folder, real."""
    found: dict[str, Path] = {}
    for folder in (PurePosixPath(package), *PurePosixPath(package).parents):
        real = (root / folder / "node_modules").resolve()
        if real.is_dir() and real.name == "node_modules":
            found[str(folder)] = real
    return found


def _links(root: Path, modules: dict[str, Path]) -> dict[str, str]:
    """What stands in each node_modules of the sandbox: a folder that can be written to, full of links to packages.

    Bound as it is, the folder could not be written to, and tools keep caches in it. A link within the project, such as
    to a sibling package, is made anew, since the project's own files are copies.
    """
    links: dict[str, str] = {}
    for i, (folder, real) in enumerate(modules.items()):
        for name in _names(real):
            path = f"{folder}/node_modules/{name}" if folder != "." else f"node_modules/{name}"
            own = _link_within(root, real / name)
            links[path] = own if own is not None else f"/.packages/{i}/node_modules/{name}"
    return links


def _names(modules: Path) -> list[str]:
    """Packages, scoped ones with their scope, and the folder of programs."""
    found: list[str] = []
    for entry in sorted(modules.iterdir()):
        if entry.name.startswith("@") and not entry.is_symlink():
            found += [f"{entry.name}/{inner.name}" for inner in sorted(entry.iterdir())]
        elif entry.name in (".bin", ".pnpm") or not entry.name.startswith("."):
            found.append(entry.name)
    return found


def _link_within(root: Path, entry: Path) -> str | None:
    """Where a link leads when it leads to a file of the project outside any node_modules."""
    if not entry.is_symlink():
        return None
    real = entry.resolve()
    real_root = root.resolve()
    if not real.is_relative_to(real_root) or "node_modules" in real.relative_to(real_root).parts:
        return None
    return str(root / os.path.relpath(real, real_root))


def _node_options(subject: Subject, package: str) -> list[str]:
    """What the project's own test script loads first, e.g. `--import tsx`; for `node --test` alone."""
    if subject.framework is not Framework.NODE_TEST:
        return []
    manifest = subject.files.get(str(PurePosixPath(package) / "package.json"), b"{}")
    try:
        script = str(json.loads(manifest)["scripts"]["test"])
    except (ValueError, KeyError, TypeError):
        return []
    options = [f"{option}={name}" for option, name in _PRELOADED.findall(script) if option.startswith("--")]
    return [*options, *(["--experimental-strip-types"] if "strip-types" in script else [])]
