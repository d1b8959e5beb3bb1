"""Small changes to the signs and white space of scripts, some harmless and some not."""

import random
import re
from collections.abc import Callable

ELEMENTS = """\
import React, { useState } from "react";

type Props = { items: string[]; title?: string; onPick: (x: string) => void };

const id = <T,>(x: T) => x;

export function List({ items, title, onPick }: Props) {
  const [open, setOpen] = useState<boolean>(false);
  // Toggles it.
  const toggle = () => setOpen(!open);
  if (!items.length) return <p>Nothing here, don't look</p>;
  return (
    <section className="list big" data-a='b' onClick={toggle}>
      <h1>
        {title ?? "None"} and <b>more</b> text
        on two lines
      </h1>
      {open && (
        <ul>
          {items.map((x, n) => (
            <li key={n} onClick={() => { onPick(x); toggle(); }}>
              {x}{" "}
              <i>it's #{n + 1}</i>
            </li>
          ))}
        </ul>
      )}
      {/* A comment. */}
      <input disabled type="text" value={`a ${title}`} {...items} />
      <>
        plain   text   here
        <br/>
      </>
      {items < title ? <A/> : <B x="1
      2" />}
    </section>
  );
}

const list = <div>
  {items.length}
  text
</div>
[1, 2].forEach(id);
export default List;
"""
STATEMENTS = """\
let first = 1;
let second = [1, , 2,];
function f(a, b) {
  if (a) {
    b++;
  }
  while (b < 3);
  do b = a
  while (b);
  for (let i = 0; i < 3; i++) g(i);
  const { x, ...rest } = a;
  if (a) return;
  else g(b);
  return { a, b: `c ${a}`, 'd': "e" }
}
class A extends B {
  x = 1;
  static y = 2;
  get;
  set;
  async foo(a) { await a; }
  ["a"] = 3;
  *g() {}
}
let h = () => {};
(function () { return 1; })();
const r = a / b;
a = b
/re/.test(a);
import c from "d";
export { h, r };
"""


def between(pattern: str, others: list[str]) -> Callable[[str, random.Random], str]:
    """One match of the pattern becomes one of the others."""

    def change(text: str, rng: random.Random) -> str:
        found = list(re.finditer(pattern, text))
        if not found:
            return text
        match = rng.choice(found)
        return text[: match.start()] + rng.choice(others) + text[match.end() :]

    return change


def everywhere(pattern: str, other: str) -> Callable[[str, random.Random], str]:
    """All matches of the pattern in some part of the text become another text."""

    def change(text: str, rng: random.Random) -> str:
        start, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        return text[:start] + re.sub(pattern, other, text[start:end]) + text[end:]

    return change


CHANGES = [
    between(r"[ \t]+", ["", " ", "  ", "\n"]),
    between(r"\n[ \t]*", ["", " ", "\n", "\n\n", "\n  ", "  \n", ";\n", ",\n"]),
    between(r"[,;]", ["", ",", ";", "\n", " "]),
    between(r"['\"`]", ["'", '"', "`"]),
    between(r"(?=[\])}])", [",", ";", " ", "\n", ",\n"]),
    between(r"", ["  ", " ", "\n", ",", ";", "(", ")", "//", "<", "/"]),
    everywhere(r";\n", "\n"),
    everywhere(r"(?<=[\w)}\]])\n", ";\n"),
    everywhere(r"(?<=\w)\n(?=\s*[})\]])", ",\n"),
    everywhere(r",\n(?=\s*[})\]])", "\n"),
    everywhere(r"(?m)^ +", "\t"),
    everywhere(r"'", '"'),
    everywhere(r"(?<=\S)  +", " "),
]


def mutant(text: str, rng: random.Random) -> str:
    """The text with one to three changes."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        text = rng.choice(CHANGES)(text, rng)
    return text
