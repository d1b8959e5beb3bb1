"""What the same-program check costs beside the bare parse of both texts, language by language.

Run as `python -m bench checks`. All times are processor time, the best of several runs, on 5,000 lines.
"""

import ast
import re
import time
from collections.abc import Callable
from typing import Any

from tierwise.checks.base import Accepted, Change, Check
from tierwise.checks.verify import verify
from tierwise.syntax.trees import parse

N_LINES = 5_000
FACTOR = 2.0
"""How many times the bare parse of both texts a check may take."""

SAMPLES = {
    "python": "def f{n}(first, second=None, *, third=0):\n    # Explains number {n}.\n    if first and second:\n"
    "        return [x * {n} for x in first if x not in second]\n    return {{'a': first, 'b': third}}\n",
    "javascript": "export function f{n}(first, second = null) {{\n  // Explains number {n}.\n  if"
    " (first && second) {{\n"
    "    return first.map((x) => x * {n});\n  }}\n  return {{ a: first, c: 'c', b: second }};\n}}\n",
    "typescript": "export function f{n}(first: string[], second?: number): Map<string, number> {{\n"
    "  if (first && second) {{\n    return new Map(first.map((x) => [x + 'a', {n}]));\n  }}\n  return new Map();\n}}\n",
    "typescriptreact": 'export const C{n} = (props: Props) => (\n  <div className="c">\n   '
    " <b>{{props.a}}</b> text {n}\n"
    "  </div>\n);\n",
    "go": "// F{n} explains itself.\nfunc F{n}(a int, b string) (int, error) {{\n\tif a > {n} {{\n"
    "\t\treturn a, nil\n\t}}\n\treturn g(a, b), nil\n}}\n",
    "rust": "/// Explains itself.\npub fn f{n}(a: i32, b: &str) -> Option<i32> {{\n    match a {{\n"
    "        {n} => Some(a),\n        _ => g(a, b),\n    }}\n}}\n",
    "java": "    /** Explains itself. */\n    public int f{n}(int a, String b) {{\n        if (a > {n}) {{\n"
    "            return g(a, b);\n        }}\n        return a;\n    }}\n",
    "c": '/* Explains itself. */\nint f{n}(int a, const char *b)\n{{\n    if (a > {n})\n        return g(a, b, "x");\n'
    "    return a;\n}}\n",
    "cpp": "template <class T>\nint f{n}(const std::vector<T>& a, int b) {{\n    for (auto& x : a) {{\n"
    "        b += g(x, {n});\n    }}\n    return b;\n}}\n",
    "csharp": "    public int F{n}(int a, string b)\n    {{\n        if (a > {n})\n        {{\n    "
    "        return G(a, b);\n"
    "        }}\n        return a;\n    }}\n",
    "ruby": "# Explains itself.\ndef f{n}(a, b = nil)\n  return g(a, b) if a > {n}\n\n  {{ a: a, b: 'x' }}\nend\n",
    "php": "function f{n}($a, $b = null)\n{{\n    if ($a > {n}) {{\n        return g($a, $b);\n    }}\n"
    "    return ['a' => $a];\n}}\n",
    "shellscript": 'f{n}() {{\n  local a="$1"\n  if [ "$a" -gt {n} ]; then\n    echo "$a" | sort\n  fi\n}}\n',
    "html": '<div class="c{n}">\n  <p>Some <b>text</b> here</p>\n  <ul>\n    <li>one</li>\n  </ul>\n</div>\n',
    "css": ".c{n} > a {{\n  color: #ffffff;\n  margin: 0 1px;\n}}\n",
    "json": '  "k{n}": {{\n    "a": [1, 2, 3],\n    "b": "text"\n  }},\n',
    "yaml": "k{n}:\n  a: [1, 2]\n  b:\n    - text {n}\n    - other\n",
    "lua": "function f{n}(a, b)\n  if a > {n} then\n    return g(a, b)\n  end\n  return {{ a = a }}\nend\n",
}
AROUND = {
    "go": ("package a\n", ""),
    "java": ("class A {\n", "}\n"),
    "csharp": ("class A\n{\n", "}\n"),
    "php": ("<?php\n", ""),
    "json": ("{\n", '  "last": 1\n}\n'),
}
_SCRIPTS = frozenset({"javascript", "typescript", "typescriptreact"})


def main() -> int:
    """Print the table; 1 when a bound is missed."""
    print(f"{'5,000 lines, ms of processor time':<34} {'check':>9} {'parse':>9} {'ratio':>7}  bound")
    return 1 if sum(show(language) for language in SAMPLES) else 0


def show(language: str) -> int:
    """Rows: spaces here and there, every line laid out anew, other quotes and signs; how many bounds were missed."""
    before = program(language)
    changes = [("spaces", with_spaces), ("every line", with_other_layout)]
    if language in _SCRIPTS:
        changes += [("other quotes", with_other_quotes), ("other signs", with_other_signs)]
    return sum(row(f"{language}, {title}", language, before, change(language, before)) for title, change in changes)


def program(language: str) -> str:
    """So many lines of a language, no two functions alike."""
    sample = SAMPLES[language]
    head, tail = AROUND.get(language, ("", ""))
    n_samples = N_LINES // sample.count("\n")
    return head + "".join(sample.format(n=n) for n in range(n_samples)) + tail


def with_spaces(language: str, text: str) -> str:
    """White space at the end of every fiftieth line."""
    lines = text.split("\n")
    return "\n".join(line + "  " if n % 50 == 0 and line.strip() else line for n, line in enumerate(lines))


def with_other_layout(language: str, text: str) -> str:
    """Every line otherwise than before: indentation of twice the depth, or other spaces between words."""
    lines = text.split("\n")
    return "\n".join(" " * (len(line) - len(line.lstrip(" "))) + _spread(line) for line in lines)


def with_other_quotes(language: str, text: str) -> str:
    """The same strings in the other quotes."""
    return text.replace("'", '"')


def with_other_signs(language: str, text: str) -> str:
    """Another style of JavaScript: no semicolons at ends of lines, other quotes, and a comma after the last item."""
    text = re.sub(r";$", "", with_other_quotes(language, text), flags=re.MULTILINE)
    return re.sub(r"(?<=\w) \}$", ", }", text, flags=re.MULTILINE)


def _spread(line: str) -> str:
    for sign in ("(", "{", "[", "=", ","):
        if f"{sign} " in line:
            return line.replace(f"{sign} ", f"{sign}  ", 1)
    return line + " "


def row(title: str, language: str, before: str, after: str) -> int:
    """One row; 1 when its bound is missed."""
    change = Change(path="a", language=language, before=before, after=after)
    verdict = verify([Check.SAME_PROGRAM], change)
    assert isinstance(verdict, Accepted), (title, verdict)
    ours = cpu_ms(lambda: verify([Check.SAME_PROGRAM], change))
    # Python is read by Python's own parser, everything else by the grammar's.
    bare: Callable[[str], Any] = ast.parse if language == "python" else lambda text: parse(text, language)
    other = cpu_ms(lambda: (bare(before), bare(after)))
    is_met = ours <= other * FACTOR
    print(f"{title:<34} {ours:>9.1f} {other:>9.1f} {ours / other:>7.2f}  <= {FACTOR}{'' if is_met else '  MISSED'}")
    return not is_met


def cpu_ms(work: Callable[[], Any], n_runs: int = 3) -> float:
    """The best processor time of several runs, in milliseconds."""
    best = float("inf")
    for _ in range(n_runs):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


if __name__ == "__main__":
    raise SystemExit(main())
