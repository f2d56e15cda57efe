PLATFORM := aarch64-manylinux_2_28
PYTHON := 3.11
