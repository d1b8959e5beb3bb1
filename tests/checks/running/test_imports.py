"""New imports have to lead somewhere; nothing is imported to find out."""

import sys
from pathlib import Path

import pytest

from checks.running.tooled import code_of, equip, inquire, write
from tierwise.checks import Accepted
from tierwise.checks.running.imports import imports_resolve
from tierwise.checks.running.inquiry import Inquiry
from tierwise.dispatch.native.toolbox import ProjectTools

NOWHERE = "unresolved-import"

PYTHON_FILES = {
    "ours/__init__.py": "",
    "ours/part.py": "",
    "ours/moving/__init__.py": "__path__ = []\n",
    "src/other/__init__.py": "",
    "src/other/deep/leaf.py": "",
    "packages/third/src/third/__init__.py": "",
    "fast/__init__.py": "",
    "fast/inner.cpython-311.so": "",
    "odd/place/named.py": "",
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["odd/place"]\n',
}
PYTHON = [
    ("", "import os, json.decoder\nfrom xml.etree import ElementTree\n", "accept"),
    ("", "import pytest\n", "accept"),
    ("", "import tierwise.text\n", "accept"),
    ("", "import ours\nfrom ours.part import x\n", "accept"),
    ("", "import other.deep.leaf\n", "accept"),
    ("", "import third\n", "accept"),
    ("", "import named\n", "accept"),
    ("", "from fast.inner import x\n", "accept"),
    ("", "from ours import anything\n", "accept"),
    ("", "from ours.moving.anywhere import x\n", "accept"),
    ("", "from ours._version import version\n", "accept"),
    ("", "from ours.invented import x\n", NOWHERE),
    ("", "import ours.part.deeper\n", NOWHERE),
    ("", "import other.deep.branch\n", NOWHERE),
    ("", "from . import sibling\n", "accept"),
    ("", "from .ours.part import x\n", "accept"),
    ("", "from .invented import x\n", NOWHERE),
    ("", "import nowhere_to_be_found\n", NOWHERE),
    ("", "def f():\n    from nowhere_to_be_found.part import x\n", NOWHERE),
    ("import nowhere_to_be_found\n", "import nowhere_to_be_found\nx = 1\n", "accept"),
    ("", "try:\n    import nowhere_to_be_found\nexcept ImportError:\n    pass\n", "accept"),
    ("", "if TYPE_CHECKING:\n    import nowhere_to_be_found\n", "accept"),
    ("", "if sys.version_info >= (3, 14):\n    import nowhere_to_be_found\n", "accept"),
    ("", "with suppress(ImportError):\n    import nowhere_to_be_found\n", "accept"),
    ("", "import (\n", "accept"),
    (None, "import nowhere_to_be_found\n", NOWHERE),
    ("x = 1\n", None, "accept"),
]


@pytest.mark.parametrize(("before", "after", "expected"), PYTHON)
async def test_python(before: str | None, after: str | None, expected: str, tmp_path: Path) -> None:
    write(tmp_path, PYTHON_FILES)
    assert code_of(await imports_resolve(with_python(inquire(tmp_path, "a.py", before, after)))) == expected


def with_python(inquiry: Inquiry) -> Inquiry:
    """The same with the interpreter of this repository."""
    return Inquiry(inquiry.change, ProjectTools(root=inquiry.toolbox.root, is_trusted=True, python=sys.executable))


async def test_a_relative_import_starts_at_its_own_file(tmp_path: Path) -> None:
    write(tmp_path, PYTHON_FILES)
    up = inquire(tmp_path, "src/other/deep/leaf.py", "", "from ..deep.leaf import x\n")
    assert code_of(await imports_resolve(up)) == "accept"
    down = inquire(tmp_path, "src/other/deep/leaf.py", "", "from ...deep.leaf import x\n")
    assert code_of(await imports_resolve(down)) == NOWHERE


async def test_new_files_of_the_same_change_can_be_imported_and_gone_ones_cannot(tmp_path: Path) -> None:
    write(tmp_path, PYTHON_FILES)
    text = "from ours.fresh import x\n"
    assert code_of(await imports_resolve(inquire(tmp_path, "a.py", "", text))) == NOWHERE
    fresh = inquire(tmp_path, "a.py", "", text, beside={"ours/fresh.py": (None, "x = 1\n")})
    assert await imports_resolve(fresh) == Accepted()
    gone = inquire(tmp_path, "a.py", "", "from ours.part import x\n", beside={"ours/part.py": ("", None)})
    assert code_of(await imports_resolve(gone)) == NOWHERE


async def test_a_test_may_import_from_where_its_target_lies(tmp_path: Path) -> None:
    write(tmp_path, {"tools/bin/target.py": "", "tests/test_target.py": ""})
    inquiry = inquire(tmp_path, "tests/test_target.py", "", "from target import x\n")
    assert await imports_resolve(inquiry, near=("tools/bin/target.py",)) == Accepted()


async def test_a_folder_beside_a_file_is_no_package_of_the_same_name(tmp_path: Path) -> None:
    write(tmp_path, {"ours/__init__.py": "", "ours/extra/__init__.py": "", "ours/extra/pytest/__init__.py": ""})
    inquiry = with_python(inquire(tmp_path, "ours/extra/a.py", "", "from pytest import raises\nimport pytest.plugin\n"))
    assert await imports_resolve(inquiry) == Accepted()


async def test_a_part_of_a_project_knows_the_whole(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "ours/deep/a.py": "", "theirs/b.py": ""})
    inquiry = with_python(inquire(tmp_path / "ours", "deep/a.py", "", "import ours.deep.a\nimport theirs.b\n"))
    assert await imports_resolve(inquiry) == Accepted()
    inquiry = with_python(inquire(tmp_path / "ours", "deep/a.py", "", "import nowhere_to_be_found\n"))
    assert code_of(await imports_resolve(inquiry)) == NOWHERE


async def test_without_an_interpreter_nobody_looks(tmp_path: Path) -> None:
    verdict = await imports_resolve(inquire(tmp_path, "a.py", "", "import pytest\n"))
    assert isinstance(verdict, Accepted)
    assert "set checks.python" in verdict.notes[0]
    assert await imports_resolve(inquire(tmp_path, "a.py", "", "import os\n")) == Accepted()


SCRIPT_FILES = {
    "package.json": '{"name": "shop", "dependencies": {"left-pad": "1", "@scope/kit": "1"}, "jest": {"x": "^assets/"}}',
    "tsconfig.json": '{\n  // Comments are allowed here.\n  "extends": "./base",\n  "compilerOptions": {},\n}',
    "base.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["src/*"], "~lib": ["src/lib/index.ts"]}}}',
    "node_modules/chalk/package.json": "{}",
    "node_modules/@types/express/index.d.ts": "",
    "src/a.ts": "",
    "src/b.ts": "",
    "src/view.vue": "",
    "src/lib/index.ts": "",
    "src/styles.css": "",
}
SCRIPTS = [
    ('import { x } from "./b";', "accept"),
    ('import { x } from "./b.js";', "accept"),
    ('import { x } from "./lib";', "accept"),
    ('import view from "./view.vue";', "accept"),
    ('import "./styles.css?inline";', "accept"),
    ('import { x } from "./c";', NOWHERE),
    ('export * from "./c";', NOWHERE),
    ('export { x } from "../b";', NOWHERE),
    ('const x = await import("./c");', NOWHERE),
    ('const x = require("./c");', NOWHERE),
    ('import x = require("./c");', NOWHERE),
    ("const x = require(name);", "accept"),
    ('try { require("./c"); } catch {}', "accept"),
    ('import type { X } from "./types.generated";', NOWHERE),
    ('import { page } from "./$types";', "accept"),
    ('import fs from "fs";\nimport { test } from "node:test";\nimport p from "path/posix";', "accept"),
    ('import pad from "left-pad";\nimport chalk from "chalk";\nimport kit from "@scope/kit/deep";', "accept"),
    ('import type { Request } from "express";', "accept"),
    ('import { me } from "shop";', "accept"),
    ('import _ from "lodash";', NOWHERE),
    ('import x from "@scope/other";', NOWHERE),
    ('import { x } from "@/b";', "accept"),
    ('import { x } from "@/c";', NOWHERE),
    ('import { x } from "~lib";', "accept"),
    ('import { x } from "src/b";', "accept"),
    ('import { x } from "$lib/b";', "accept"),
    ('import x from "assets/a.png";', "accept"),
    ('import x from "virtual:icons";\nimport y from "https://example.org/y.js";\nimport z from "#z";', "accept"),
]


@pytest.mark.parametrize(("after", "expected"), SCRIPTS)
async def test_scripts(after: str, expected: str, tmp_path: Path) -> None:
    write(tmp_path, SCRIPT_FILES)
    verdict = await imports_resolve(inquire(tmp_path, "src/a.ts", "", after + "\n"))
    assert code_of(verdict) == expected, verdict
    before = await imports_resolve(inquire(tmp_path, "src/a.ts", after + "\n", after + "\nlet more = 1;\n"))
    assert before == Accepted()


async def test_scripts_without_a_package_file(tmp_path: Path) -> None:
    verdict = await imports_resolve(inquire(tmp_path, "a.js", "", 'import _ from "lodash";\n'))
    assert isinstance(verdict, Accepted)
    assert "there is no package.json" in verdict.notes[0]


GO_FILES = {
    "go.mod": (
        "module example.org/shop\n\ngo 1.19\n\nrequire (\n\tgithub.com/one/two v1.0.0 // indirect\n)\n"
        "require github.com/three/four/v2 v2.0.0\nreplace github.com/five/six => ./six\n"
    ),
    "cart/cart.go": "package cart\n",
    "docs/read.me": "",
    "six/go.mod": "module github.com/five/six\n",
    "six/six.go": "package six\n",
    "main.go": "package main\n",
}
GO = [
    ('"fmt"', "accept"),
    ('"net/http"', "accept"),
    ('"C"', "accept"),
    ('"net/htp"', NOWHERE),
    ('"cart"', NOWHERE),
    ('c "example.org/shop/cart"', "accept"),
    ('"example.org/shop/docs"', NOWHERE),
    ('"example.org/shop/nothing"', NOWHERE),
    ('"github.com/one/two/deep"', "accept"),
    ('"github.com/three/four/v2"', "accept"),
    ('"github.com/three/four"', NOWHERE),
    ('"github.com/five/six"', "accept"),
    ('"github.com/nobody/nothing"', NOWHERE),
]


@pytest.mark.parametrize(("path", "expected"), GO)
async def test_go(path: str, expected: str, tmp_path: Path) -> None:
    write(tmp_path, GO_FILES)
    equip(tmp_path, "go")
    after = f"package main\n\nimport (\n\t{path}\n)\n"
    verdict = await imports_resolve(inquire(tmp_path, "main.go", GO_FILES["main.go"], after))
    assert code_of(verdict) == expected, verdict
    assert await imports_resolve(inquire(tmp_path, "main.go", after, after + "\nfunc f() {}\n")) == Accepted()


async def test_go_without_a_module(tmp_path: Path) -> None:
    verdict = await imports_resolve(inquire(tmp_path, "main.go", "", 'package main\n\nimport "fmt"\n'))
    assert verdict == Accepted(("new imports were not looked up, because there is no go.mod",))
