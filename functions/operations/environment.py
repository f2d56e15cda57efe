"""What template.yaml tells a function, read once by its Lambda entry."""

from collections.abc import Mapping
from dataclasses import dataclass

from model_store.errors import LambentError


class NotConfigured(LambentError):
    """The environment of the function does not say what it has to know."""


@dataclass(frozen=True)
class Environment:
    """The variables of a Lambda function; they are asked for without their prefix LAMBENT_.

    What is missing where it must not be, and what makes no sense, raises NotConfigured.
    """

    variables: Mapping[str, str]

    def optional(self, name: str) -> str:
        return self.variables.get(f"LAMBENT_{name}", "")

    def text(self, name: str) -> str:
        if value := self.optional(name):
            return value
        next_step = "Deploy with `lambent deploy`, which sets it"
        raise NotConfigured(f"LAMBENT_{name}", "is not set", next_step)

    def names(self, name: str) -> tuple[str, ...]:
        """Joined by commas; may be none."""
        return tuple(filter(None, self.optional(name).split(",")))

    def number(self, name: str, least: float, most: float) -> float:
        text = self.text(name)
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if least <= number <= most:
            return number
        next_step = f"Set its parameter of template.yaml to a number from {least:g} to {most:g}"
        raise NotConfigured(f"LAMBENT_{name}", f"is {text!r}", next_step)

    def share(self, name: str, most: float) -> float:
        """From 1 to `most` percent, as 0 to 1."""
        return self.number(name, 1, most) / 100
