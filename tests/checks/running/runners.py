"""Small projects of each framework: two functions, with patterns of tests that hold and of tests that do not."""

from dataclasses import dataclass, field
from pathlib import Path

from tierwise.checks.frameworks import Framework

RUNNERS = Path(__file__).parents[2] / "runners"
"""Where the packages of vitest and jest are installed, by `make setup`."""

_BODY = """\
function half(n) {
  if (n % 2 !== 0) {
    throw new RangeError("odd");
  }
  return n / 2;
}

function joined(words, sign = " ") {
  const trimmed = words.map((word) => word.trim());
  return trimmed.join(sign);
}
"""
_GO = """\
package sums

import (
	"errors"
	"strings"
)

// Half halves even numbers.
func Half(n int) (int, error) {
	if n%2 != 0 {
		return 0, errors.New("odd")
	}
	return n / 2, nil
}

// Joined joins trimmed words.
func Joined(words []string, sign string) string {
	trimmed := make([]string, 0, len(words))
	for _, word := range words {
		trimmed = append(trimmed, strings.TrimSpace(word))
	}
	return strings.Join(trimmed, sign)
}
"""


@dataclass(frozen=True)
class Project:
    """A project of one framework with one file to test."""

    framework: Framework
    target_path: str
    target_text: str
    test_path: str
    head: str
    files: dict[str, str] = field(default_factory=dict)
    modules: Path | None = None
    """Installed packages, which are linked into the project."""

    def lay_out(self, root: Path) -> None:
        """Write the project's files."""
        for name, text in {self.target_path: self.target_text, **self.files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        if self.modules is not None:
            (root / "node_modules").symlink_to(self.modules)


PROJECTS = {
    "vitest": Project(
        Framework.VITEST,
        "src/sums.js",
        _BODY.replace("function half", "export function half").replace("function joined", "export function joined"),
        "src/sums.test.js",
        "import { describe, expect, test, vi } from 'vitest';\nimport * as target from './sums.js';\n"
        "import { half, joined } from './sums.js';\n\n",
        {"package.json": '{"type": "module", "scripts": {"test": "vitest run"}}'},
        RUNNERS / "vitest" / "node_modules",
    ),
    "vitest, typed": Project(
        Framework.VITEST,
        "src/sums.ts",
        _BODY.replace("function half(n)", "export function half(n: number): number").replace(
            "function joined(words, sign", "export function joined(words: string[], sign: string"
        ),
        "tests/sums.spec.ts",
        "import { describe, expect, test, vi } from 'vitest';\nimport * as target from '../src/sums';\n"
        "import { half, joined } from '../src/sums';\n\n",
        {
            "package.json": '{"type": "module", "scripts": {"test": "vitest run"}}',
            "vitest.config.ts": "import { defineConfig } from 'vitest/config';\n"
            "export default defineConfig({ test: { include: ['tests/**/*.spec.ts'] } });\n",
        },
        RUNNERS / "vitest" / "node_modules",
    ),
    "jest": Project(
        Framework.JEST,
        "lib/sums.js",
        _BODY + "\nmodule.exports = { half, joined };\n",
        "lib/__tests__/sums.test.js",
        "const target = require('../sums');\nconst { half, joined } = target;\nconst vi = jest;\n\n",
        {"package.json": '{"scripts": {"test": "jest"}}'},
        RUNNERS / "jest" / "node_modules",
    ),
    "node": Project(
        Framework.NODE_TEST,
        "src/sums.js",
        _BODY.replace("function half", "export function half").replace("function joined", "export function joined"),
        "src/sums.test.js",
        "import { describe, test } from 'node:test';\nimport assert from 'node:assert/strict';\n"
        "import * as target from '../src/sums.js';\nimport { half, joined } from '../src/sums.js';\n\n",
        {"package.json": '{"type": "module", "scripts": {"test": "node --test"}}'},
    ),
    "go": Project(
        Framework.GO,
        "sums/sums.go",
        _GO,
        "sums/sums_test.go",
        'package sums\n\nimport "testing"\n\n',
        {"go.mod": "module example.com/sums\n\ngo 1.19\n"},
    ),
}

EXPECTING = {
    "a value": "test('it', () => { expect(half(10)).toBe(5); });\n",
    "a text": "test('it', () => { expect(joined(['a ', 'b'])).toEqual('a b'); });\n",
    "an error": "test('it', () => { expect(() => half(3)).toThrow(RangeError); });\n",
    "several in a group": (
        "describe('half', () => {\n  test.each([[10, 5], [0, 0], [-4, -2]])('of %d', (n, h) => {\n"
        "    expect(half(n)).toBe(h);\n  });\n  test.skip('more', () => {});\n});\n"
    ),
    "an asynchronous one": "test('it', async () => { expect(await Promise.resolve(half(8))).toBe(4); });\n",
}
ASSERTING = {
    "a value": "test('it', () => { assert.equal(half(10), 5); });\n",
    "a text": "test('it', () => { assert.equal(joined(['a ', 'b'], '-'), 'a-b'); });\n",
    "an error": "test('it', () => { assert.throws(() => half(3), RangeError); });\n",
    "several in a group": (
        "describe('half', () => {\n  for (const [n, h] of [[10, 5], [0, 0]]) {\n"
        "    test(`of ${n}`, () => { assert.equal(half(n), h); });\n  }\n});\n"
    ),
    "an asynchronous one": "test('it', async () => { assert.deepEqual([await Promise.resolve(half(8))], [4]); });\n",
}
IN_GO = {
    "a value": (
        "func TestIt(t *testing.T) {\n\tif got, err := Half(10); err != nil || got != 5 {\n"
        "\t\tt.Fatal(got, err)\n\t}\n}\n"
    ),
    "a text": (
        'func TestIt(t *testing.T) {\n\tif got := Joined([]string{"a ", "b"}, "-"); got != "a-b" {\n'
        "\t\tt.Error(got)\n\t}\n}\n"
    ),
    "an error": "func TestIt(t *testing.T) {\n\tif _, err := Half(3); err == nil {\n\t\tt.Error(err)\n\t}\n}\n",
    "several in a group": (
        "func TestIt(t *testing.T) {\n\tfor n, want := range map[int]int{10: 5, 0: 0} {\n"
        '\t\tt.Run("half", func(t *testing.T) {\n\t\t\tif got, _ := Half(n); got != want {\n\t\t\t\tt.Error(got)\n'
        "\t\t\t}\n\t\t})\n\t}\n}\n"
    ),
}

VACUOUS_SCRIPTS = {
    "true": "test('it', () => { EXPECT(true, true); });\n",
    "nothing": "test('it', () => {});\n",
    "the call alone": "test('it', () => { half(10); });\n",
    "the type": "test('it', () => { EXPECT(typeof half(10), 'number'); });\n",
    "it can be called": "test('it', () => { EXPECT(typeof half, 'function'); });\n",
    "itself": "test('it', () => { EXPECT(half(10), half(10)); });\n",
    "caught": "test('it', () => { try { EXPECT(half(10), 5); } catch (error) { console.log('no'); } });\n",
    "a copy": "const mine = (n) => n / 2;\ntest('it', () => { EXPECT(mine(10), 5); });\n",
    "after the return": "test('it', () => { return; EXPECT(half(10), 5); });\n",
    "only if so": "test('it', () => { if (half(10) === 5) EXPECT(half(10), 5); });\n",
    "over nothing": "test('it', () => { [].forEach((h) => EXPECT(half(10), h)); });\n",
    "skipped": "test.skip('it', () => { EXPECT(half(10), 5); });\n",
    "to do": "test.todo('it');\n",
    "no tests": "EXPECT(half(10), 5);\n",
    "never awaited": "test('it', () => { Promise.resolve().then(() => EXPECT(half(10), 5)).catch(() => {}); });\n",
    "leaves": "test('it', () => { process.exit(0); });\n",
    "leaves on import": "process.exit(0);\ntest('it', () => { EXPECT(half(10), 5); });\n",
    "wrong": "test('it', () => { console.log('1 passed'); EXPECT(half(10), 6); });\n",
    "writes everywhere": (
        "test('it', () => { const fs = process.getBuiltinModule('fs'); for (let i = 3; i < 80; i++) {"
        " try { if (fs.fstatSync(i).isFIFO()) fs.writeSync(i, '0 {}\\n'); } catch {} } EXPECT(half(10), 6); });\n"
    ),
    "the source's text": (
        "const fs = process.getBuiltinModule('fs');\n"
        "test('it', () => { EXPECT(fs.readFileSync(SOURCE, 'utf8').length, LENGTH); });\n"
    ),
}
VACUOUS_GO = {
    "nothing": "func TestIt(t *testing.T) {}\n",
    "the call alone": "func TestIt(t *testing.T) {\n\tHalf(10)\n}\n",
    "true": "func TestIt(t *testing.T) {\n\tif 1+1 != 2 {\n\t\tt.Error()\n\t}\n}\n",
    "logged": "func TestIt(t *testing.T) {\n\tgot, _ := Half(10)\n\tt.Log(got)\n}\n",
    "itself": (
        "func TestIt(t *testing.T) {\n\ta, _ := Half(10)\n\tb, _ := Half(10)\n\tif a != b {\n"
        "\t\tt.Error(a, b)\n\t}\n}\n"
    ),
    "a copy": (
        "func mine(n int) int { return n / 2 }\n\nfunc TestIt(t *testing.T) {\n\tif mine(10) != 5 {\n"
        "\t\tt.Error()\n\t}\n}\n"
    ),
    "skipped": 'func TestIt(t *testing.T) {\n\tt.Skip("later")\n}\n',
    "skip otherwise": "func TestIt(t *testing.T) {\n\tif got, _ := Half(10); got != 5 {\n\t\tt.Skip()\n\t}\n}\n",
    "recovered": (
        "func TestIt(t *testing.T) {\n\tdefer func() { recover() }()\n\tif got, _ := Half(10); got != 5 {\n"
        '\t\tpanic("wrong")\n\t}\n}\n'
    ),
    "panics": 'func TestIt(t *testing.T) {\n\tif got, _ := Half(10); got != 5 {\n\t\tpanic("wrong")\n\t}\n}\n',
    "no tests": "func checkIt(t *testing.T) {\n\tif got, _ := Half(10); got != 5 {\n\t\tt.Error(got)\n\t}\n}\n",
    "leaves": (
        'func TestMain(m *testing.M) {\n\tprintln("ok")\n\tosExit(0)\n}\n\nvar osExit = func(int) {}\n\n'
        "func TestIt(t *testing.T) {\n\tif got, _ := Half(10); got != 6 {\n\t\tt.Error(got)\n\t}\n}\n"
    ),
    "says it passed": (
        'func TestIt(t *testing.T) {\n\tprintln("--- PASS: TestIt (0.00s)")\n\tif got, _ := Half(10); got != 6 {\n'
        "\t\tt.Error(got)\n\t}\n}\n"
    ),
    "does not compile": "func TestIt(t *testing.T) {\n\tx := 1\n}\n",
    "over nothing": "func TestIt(t *testing.T) {\n\tfor _, n := range []int{} {\n\t\tt.Error(n)\n\t}\n\tHalf(10)\n}\n",
}
