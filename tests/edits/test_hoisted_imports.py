"""Imports that stand before a rewritten piece of code are moved to the top of the file."""

import pytest

from tierwise.edits import apply_span
from tierwise.edits.imports import hoist_imports
from tierwise.text import Rejection, Span

FILE = '"""Doc."""\n\nimport os\n\n\nclass A:\n    def f(self, x):\n        return x\n\n\nlast = 1\n'
METHOD = "    def f(self, x: Any) -> Any:\n        return x\n"
WANTED = FILE.replace("import os\n", "import os\nfrom typing import Any\n").replace(
    "f(self, x):", "f(self, x: Any) -> Any:"
)


def hoisted(code: str) -> str:
    """The file after a reply for its method."""
    start, end = FILE.index("    def f"), FILE.index("\n\n\nlast") + 1
    new = apply_span(f"```python\n{code}```", FILE, Span(start, end))
    assert not isinstance(new, Rejection)
    return hoist_imports(FILE, new, Span(start, end))


@pytest.mark.parametrize(
    "code",
    [
        f"from typing import Any\n\n{METHOD}",
        f"from typing import Any\n{METHOD}",
        f"    from typing import Any\n\n{METHOD}",
        "from typing import Any\n\ndef f(self, x: Any) -> Any:\n    return x\n",
        f"import os\nfrom typing import Any\n\n{METHOD}",
    ],
    ids=["at the margin", "without a blank line", "as deep as the method", "all at the margin", "one that is there"],
)
def test_imports_before_a_method(code: str) -> None:
    assert hoisted(code) == WANTED
