"""Names that CloudFormation invents: stack, logical id, and something unique."""

from infra.local.cloudformation.provision.record import ResourceType

UNIQUE_LENGTH = 12


def generated_name(kind: ResourceType, stack: str, logical_id: str, unique: str) -> str:
    """Cut to what the service allows; `unique` is any text with 12 letters or digits."""
    tail = "".join(letter for letter in unique if letter.isalnum())[-UNIQUE_LENGTH:].upper()
    room = kind.longest_name - len(tail) - 2
    stack_room = max(room - len(logical_id), room // 2)
    name = f"{stack[:stack_room]}-{logical_id[: room - len(stack[:stack_room])]}-{tail}"
    return name.lower() if kind.lower_case_name else name
