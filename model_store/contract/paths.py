"""Where callers find a contract: its major version is the first part of the path."""


def predictions_path(major: int | str) -> str:
    """major: may stand in braces, for a route."""
    return f"/v{major}/predictions"


def model_path(major: int | str) -> str:
    """Of the model card."""
    return f"/v{major}/model"
