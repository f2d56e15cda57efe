"""The base of everything that is written as JSON."""

from pydantic import BaseModel, ConfigDict, ValidationError


class Record(BaseModel):
    """A frozen value that refuses unknown fields and numbers that are not finite."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        # What we write has every member, and clients may rely on it: `decision` most of all.
        json_schema_serialization_defaults_required=True,
    )


def explain(error: ValidationError) -> str:
    """The first problems that pydantic found in a record of ours, on one line."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    parts = [f"{'.'.join(map(str, d['loc'])) or 'it'}: {d['msg']}" for d in details[:3]]
    return "; ".join(part.removeprefix("it: ") for part in parts)
