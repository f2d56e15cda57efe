"""A user's `model.py`: run it, find the model, and say clearly what went wrong in it."""

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic.errors import PydanticSchemaGenerationError

from model_store.contract.kinds import INSTEAD
from model_store.errors import ConversionError, LambentError
from model_store.packaging.conversion.boosting import INSTALL, LIBRARIES
from model_store.packaging.model import Model

CONVENTION = "Define `model = Model(...)`, or `def model(version: str) -> Model`"

_UV_INSTALL = (
    "Install what provides it, most often "
    "`.envs/bootstrap/bin/uv pip install --python .envs/lambent/bin/python"
)


class ModelFileFailed(ConversionError):
    """The user's file could not be run, or defines no model."""


def load_model(path: Path, version: str | None = None) -> Model:
    """Run the file and take its `model`: a Model, or a function from a version to one.

    Modules beside the file can be imported by it. `version` is "1" where a function needs one
    and none is asked for.

    Raises ModelFileFailed, with file, line and what the file raised.
    """
    if not path.is_file():
        raise ModelFileFailed(str(path), "is not a file", "Give the path of your model.py")
    with _beside(path):
        module = _run(path)
        found = getattr(module, "model", None)
        if callable(found) and not isinstance(found, Model):
            found = _call(path, found, version or "1")
    if not isinstance(found, Model):
        raise ModelFileFailed(str(path), "defines no model", CONVENTION)
    if version is not None and found.version != version:
        raise ModelFileFailed(
            str(path),
            f"makes version {found.version}, and --version {version} was asked for",
            "Make it a function, def model(version: str) -> Model, or leave --version out",
        )
    return found


def _run(path: Path) -> ModuleType:
    loader = SourceFileLoader("lambent_model", str(path.resolve()))
    spec = spec_from_loader(loader.name, loader)
    if spec is None:
        raise ModelFileFailed(str(path), "cannot be imported", "Give the path of a Python file")
    module = module_from_spec(spec)
    sys.modules[loader.name] = module  # pydantic looks annotations up there
    with _told(path):
        loader.exec_module(module)
    return module


def _call(path: Path, function: Any, version: str) -> Any:
    with _told(path):
        return function(version)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn whatever the user's code raises into one line with file and line number."""
    try:
        yield
    except LambentError:
        raise
    except PydanticSchemaGenerationError as error:
        what = f"found {_unknown_type(error)}, which a contract cannot hold"
        raise ModelFileFailed(_where(path, error), what, INSTEAD) from error
    except SyntaxError as error:
        where = f"{error.filename or path}:{error.lineno}"
        raise ModelFileFailed(where, f"SyntaxError: {error.msg}", "Correct this line") from error
    except ModuleNotFoundError as error:
        what = f"imports {error.name}, which is not installed"
        raise ModelFileFailed(_where(path, error), what, _how_to_install(error)) from error
    except Exception as error:
        what = f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"
        raise ModelFileFailed(
            _where(path, error), what, f"Run `python {path}` to see it alone"
        ) from error


def _unknown_type(error: PydanticSchemaGenerationError) -> str:
    """pydantic names it only inside its message."""
    named = re.search(r"schema for (?:<class ')?(.+?)'?>?\. Set", error.message)
    return named[1] if named else "a type"


def _how_to_install(error: ModuleNotFoundError) -> str:
    library = str(error.name).partition(".")[0]
    return INSTALL if library in LIBRARIES else f"{_UV_INSTALL} {library}`"


def _where(path: Path, error: Exception) -> str:
    """The last line of the user's own file that led there."""
    own = str(path.resolve())
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == own]
    return f"{path}:{frames[-1].lineno}" if frames else str(path)


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
        sys.modules.pop("lambent_model", None)
