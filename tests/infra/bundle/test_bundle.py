"""What `sam build` puts into the function: what serving imports, compiled, and nothing else."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.release.deploy.digest import released_files
from infra.release.deploy.parameters import Choices, defaults

ROOT = Path(__file__).parents[3]
RUNTIME = ROOT / ".envs/runtime/bin/python"
Build = Callable[[Choices, Path], Path]
BESIDE = {
    "annotated_types": "pydantic imports it",
    "functions": "the hook, the judge and the guard",
    "model_store": "manifests, contracts, history, signatures",
    "pydantic": "reads manifests and events",
    "pydantic_core": "the compiled half of pydantic",
    "typing_extensions.py": "pydantic imports it",
    "typing_inspection": "pydantic imports it",
}
"""What the bundle of the functions beside a model holds, and why."""
SERVING = BESIDE | {
    "annotated_doc": "fastapi imports it",
    "anyio": "starlette imports it",
    "aws_lambda_powertools": "traces, and what a shadow measures",
    "aws_xray_sdk": "sends traces, where they are switched on",
    "fastapi": "serves every route but predictions",
    "functions": "functions/inference",
    "jmespath": "powertools imports it",
    "mangum": "between API Gateway's events and fastapi",
    "model_store": "reads the contract, runs the model, decides",
    "numpy": "tensors",
    "numpy.libs": "the linear algebra that numpy is linked to",
    "onnxruntime": "runs the graph",
    "opentelemetry": "fastapi imports it",
    "starlette": "fastapi is made of it",
    "urllib3": "reads the model from S3",
    "wrapt": "aws_xray_sdk imports it",
}
"""What the bundle of the function itself holds, and why."""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Runs the real sam in a checkout; returns the folder of the function."""

    def run(choices: Choices, checkout: Path) -> Path:
        built = tmp_path_factory.mktemp("built")
        sam = ROOT / ".envs/sam/bin/sam"
        target = [f"Architecture={choices.architecture}", f"Runtime={choices.runtime}"]
        where = ["--template-file", "template.yaml", "--build-dir", str(built)]
        subprocess.run(
            [sam, "build", *where, "--parameter-overrides", *target],
            cwd=checkout,
            env={**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"},
            check=True,
            capture_output=True,
        )
        return built / "InferenceFunction"  # the other bundles lie beside it

    return run


@pytest.fixture(scope="module")
def bundle(build: Build) -> Path:
    return build(defaults(local=True), ROOT)


@pytest.fixture(scope="module")
def beside(bundle: Path) -> Path:
    """What stands beside a model: one bundle, built for each of its functions."""
    return bundle.parent / "GuardFunction"


def test_what_stands_beside_a_model_is_small_and_one_and_the_same(beside: Path) -> None:
    """Files alike are one upload: sam names packages by their content."""
    names = {entry.name for entry in beside.iterdir()} - {"__pycache__"}
    assert names == set(BESIDE)
    assert sum(f.stat().st_size for f in beside.rglob("*") if f.is_file()) <= 13 * 10**6
    for name in ("CanaryFunction", "PreTrafficFunction"):
        assert fingerprint(beside.parent / name) == fingerprint(beside)


def test_what_stands_beside_a_model_starts_with_the_runtime_alone_and_uses_all_of_its_code(
    beside: Path,
) -> None:
    """boto3 comes with the runtime. The entries, which read the environment, are not imported."""
    script = (
        f"import sys; sys.path.insert(0, {str(beside)!r}); sys.dont_write_bytecode = True\n"
        "import functions.canary.function, functions.guard.function\n"
        "import functions.pretraffic.function\n"
        "for module in list(sys.modules.values()): print(getattr(module, '__file__', None))\n"
    )
    said = subprocess.run([RUNTIME, "-I", "-c", script], check=True, stdout=subprocess.PIPE)
    imported = {Path(line) for line in said.stdout.decode().splitlines()}
    carried = {beside / name for name in ours(beside) if not name.endswith("/handler.py")}
    assert carried - imported == set()


def test_the_bundle_holds_these_packages_and_no_other(bundle: Path) -> None:
    names = {entry.name for entry in bundle.iterdir()} - {"__pycache__"}
    assert names == set(SERVING)


def test_only_the_serving_part_of_our_own_code_is_in_it(bundle: Path) -> None:
    parts = {entry.name for entry in (bundle / "model_store").iterdir()}
    assert {"contract", "artifact", "predictor.py", "decision"} <= parts
    assert not {"compatibility", "packaging", "registry", "reporting", "vetting"} & parts
    assert {entry.name for entry in (bundle / "functions/inference").iterdir()}.isdisjoint(
        {"Makefile"}
    )


def ours(bundle: Path) -> set[str]:
    files = (f for name in ("functions", "model_store") for f in (bundle / name).rglob("*"))
    return {str(f.relative_to(bundle)) for f in files if f.is_file() and f.suffix != ".pyc"}


def test_the_digest_of_the_code_covers_just_what_is_in_the_bundles(
    bundle: Path, beside: Path
) -> None:
    """Else a change would be built and not released, or released and not built."""
    recipes = {"targets", "bundle.mk", "Makefile"}
    covered = {f.relative_to(ROOT) for f in released_files(ROOT)}
    code = {str(f) for f in covered if f.parts[0] in {"functions", "model_store"}}
    made = {name for name in code if not recipes & set(Path(name).parts)}
    assert ours(bundle) | ours(beside) == made


def test_it_starts_in_a_process_that_has_nothing_else(bundle: Path) -> None:
    """The runtime's own environment has no onnxruntime, numpy, pydantic or FastAPI. Bar P6: nothing
    is carried that serving does not import."""
    script = (
        f"import sys; sys.path.insert(0, {str(bundle)!r}); sys.dont_write_bytecode = True\n"
        "import functions.inference.app, model_store.predictor, model_store.decision\n"
        "import functions.inference.shadowing.measures\n"
        "from aws_lambda_powertools.tracing import Tracer; Tracer(service='penguins')\n"
        "from functions.inference.docs_page import docs_page; docs_page('Swagger UI is here')\n"
        "import onnxruntime, numpy\n"
        f"assert onnxruntime.__file__.startswith({str(bundle)!r})\n"
        "print(*{name.split('.')[0] for name in sys.modules})\n"
    )
    said = subprocess.run([RUNTIME, "-I", "-c", script], check=True, stdout=subprocess.PIPE)
    imported = set(said.stdout.decode().split())
    linked = {"numpy.libs"}
    assert {name.removesuffix(".py") for name in SERVING} - linked <= imported


def test_every_source_is_compiled_for_the_runtime(bundle: Path) -> None:
    """A bundle without .pyc starts three times slower."""
    is_compiled_for(sys.implementation.cache_tag, bundle)


def is_compiled_for(tag: str, bundle: Path) -> None:
    sources = list(bundle.rglob("*.py"))
    lacking = [s for s in sources if not (s.parent / f"__pycache__/{s.stem}.{tag}.pyc").exists()]
    assert len(sources) > 500
    assert lacking == []


def test_without_a_python_to_compile_with_a_build_says_so_at_once(tmp_path: Path) -> None:
    """Else it would only be seen as slow starts: sam does not show what a build says."""
    nowhere = ("HOME", "PATH", "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR")
    make, recipe = shutil.which("make"), ROOT / "functions/inference/Makefile"
    built = subprocess.run(
        [str(make), "-f", recipe, "bundle", f"ARTIFACTS_DIR={tmp_path}"],
        cwd=ROOT / "functions/targets/arm64-python3.14",
        env=dict.fromkeys(nowhere, str(tmp_path)) | {"UV_OFFLINE": "1"},
        capture_output=True,
    )
    assert built.returncode != 0
    assert b"No Python 3.14 is here" in built.stderr
    assert not (tmp_path / "pydantic").exists()


def test_bytecode_is_never_checked_against_its_source(bundle: Path) -> None:
    """Flags 1: hash-based and unchecked (PEP 552), so that no start reads the sources."""
    compiled = next((bundle / "fastapi/__pycache__").glob("*.pyc"))
    assert int.from_bytes(compiled.read_bytes()[4:8], "little") == 1


def test_it_stays_within_the_size_that_was_promised(bundle: Path) -> None:
    size = sum(f.stat().st_size for f in bundle.rglob("*") if f.is_file())
    assert size <= 110 * 10**6


def test_what_the_digest_covers_builds_the_same_files_wherever_it_lies(
    build: Build, bundle: Path, tmp_path: Path
) -> None:
    """Also where a folder's name has a space, at which make takes paths apart."""
    checkout = tmp_path / "my models"
    for file in released_files(ROOT):
        copy = checkout / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    (checkout / ".envs").symlink_to(ROOT / ".envs")  # for uv
    again = build(defaults(local=True), checkout)
    assert fingerprint(again) == fingerprint(bundle)


def test_the_bundle_for_aws_is_built_here_for_another_machine(build: Build) -> None:
    """arm64 and python3.13, without that machine; bar P6: .pyc included."""
    bundle = build(Choices(), ROOT)
    assert {entry.name for entry in bundle.iterdir()} - {"__pycache__"} == set(SERVING)
    is_compiled_for("cpython-313", bundle)
    libraries = list(bundle.rglob("*.so"))
    assert len(libraries) > 10
    aarch64 = 183
    for library in libraries:
        assert int.from_bytes(library.read_bytes()[18:20], "little") == aarch64, library
    assert any("cpython-313" in library.name for library in libraries)


@pytest.mark.skipif(platform.machine() == "aarch64", reason="the target is this machine")
def test_the_target_decides_not_the_machine_at_hand(build: Build, bundle: Path) -> None:
    (library,) = (bundle / "pydantic_core").glob("*.so")
    x86_64 = 62
    assert int.from_bytes(library.read_bytes()[18:20], "little") == x86_64


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and modification time by path: what decides over the bytes of the zip."""
    return {
        str(f.relative_to(folder)): (
            hashlib.sha256(f.read_bytes()).hexdigest(),
            int(f.stat().st_mtime),
        )
        for f in sorted(folder.rglob("*"))
        if f.is_file()
    }
