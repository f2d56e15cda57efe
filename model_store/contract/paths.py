"""Where callers find a contract: its major version is the first part of the path."""


def predictions_path(major: int) -> str:
    return f"/v{major}/predictions"


def model_path(major: int) -> str:
    """Of the model card."""
    return f"/v{major}/model"
