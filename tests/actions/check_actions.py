"""One way to say what an action does: before, reply, after."""

from tierwise.actions import Action, Diagnostic, Example, Scope, Site, Target
from tierwise.checks import RUNNING_CHECKS, Change, verify
from tierwise.edits import apply_reply, apply_span
from tierwise.syntax.outline import outline
from tierwise.text import Rejection, Snapshot, Span

SUFFIX = {"python": "py", "javascript": "js", "typescript": "ts", "go": "go", "rust": "rs"}


def extract_selection(marked: str) -> tuple[str, Span]:
    """`$0` marks the cursor, `$0…$0` a selection."""
    first = marked.index("$0")
    rest = marked[first + 2 :]
    second = rest.find("$0")
    text = marked.replace("$0", "")
    return text, Span(first, first if second < 0 else first + second)


def site_of(marked: str, language: str = "python", diagnostic: str | None = None) -> Site:
    """The site a marked text describes."""
    text, selection = extract_selection(marked)
    snapshot = Snapshot(uri=f"file:///sample.{SUFFIX.get(language, 'txt')}", text=text, language=language, version=1)
    diagnostics: tuple[Diagnostic, ...] = ()
    if diagnostic is not None:
        code, _, message = diagnostic.partition(" ")
        line_start = text.rfind("\n", 0, selection.start) + 1
        diagnostics = (Diagnostic(span=Span(line_start, selection.start), message=message, code=code, source="Ruff"),)
    return Site(snapshot=snapshot, symbols=outline(text, language), selection=selection, diagnostics=diagnostics)


def target_of(action: Action, example: Example) -> Target:
    """The example's target, which must exist."""
    site = site_of(example.before, example.language, example.diagnostic)
    target = action.find_target(site)
    assert target is not None, f"{action.id} is not offered for its own example"
    return target


def apply_example(action: Action, example: Example) -> str | Rejection:
    """The reply onto the example, by the road its scope takes, every static check included."""
    site = site_of(example.before, example.language, example.diagnostic)
    text = site.snapshot.text
    target = target_of(action, example)
    if action.scope is Scope.TEST_FILE:
        new = apply_span(example.reply, "\n", Span(0, 1))
        before, path, span = "", "test_sample.py", None
    elif action.scope is Scope.FILES:
        applied = apply_reply(example.reply, {"sample.py": text})
        new = applied if isinstance(applied, Rejection) else applied.files["sample.py"] or ""
        before, path, span = text, "sample.py", None
    else:
        new = apply_span(example.reply, text, target.span, keeps_style=not action.sets_layout)
        before, path, span = text, "sample.py", target.span
    if isinstance(new, Rejection):
        return new
    checks = [check for check in action.checks if check not in RUNNING_CHECKS]
    verdict = verify(
        checks,
        Change(
            path=path,
            language=example.language,
            before=before or None,
            after=new,
            span=span,
            allow_imports=action.allows_imports,
        ),
    )
    return verdict if isinstance(verdict, Rejection) else new


def check_rejected(action: Action, before: str, reply: str, code: str, language: str = "python") -> None:
    """The action must refuse this reply with this code."""
    outcome = apply_example(action, Example(language=language, before=before, reply=reply, after=""))
    assert isinstance(outcome, Rejection), f"accepted: {outcome}"
    assert outcome.code == code, outcome


def check_not_offered(action: Action, before: str, language: str = "python", diagnostic: str | None = None) -> None:
    """The action must not apply here."""
    assert action.find_target(site_of(before, language, diagnostic)) is None
