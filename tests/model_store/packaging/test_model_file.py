"""`model.py` as users write it, right and wrong."""

from pathlib import Path

import pytest

from model_store.packaging.model_file import ModelFileFailed, load_model

HEAD = """
from model_store.contract import freeze
from model_store.packaging import Model
from pydantic import BaseModel

class Row(BaseModel):
    x: float

def make(version):
    return Model(name="m", version=version, contract=freeze(Row, version="1.0"), onnx="m.onnx")
"""


def write(folder: Path, text: str, name: str = "model.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_model_is_taken_as_it_is(tmp_path: Path) -> None:
    assert load_model(write(tmp_path, f"{HEAD}\nmodel = make('2.0')")).version == "2.0"


def test_a_function_is_given_the_version(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEAD}\ndef model(version):\n    return make(version)")
    assert load_model(path).version == "1"
    assert load_model(path, "7").version == "7"


def test_modules_beside_the_file_can_be_imported(tmp_path: Path) -> None:
    write(tmp_path, "VERSION = '3'", name="lambent_test_helper.py")
    text = f"{HEAD}\nfrom lambent_test_helper import VERSION\nmodel = make(VERSION)"
    assert load_model(write(tmp_path, text)).version == "3"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\ny = [][0]\n", "model.py:2: IndexError: list index out of range"),
        ("def model(version:\n", "model.py:1: SyntaxError"),
        ("\nimport no_such_module\n", "model.py:2: imports no_such_module, which is not installed"),
        ("def model(version):\n    return 1 / 0\n", "model.py:2: ZeroDivisionError"),
        (
            "import pandas as pd\nfrom pydantic import BaseModel\n"
            "class Row(BaseModel):\n    signup: pd.Timestamp\n",
            "Timestamp, which a contract cannot hold. Write float, int, bool, str, date,",
        ),
        ("x = 1\n", "model.py: defines no model"),
        ("model = 5\n", "model.py: defines no model"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileFailed) as failure:
        load_model(write(tmp_path, text))
    assert told in str(failure.value)
    assert failure.value.next_step


@pytest.mark.parametrize(
    ("library", "told"),
    [("lightgbm", "`make boosting`"), ("no_such.module", "lambent/bin/python no_such`")],
)
def test_a_library_that_is_not_installed_comes_with_the_command_that_installs_it(
    library: str, told: str, tmp_path: Path
) -> None:
    text = f"raise ModuleNotFoundError(name={library!r})"
    with pytest.raises(ModelFileFailed) as failure:
        load_model(write(tmp_path, text))
    assert told in failure.value.next_step


def test_a_mistake_in_a_record_is_told_in_one_line(tmp_path: Path) -> None:
    text = "from model_store.packaging import Constant\nmodel = Constant(note='no value')"
    with pytest.raises(ModelFileFailed, match="value Field required") as failure:
        load_model(write(tmp_path, text))
    assert "\n" not in str(failure.value)


def test_the_line_is_the_users_own_even_if_a_library_raised(tmp_path: Path) -> None:
    text = f"{HEAD}\nimport json\nmodel = json.loads('{{')\n"
    line = text[: text.index("json.loads")].count("\n") + 1
    with pytest.raises(ModelFileFailed, match=f"model.py:{line}: JSONDecodeError"):
        load_model(write(tmp_path, text))


def test_a_fixed_version_cannot_be_overruled(tmp_path: Path) -> None:
    with pytest.raises(ModelFileFailed, match="makes version 1, and --version 2 was asked for"):
        load_model(write(tmp_path, f"{HEAD}\nmodel = make('1')"), "2")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileFailed, match=r"no\.py: is not a file"):
        load_model(tmp_path / "no.py")
