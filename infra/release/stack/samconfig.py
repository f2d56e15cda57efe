"""samconfig.toml: one environment per model, so that plain sam repeats what Lambent did."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.errors import ToolFailed
from infra.release.stack.stacks import stack_name

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_HEADER = "version = 0.1\n"
_BUILT_FOR = ("Architecture", "Runtime")


@dataclass(frozen=True)
class SamConfig:
    """The file, read and written as a whole; comments that people wrote in it are kept."""

    path: Path

    def parameters(self, model: str) -> dict[str, str]:
        """The template parameters of a model's environment; empty when it has none."""
        environment = tomllib.loads(self._text()).get(model, {})
        overrides = environment.get("deploy", {}).get("parameters", {}).get("parameter_overrides")
        if not isinstance(overrides, dict):
            return {}
        return {str(key): str(value) for key, value in overrides.items()}

    def built_otherwise(self, model: str, target: Mapping[str, str]) -> tuple[str, ...]:
        """The other models, whose environments build for another architecture or runtime."""
        environments = tomllib.loads(self._text()).keys() - {"version", "default", model}
        chosen = ((name, self.parameters(name)) for name in sorted(environments))
        return tuple(
            name
            for name, theirs in chosen
            if any(theirs.get(key, target[key]) != target[key] for key in _BUILT_FOR)
        )

    def write(self, model: str, parameters: Mapping[str, str], region: str | None) -> None:
        """Set the model's environment; plain `sam build` builds for it until the next is set."""
        import tomlkit  # slow to import, and a rollback should not wait for it

        document = self._read()
        built_for = {k: parameters[k] for k in _BUILT_FOR}
        default = document.setdefault("default", tomlkit.table(is_super_table=True))
        default["build"] = _section({"parameter_overrides": built_for})
        environment = tomlkit.table(is_super_table=True)
        environment["build"] = _section({"parameter_overrides": built_for})
        environment["deploy"] = _section(_deploy(model, parameters, region))
        document[model] = environment
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(tomlkit.dumps(document))

    def _read(self) -> "TOMLDocument":
        import tomlkit

        return tomlkit.parse(self._text())

    def _text(self) -> str:
        text = self.path.read_text() if self.path.exists() else _HEADER
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ToolFailed(str(self.path), f"is not TOML: {error}", "Mend that line") from error
        return text


def _section(parameters: Mapping[str, Any]) -> Any:
    import tomlkit

    section = tomlkit.table(is_super_table=True)
    section["parameters"] = tomlkit.item(dict(parameters))
    return section


def _deploy(model: str, parameters: Mapping[str, str], region: str | None) -> dict[str, Any]:
    return {
        "stack_name": stack_name(model),
        "resolve_s3": True,
        "s3_prefix": stack_name(model),
        **({"region": region} if region else {}),
        "capabilities": "CAPABILITY_IAM",
        "confirm_changeset": False,
        "fail_on_empty_changeset": False,
        "tags": f'lambent:model="{model}"',
        "parameter_overrides": dict(parameters),
    }
