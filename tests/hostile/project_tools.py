"""Repositories that bring tools, settings of tools, and version control that run things."""
# ruff: noqa: E501 - what a file says is easier to read in one line.

from hostile.making import Device, Link, Program, python, script, shell
from hostile.repository import AREA, Repository

GIT = {
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/objects/info/x": "",
    ".git/refs/heads/x": "",
    ".git/info/exclude": "",
}
CORE = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
USEFUL_JS = "export function area(radius) {\n  return 3 * radius * radius;\n}\n"


def git(name: str, tries: str, config: str, **files: object) -> Repository:
    """A repository with a .git of its own making."""
    made = {**GIT, ".git/config": CORE + config, "x": shell(f"git-{name}"), **files}
    return Repository(name=f"git-{name}", tries=tries, files=made)  # type: ignore[arg-type]


GITS = (
    git("fsmonitor", "runs a monitor of files", "\tfsmonitor = ./x\n"),
    git(
        "hooks",
        "runs hooks",
        "\thooksPath = hooks\n",
        **{f"hooks/{hook}": shell("git-hooks") for hook in ("post-index-change", "pre-commit", "post-checkout")},
    ),
    git(
        "transport",
        "runs programs to fetch with",
        '\tsshCommand = ./x\n\tgitProxy = ./x\n[remote "origin"]\n\turl = ext::./x\n\tuploadpack = ./x\n[protocol]\n\tallow = always\n',
    ),
    git(
        "filter",
        "runs filters of contents",
        '[filter "x"]\n\tclean = ./x\n\tsmudge = ./x\n\tprocess = ./x\n\trequired\n[diff "x"]\n\ttextconv = ./x\n\tcommand = ./x\n',
        **{".gitattributes": "* filter=x diff=x merge=x\n"},
    ),
    git(
        "include",
        "includes settings",
        "[include]\n\tpath = ../evil.inc\n",
        **{"evil.inc": "[core]\n\tfsmonitor = ./x\n"},
    ),
    git(
        "helpers",
        "runs helpers",
        '\tpager = ./x\n\teditor = ./x\n\taskPass = ./x\n[credential]\n\thelper = "!./x"\n[gpg]\n\tprogram = ./x\n[alias]\n\tls-files = !./x\n',
    ),
    git(
        "promises",
        "fetches what is missing",
        '\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\turl = ssh://@URL@/x\n\tpromisor = true\n[ssh]\n\tvariant = simple\n',
    ),
    Repository(
        name="git-elsewhere",
        tries="keeps its .git somewhere else",
        files={
            ".git": "gitdir: nested/real\n",
            "nested/real/HEAD": "ref: refs/heads/main\n",
            "nested/real/config": CORE + "\tfsmonitor = ../../x\n\tworktree = /\n",
            "nested/real/objects/x": "",
            "nested/real/refs/x": "",
            "x": shell("git-elsewhere"),
            ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ext::./x\n\tupdate = !./x\n',
        },
    ),
)

VENV = {".venv/pyvenv.cfg": "home = /usr/bin\n"}


def tool(
    name: str, tries: str, files: dict[str, object], runs: str = "", opens: tuple[str, ...] = ("app.py",)
) -> Repository:
    """A repository with a tool of its own."""
    return Repository(
        name=name,
        tries=tries,
        files=files,  # type: ignore[arg-type]
        opens=opens,
        may_run=frozenset(runs.split()),
    )


TOOLS = (
    tool(
        "venv-ruff",
        "has its own ruff format",
        {**VENV, "pyproject.toml": "[tool.ruff]\nline-length = 90\n", ".venv/bin/ruff": shell("venv-ruff")},
        "venv-ruff",
    ),
    tool(
        "venv-black",
        "has its own black format",
        {**VENV, "pyproject.toml": "[tool.black]\n", ".venv/bin/black": shell("venv-black")},
        "venv-black",
    ),
    tool("venv-python", "has its own interpreter", {**VENV, ".venv/bin/python": shell("venv-python")}, "venv-python"),
    tool(
        "venv-linters",
        "has its own linters",
        {
            **VENV,
            **{f".venv/bin/{name}": shell(f"venv-{name}") for name in ("mypy", "pylint", "flake8", "pyright")},
            "mypy.ini": "[mypy]\nplugins = ./evil.py\n",
            ".pylintrc": '[MAIN]\ninit-hook=\'open("@MARK@/pylint-hook", "w")\'\nload-plugins=evil\n',
            ".flake8": "[flake8]\n[flake8:local-plugins]\nextension = X = evil:X\npaths = .\n",
            "evil.py": python("linter-plugin"),
        },
        "venv-mypy venv-pylint venv-flake8 venv-pyright linter-plugin pylint-hook",
    ),
    tool("ruff-extends", "has ruff read files elsewhere", {"ruff.toml": 'extend = "@OUTSIDE@/secret.toml"\n'}),
    tool("ruff-endless", "has ruff read without end", {"ruff.toml": 'extend = "/dev/zero"\n'}),
    tool(
        "settings-endless",
        "has settings of tools that never end",
        {"pyproject.toml": Device(), "ruff.toml": Device(), "package.json": Device()},
    ),
    tool(
        "prettier",
        "has its own prettier format",
        {".prettierrc": "{}", "node_modules/.bin/prettier": shell("prettier"), "app.js": USEFUL_JS},
        "prettier",
        ("app.js",),
    ),
    tool(
        "prettier-plugin",
        "has prettier load its settings and plug-ins",
        {
            "prettier.config.cjs": script("prettier-config") + "module.exports = { plugins: ['./evil.cjs'] }\n",
            "evil.cjs": script("prettier-plugin"),
            "node_modules/prettier/package.json": '{"name": "prettier", "main": "index.js"}',
            "node_modules/prettier/index.js": script("prettier-module"),
            "package.json": '{"prettier": "./evil.cjs", "devDependencies": {"prettier": "^3"}}',
            "app.js": USEFUL_JS,
        },
        opens=("app.js",),
    ),
    tool(
        "eslint",
        "has eslint load its settings",
        {
            "eslint.config.js": script("eslint-config") + "module.exports = []\n",
            ".eslintrc.js": script("eslintrc"),
            "node_modules/.bin/eslint": shell("eslint"),
            "node_modules/.bin/tsc": shell("tsc"),
            "tsconfig.json": '{"compilerOptions": {"plugins": [{"name": "./evil.js"}]}, "extends": "@OUTSIDE@/x.json"}',
            "evil.js": script("ts-plugin"),
            "app.js": USEFUL_JS,
            "app.ts": USEFUL_JS.replace("radius)", "radius: number): number", 1),
        },
        "eslint eslint-config eslintrc tsc",
        ("app.js", "app.ts"),
    ),
    tool(
        "biome",
        "has other tools of its own",
        {
            "biome.json": '{"extends": ["@OUTSIDE@/x.json"]}',
            "dprint.json": '{"plugins": ["@URL@/plugin.wasm"]}',
            "node_modules/.bin/biome": shell("biome"),
            "node_modules/.bin/dprint": shell("dprint"),
            "app.ts": "export const area = (radius: number) => 3 * radius;\n",
        },
        opens=("app.ts",),
    ),
    tool(
        "npm-scripts",
        "has scripts and runners of tests",
        {
            "package.json": '{"type": "module", "scripts": {"preinstall": "./x", "test": "./x", "format": "./x"},'
            ' "devDependencies": {"vitest": "^3", "jest": "^30"}, "jest": {"globalSetup": "./evil.cjs"}}',
            "vitest.config.js": "import fs from 'fs'\nfs.writeFileSync('@MARK@/vitest-config', '')\nexport default {}\n",
            "jest.config.cjs": script("jest-config"),
            "evil.cjs": script("jest-setup"),
            "node_modules/.bin/vitest": shell("vitest"),
            "node_modules/vitest/vitest.mjs": "import fs from 'fs'\nfs.writeFileSync('@MARK@/vitest', '')\n",
            "node_modules/vitest/package.json": '{"name": "vitest", "version": "3.0.0"}',
            "x": shell("npm-script"),
            "app.js": USEFUL_JS,
        },
        opens=("app.js",),
    ),
    tool(
        "pytest-plugins",
        "has pytest load its files",
        {
            "conftest.py": python("conftest"),
            "sitecustomize.py": python("sitecustomize"),
            "usercustomize.py": python("usercustomize"),
            "evil.pth": "import os; open('@MARK@/pth', 'w')\n",
            "pytest.ini": "[pytest]\naddopts = -p evil_plugin\n",
            "evil_plugin.py": python("pytest-plugin"),
            "test_app.py": "from app import area\n\n\ndef test_area():\n    assert area(1) > 3\n",
            "evil.egg-info/entry_points.txt": "[pytest11]\nevil = evil_plugin\n",
        },
    ),
    tool(
        "build-files",
        "has builds run",
        {
            "setup.py": python("setup"),
            "tox.ini": "[testenv]\ncommands = touch @MARK@/tox\n",
            "noxfile.py": python("nox"),
            "Makefile": "X := $(shell touch @MARK@/make)\nall:\n",
            "justfile": "x := `touch @MARK@/just`\n",
            ".pre-commit-config.yaml": "repos:\n- repo: local\n  hooks:\n  - {id: x, entry: ./x, language: system, name: x}\n",
            "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'evil'\nbackend-path = ['.']\n",
            "evil.py": python("build-backend"),
            "x": shell("pre-commit"),
        },
    ),
    tool(
        "modules",
        "stands in for Python's own modules",
        {
            **{
                f"{name}.py": python(f"module-{name}")
                for name in ("json", "logging", "ssl", "asyncio", "ruff", "pytest")
            },
            "tierwise/__init__.py": python("module-tierwise"),
            "tierwise/__main__.py": python("module-main"),
        },
    ),
    tool(
        "go-toolchain",
        "has Go fetch a toolchain",
        {
            "go.mod": "module example.invalid/app\n\ngo 1.99\n\ntoolchain go1.99.9\n\nrequire @URL@/x v1.0.0\n",
            "go.work": "go 1.99\n\ntoolchain go1.99.9\n\nuse ../../..\n",
            "app.go": "package app\n\n//go:generate touch @MARK@/go-generate\n\nfunc Area(radius float64) float64 {\n\treturn 3 * radius\n}\n",
        },
        opens=("app.go",),
    ),
    tool(
        "rust",
        "has Rust choose its own toolchain",
        {
            "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\nbuild = "build.rs"\n',
            "rust-toolchain.toml": '[toolchain]\npath = "./toolchain"\n',
            "toolchain/bin/rustfmt": shell("rustfmt"),
            "rustfmt.toml": "max_width = 80\n",
            ".cargo/config.toml": '[build]\nrustc = "./toolchain/bin/rustfmt"\n[alias]\nfmt = "run"\n',
            "build.rs": "fn main() {}\n",
            "src/lib.rs": "pub fn area(radius: f64) -> f64 {\n    3.0 * radius\n}\n",
        },
        opens=("src/lib.rs",),
    ),
    tool(
        "c-and-shell",
        "has tools of C and of the shell read elsewhere",
        {
            ".clang-format": "BasedOnStyle: file:@OUTSIDE@/secret.toml\n",
            ".clangd": "CompileFlags:\n  Compiler: ./x\n",
            "compile_commands.json": '[{"directory": ".", "command": "./x", "file": "app.c"}]',
            ".shellcheckrc": "source-path=@OUTSIDE@\nexternal-sources=true\n",
            "x": shell("compiler"),
            "app.c": "int area(int radius) { return 3 * radius; }\n",
            "app.sh": "#!/bin/sh\n. ./x\necho $1\n",
        },
        opens=("app.c", "app.sh"),
    ),
    tool(
        "on-the-path",
        "stands in for programs of the search path",
        {
            name: shell(f"path-{name}")
            for name in ("git", "bwrap", "node", "go", "ruff", "black", "python3", "gofmt", "sh")
        }
        | {"pyproject.toml": "[tool.black]\n", "app.js": USEFUL_JS},
        opens=("app.py", "app.js"),
    ),
    tool(
        "bin-on-the-path",
        "stands in for programs in folders that people put on their search path",
        {
            **{f"node_modules/.bin/{name}": shell(f"bin-{name}") for name in ("git", "bwrap", "node", "black", "go")},
            **{f".venv/bin/{name}": shell(f"bin-{name}") for name in ("git", "bwrap", "node", "black", "go")},
            "pyproject.toml": "[tool.black]\n",
            "app.go": "package app\n\nfunc Area(radius int) int {\n\treturn 3 * radius\n}\n",
            "go.mod": "module example.invalid/app\n",
        },
        "bin-git bin-bwrap bin-node bin-black bin-go",
        ("app.py", "app.go"),
    ),
    tool(
        "linked-venv",
        "has an environment that is a link",
        {
            ".venv": Link("env"),
            "env/pyvenv.cfg": "home = /usr/bin\n",
            "env/bin/python": Program("#!/bin/sh\n: > '@MARK@/linked-python'\n"),
            "env/bin/ruff": shell("linked-ruff"),
            "pyproject.toml": "[tool.ruff]\n",
            "app.py": AREA,
        },
        "linked-ruff linked-python",
    ),
)
TOOLS_AND_GIT = GITS + TOOLS
