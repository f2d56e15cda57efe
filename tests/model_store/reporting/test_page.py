"""The report: one page, whoever wrote the manifest."""

import re
from collections import Counter
from html.parser import HTMLParser

import matplotlib as mpl
import pytest

from model_store.artifact.manifest import Manifest
from model_store.fallbacks.records import Constant
from model_store.policy import Policy
from model_store.reporting.page import report

DIGEST = "ab" * 32
HOSTILE = "</title><script>alert(1)</script><img src=x onerror='alert(1)'>{{ 7*7 }}$x$\"&amp;"


class Elements(HTMLParser):
    """Counts elements, and collects attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(manifest: Manifest) -> Manifest:
    """Every text that a manifest leaves free is an attempt to become markup."""
    assert manifest.calibration is not None
    assert manifest.novelty is not None
    assert manifest.outcomes is not None
    (first, *classes), (part, *slices) = manifest.outcomes.classes, manifest.outcomes.slices
    told = {
        "classes": (first.model_copy(update={"label": HOSTILE}), *classes),
        "slices": (part.model_copy(update={"value": HOSTILE}), *slices),
    }
    return manifest.model_copy(
        update={
            "title": HOSTILE,
            "description": HOSTILE,
            "unit": HOSTILE,
            "labels": (HOSTILE, "b", "c"),
            "policy": Policy(
                least_confidence={HOSTILE: 0.5},
                costs={HOSTILE: {"b": 2.0}},
                message=HOSTILE,
                contact="javascript:alert(1)" + HOSTILE,
            ),
            "fallbacks": (Constant(value=HOSTILE, note=HOSTILE),),
            "calibration": manifest.calibration.model_copy(update={"reason": HOSTILE}),
            "novelty": manifest.novelty.model_copy(update={"note": HOSTILE}),
            "parity": manifest.parity.model_copy(update={"reason": HOSTILE}),
            "outcomes": manifest.outcomes.model_copy(update=told),
            "metrics": {HOSTILE: 0.5},
        }
    )


def test_text_of_a_manifest_never_becomes_markup(whole: Manifest) -> None:
    """Threat ML06: an artifact of somebody else is opened in a browser of ours."""
    honest, attacked = Elements(report(whole, DIGEST)), Elements(report(hostile(whole), DIGEST))
    assert set(attacked.tags) == set(honest.tags)
    assert attacked.tags["title"] == 1
    assert attacked.tags["script"] == attacked.tags["img"] == attacked.tags["a"] == 0
    assert {name for name, _ in attacked.attributes} == {name for name, _ in honest.attributes}
    assert not [value for _, value in attacked.attributes if "alert" in value]
    assert attacked.text.count(HOSTILE) >= 14


def test_the_page_asks_nobody_for_anything(whole: Manifest) -> None:
    page = Elements(report(whole, DIGEST))
    links = [(n, v) for n, v in page.attributes if n in {"src", "href", "xlink:href", "srcset"}]
    assert [value for _, value in links if not value.startswith("#")] == []
    addresses = {value for _, value in page.attributes if "//" in value}
    assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    policy = next(value for _, value in page.attributes if value.startswith("default-src"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_same_manifest_gives_the_same_bytes_whatever_matplotlib_is_set_to(
    whole: Manifest,
) -> None:
    first = report(whole, DIGEST)
    with mpl.rc_context({"font.size": 20, "svg.fonttype": "path", "lines.linewidth": 9}):
        assert report(whole, DIGEST) == first


def test_every_measured_part_has_its_plot(whole: Manifest) -> None:
    page = report(whole, DIGEST)
    assert Elements(page).tags["svg"] == 3 + 6  # a dot for each part of which something is known
    assert page.count('class="swatch') == 4
    for legend in ("errors (95% band)", "your policy (0.7)", "before (ECE 0.200)", "mean size"):
        assert legend in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert [one for one, times in Counter(ids).items() if times > 1] == []


def test_plots_take_their_colours_from_the_page(whole: Manifest) -> None:
    """So that they can be read on dark paper as well."""
    page = report(whole, DIGEST)
    assert "prefers-color-scheme: dark" in page
    assert "stroke: var(--first)" in page
    assert re.findall(r"#00000\d", page) == []


@pytest.mark.parametrize("kind", ["bare", "regression"])
def test_a_manifest_that_holds_little_has_a_page_too(
    kind: str, request: pytest.FixtureRequest
) -> None:
    manifest = request.getfixturevalue(kind)
    page = Elements(report(manifest, DIGEST))
    assert page.tags["svg"] == (1 if kind == "regression" else 0)
    assert "penguins@1" in page.text
