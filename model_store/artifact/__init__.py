"""What is published: a folder with `model.onnx` and the `manifest.json` that vouches for it."""
