"""Python modules without their type hints."""

import ast

_TYPING_MODULES = frozenset(
    {"typing", "typing_extensions", "collections.abc", "types", "__future__", "numpy.typing", "_typeshed"}
)
_TYPE_MAKERS = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple"})
_FIELD_MAKERS = frozenset(
    {"dataclass", "define", "frozen", "mutable", "attrs", "s", "attributes", "dataclass_transform"}
)
_FIELD_BASES = ("BaseModel", "NamedTuple", "TypedDict", "Struct", "BaseSettings", "Model", "Schema", "SQLModel", "Base")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class HintProblem(Exception):
    """A hint that would do more than hint; its text is one sentence for the next prompt."""


def count_hints(tree: ast.Module) -> int:
    """How many annotations a module has."""
    n = 0
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            n += node.returns is not None
        elif isinstance(node, ast.arg):
            n += node.annotation is not None
        elif isinstance(node, ast.AnnAssign):
            n += 1
    return n


def without_hints(before: str, after: str) -> tuple[ast.Module, ast.Module]:
    """Both modules without annotations and without what only annotations need.

    Raises HintProblem when an annotation that was there is gone, or a new one would change what the program does.
    """
    old, new = ast.parse(before.removeprefix("\ufeff")), ast.parse(after.removeprefix("\ufeff"))
    _check_kept(old, new)
    _check_imports(old, new)
    known = {ast.unparse(node) for node in ast.walk(old) if isinstance(node, ast.AnnAssign)}
    old_names = _module_names(old)
    for tree in (old, new):
        _check_fields(tree, known)
        _Eraser(known, old_names).visit(tree)
    return old, new


def _check_kept(old: ast.Module, new: ast.Module) -> None:
    had, has = _annotated(old), _annotated(new)
    gone = sorted(had - has)
    if gone:
        raise HintProblem(f"the type hint of {gone[0]!r} is gone; keep the hints that are there")


def _annotated(tree: ast.Module) -> set[str]:
    """Places with a hint, as `function.argument` or `function.return` or the target of an assignment."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            arguments = node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            found |= {f"{node.name}.{a.arg}" for a in every if a is not None and a.annotation is not None}
            if node.returns is not None:
                found.add(f"{node.name}.return")
        elif isinstance(node, ast.AnnAssign):
            found.add(ast.unparse(node.target))
    return found


def _check_imports(old: ast.Module, new: ast.Module) -> None:
    """New imports must bind names that the module does not use for something else; old ones must stay."""
    had, has = _imported(old), _imported(new)
    gone = sorted(name for name, _ in had - has)
    if gone:
        raise HintProblem(f"the import of {gone[0]!r} is gone; keep the imports that are there")
    bound = {node.id for node in ast.walk(old) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in ast.walk(old) if isinstance(node, (*_FUNCTIONS, ast.ClassDef))}
    used = {node.id for node in ast.walk(old) if isinstance(node, ast.Name)}
    for name, origin in sorted(has - had):
        if name in bound or (name in used and name not in {n for n, _ in had} and name in dir(__builtins__)):
            raise HintProblem(f"the new import of {origin!r} hides the {name!r} that the module already has")


def _imported(tree: ast.Module) -> set[tuple[str, str]]:
    """Names that imports bind, with where they come from."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.asname or alias.name.split(".")[0], alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            found |= {
                (alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}")
                for alias in node.names
            }
    return found


def _check_fields(tree: ast.Module, known: set[str]) -> None:
    """A new annotation in a class whose annotations are fields would add a field."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and _has_fields(node):
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and _differs(statement, known):
                    name = ast.unparse(statement.target)
                    raise HintProblem(f"a hint on {name!r} would make it a field of {node.name!r}")


def _differs(statement: ast.AnnAssign, known: set[str]) -> bool:
    """Whether a statement is new, not only its type."""
    target = ast.unparse(statement.target)
    return not any(line.split(":", 1)[0].strip() == target for line in known)


def _has_fields(node: ast.ClassDef) -> bool:
    makers = [decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in node.decorator_list]
    names = {maker.attr if isinstance(maker, ast.Attribute) else getattr(maker, "id", "") for maker in makers}
    bases = [ast.unparse(base).split("[")[0].rsplit(".", 1)[-1] for base in node.bases]
    return bool(names & _FIELD_MAKERS) or any(base.endswith(_FIELD_BASES) for base in bases)


def _module_names(tree: ast.Module) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


class _Eraser(ast.NodeTransformer):
    """Takes annotations out of a tree."""

    def __init__(self, known: set[str], old_names: set[str]) -> None:
        self._known = known
        self._old_names = old_names
        self._locals: list[set[str]] = []

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.body = [statement for statement in node.body if not self._is_for_types(statement)]
        return self._keep_body(self.generic_visit(node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._visit_function(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if _is_type_checking(node) else self._keep_body(self.generic_visit(node))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module in _TYPING_MODULES and not node.level else node

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        node.names = [alias for alias in node.names if alias.name not in _TYPING_MODULES]
        return node if node.names else None

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        if node.value is not None:
            assign = ast.Assign(targets=[node.target], value=node.value)
            return ast.copy_location(assign, node)
        is_new = ast.unparse(node) not in self._known
        name = node.target.id if isinstance(node.target, ast.Name) else None
        if is_new and self._locals and name is not None and name not in self._locals[-1]:
            raise HintProblem(f"the hint {name!r} without a value would make the name local")
        return None

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        return self._keep_body(node)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        bare = {
            n.target.id
            for n in ast.walk(node)
            if isinstance(n, ast.AnnAssign) and n.value is None and isinstance(n.target, ast.Name)
        }
        arguments = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
        counted = {name for name in bare if 1 < self._n_stores(node, name)}
        self._locals.append((stored - bare) | arguments | counted)
        self.generic_visit(node)
        self._locals.pop()
        return node

    @staticmethod
    def _n_stores(node: ast.AST, name: str) -> int:
        return sum(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(node))

    @staticmethod
    def _keep_body(node: ast.AST) -> ast.AST:
        """A body from which everything was taken still has to be one."""
        body = getattr(node, "body", None)
        if isinstance(body, list) and not body and not isinstance(node, ast.Module):
            body.append(ast.Pass())
        return node

    def _is_for_types(self, statement: ast.stmt) -> bool:
        """A new type variable."""
        if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)):
            return False
        maker = statement.value.func
        name = maker.attr if isinstance(maker, ast.Attribute) else getattr(maker, "id", "")
        targets = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        return name in _TYPE_MAKERS and not set(targets) & self._old_names


def _is_type_checking(node: ast.If) -> bool:
    test = node.test
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    is_plain = all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in node.body)
    return name == "TYPE_CHECKING" and is_plain and not node.orelse
