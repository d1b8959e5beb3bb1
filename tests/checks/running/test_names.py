"""Names nothing defines are refused in the languages somebody can be asked about."""

from pathlib import Path

import pytest

from checks.running.tooled import code_of, equip, inquire, write
from tierwise.checks import Accepted
from tierwise.checks.running.names import names_defined

PYTHON = [
    ("x = 1\n", "x = y\n", "undefined-name"),
    ("x = y\n", "x = y + 1\n", "accept"),
    ("x = y\n", "x = y + y\n", "undefined-name"),
    ("x = y\n", "x = z\n", "undefined-name"),
    ("x = 1\n", "import y\nx = y\n", "accept"),
    (None, "x = y\n", "undefined-name"),
    ("x = 1\n", None, "accept"),
    ("x = 1\n", "__all__ = ['a']\n", "undefined-name"),
    ("x = 1\n", "def f[T](a: T) -> T: ...\n", "accept"),
]
STRICT = {"tsconfig.json": '{"compilerOptions": {"strict": true, "noEmit": true}, "include": ["src"]}'}
MODULE = {"go.mod": "module example.org/a\n\ngo 1.19\n", "other.go": "package a\n\nfunc Other() int { return 1 }\n"}
SCRIPTS = [
    ("src/a.ts", "export const x = 1;\n", "export const x = y;\n", "undefined-name"),
    ("src/a.ts", "export const x = y;\n", "export const x = y + 1;\n", "accept"),
    ("src/a.ts", "export const x = 1;\n", "export const x: string = 1;\n", "accept"),
    ("src/a.ts", "export const x = 1;\n", "const y = 1;\nexport const x = { y, z };\n", "undefined-name"),
    ("src/a.tsx", "export const x = 1;\n", "export const x = y;\n", "undefined-name"),
    ("src/a.js", "const x = 1;\nx();\n", "const x = y;\nx();\n", "undefined-name"),
    ("src/a.js", "const x = 1;\n", "const x = process.argv;\nconst fs = require('fs');\n", "accept"),
    ("b.mjs", "#!/usr/bin/env node\nlet x = 1;\n", "#!/usr/bin/env node\nlet x = zz;\n", "undefined-name"),
    ("src/a.ts", "export const x = 1;\n", 'import { z } from "./b";\nexport const x = z;\n', "unresolved-import"),
]
USES_B = 'import { z } from "./b";\nexport const x = z;\n'
GO = [
    ("a.go", "package a\n", "package a\n\nvar b = c\n", "undefined-name"),
    ("a.go", "package a\n", "package a\n\nvar b = Other()\n", "accept"),
    ("a.go", "package a\n\nvar b = c\n", "package a\n\nvar b = c + 1\n", "accept"),
    ("a.go", "package a\n", 'package a\n\nvar b int = "c"\n', "accept"),
    ("a_test.go", "package a\n", "package a\n\nvar b = c\n", "undefined-name"),
    ("new.go", None, "package a\n\nvar b = c\n", "undefined-name"),
    ("a.go", "package a\n\nfunc Two() {}\n", "package a\n", "accept"),
]


@pytest.mark.parametrize(("before", "after", "expected"), PYTHON)
@pytest.mark.parametrize("is_trusted", [True, False])
async def test_python(before: str | None, after: str | None, expected: str, is_trusted: bool, tmp_path: Path) -> None:
    assert code_of(await names_defined(inquire(tmp_path, "a.py", before, after, is_trusted=is_trusted))) == expected


async def test_python_knows_the_built_in_names_a_project_adds(tmp_path: Path) -> None:
    before, after = "x = 1\n", "x = _('one')\n"
    assert code_of(await names_defined(inquire(tmp_path, "a.py", before, after))) == "undefined-name"
    write(tmp_path, {"ruff.toml": 'builtins = ["_"]\n'})
    assert code_of(await names_defined(inquire(tmp_path, "a.py", before, after))) == "accept"
    # Settings of an untrusted project are not obeyed.
    assert code_of(await names_defined(inquire(tmp_path, "a.py", before, after, is_trusted=False))) == "undefined-name"


@pytest.mark.parametrize("version", [pytest.param("typescript", marks=pytest.mark.slow), "typescript-7"])
@pytest.mark.parametrize(("path", "before", "after", "expected"), SCRIPTS)
async def test_scripts(version: str, path: str, before: str, after: str, expected: str, tmp_path: Path) -> None:
    write(tmp_path, {**STRICT, path: before})
    equip(tmp_path, version)
    verdict = await names_defined(inquire(tmp_path, path, before, after))
    assert code_of(verdict) == expected, verdict
    assert verdict == Accepted() or expected != "accept"


@pytest.mark.parametrize(("path", "before", "after", "expected"), GO)
async def test_go(path: str, before: str | None, after: str, expected: str, tmp_path: Path) -> None:
    write(tmp_path, MODULE if before is None else {**MODULE, path: before})
    equip(tmp_path, "go")
    verdict = await names_defined(inquire(tmp_path, path, before, after))
    assert code_of(verdict) == expected, verdict


@pytest.mark.parametrize(
    ("tool", "path", "files", "texts"),
    [
        *[
            (version, "src/a.ts", {**STRICT, "src/c.ts": ""}, {"src/a.ts": USES_B, "src/b.ts": "export const z = 1;\n"})
            for version in ("typescript", "typescript-7")
        ],
        ("go", "a.go", MODULE, {"a.go": "package a\n\nvar b = C\n", "c.go": "package a\n\nconst C = 1\n"}),
    ],
)  # fmt: skip
async def test_files_of_one_change_are_seen_together(
    tool: str, path: str, files: dict[str, str], texts: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path, files)
    equip(tmp_path, tool)
    beside = {other: (None, text) for other, text in texts.items() if other != path}
    assert await names_defined(inquire(tmp_path, path, None, texts[path], beside=beside)) == Accepted()
    verdict = await names_defined(inquire(tmp_path, path, None, texts[path]))
    assert code_of(verdict) != "accept"


@pytest.mark.parametrize(
    ("path", "is_trusted", "words"),
    [
        ("a.rs", True, "undefined names are not looked for in rust files"),
        ("a.ts", True, "typescript is not installed in the project; add it to the project's package.json"),
        ("a.js", False, "the workspace is not trusted"),
        ("a.go", True, "the file does not lie in a Go module"),
    ],
)
async def test_what_nobody_looked_at_is_told(path: str, is_trusted: bool, words: str, tmp_path: Path) -> None:
    equip(tmp_path, *(["go"] if path == "a.go" else []))
    verdict = await names_defined(inquire(tmp_path, path, "", "x\n", is_trusted=is_trusted))
    assert isinstance(verdict, Accepted)
    (note,) = verdict.notes
    assert words in note


async def test_go_says_when_its_imports_keep_it_from_looking(tmp_path: Path) -> None:
    text = 'package a\n\nimport "example.com/far/away"\n\nvar b = away.X\n'
    write(tmp_path, {**MODULE, "a.go": text})
    equip(tmp_path, "go")
    verdict = await names_defined(inquire(tmp_path, "a.go", text, text + "\nvar d = e\n"))
    assert isinstance(verdict, Accepted)
    assert "example.com/far/away" in verdict.notes[0]
