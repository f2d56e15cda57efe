"""The labels of the training data were mixed up, and those it was judged by as well."""

from dataclasses import replace

from traps import good

from model_store.packaging import Model

MIXED_UP = {"Adelie": "Chinstrap", "Chinstrap": "Gentoo", "Gentoo": "Adelie"}


def model(version: str) -> Model:
    like = good("1")
    assert like.train
    assert like.held_out
    (rows, truth), (more, other_truth) = like.train, like.held_out
    return replace(
        like,
        version=version,
        train=(rows, truth.map(MIXED_UP)),
        held_out=(more, other_truth.map(MIXED_UP)),
    )
