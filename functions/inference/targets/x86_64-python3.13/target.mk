PLATFORM := x86_64-manylinux_2_28
PYTHON := 3.13
