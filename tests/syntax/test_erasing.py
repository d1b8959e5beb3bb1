"""TypeScript without its types: what is left is the program, on the same lines."""

import pytest

from tierwise.syntax.erasing import without_types
from tierwise.text import Rejection


def squeezed(text: str) -> str:
    """A text without its blanks."""
    return "".join(text.split())


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("let x: number | null = 1;", "let x = 1;"),
        ("function f<T extends object>(x: T, y?: string, ...r: T[]): x is T {}", "function f(x, y, ...r) {}"),
        ("const g = async (a: number): Promise<void> => {};", "const g = async (a) => {};"),
        ('import type { A } from "./a.ts";\nimport { type B, c } from "./b.ts";', 'import { c } from "./b.js";'),
        ("export interface A { x: number }\nexport type B = A;\nexport const c = 1;", "export const c = 1;"),
        ("class A<T> extends B<T> implements C { private readonly x!: T; static y = 1; }",
         "class A extends B { x; static y = 1; }"),
        ("abstract class A { abstract f(): void; g?(): void { return this.a!.b as any; } }",
         "class A { ; g() { return this.a.b; } }"),
        ("const o = { a: 1 } satisfies A; new Map<string, number>(); f<string>(o as unknown as B);",
         "const o = { a: 1 }; new Map(); f(o);"),
        ("declare const w: number;\nconst t = a ? b : c;", "const t = a ? b : c;"),
    ],
)  # fmt: skip
def test_types_go_and_the_program_stays(typed: str, plain: str) -> None:
    erased = without_types(typed)
    assert isinstance(erased, str)
    assert squeezed(erased) == squeezed(plain)
    assert erased.count("\n") == typed.count("\n")


@pytest.mark.parametrize(
    "typed", ["enum A { B }", "namespace N { export const x = 1; }", "class A { constructor(private x: number) {} }"]
)
def test_what_has_to_be_compiled_is_refused(typed: str) -> None:
    erased = without_types(f"const before = 1;\n{typed}\n")
    assert isinstance(erased, Rejection)
    assert "line 2" in erased.detail
