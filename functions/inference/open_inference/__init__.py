"""The Open Inference Protocol V2 in JSON: columns of tensors instead of rows of objects."""
