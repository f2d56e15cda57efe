"""The report: one HTML file that asks nobody for anything.

Everything that a manifest says is escaped, and the page forbids itself scripts and connections.
"""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from model_store.artifact.manifest import Manifest
from model_store.reporting.measured import (
    calibration_section,
    conformal_section,
    metrics_section,
    novelty_section,
)
from model_store.reporting.outcomes import classes_section, outcomes_section, slices_section
from model_store.reporting.plots import figures
from model_store.reporting.rules import fallback_section, policy_section
from model_store.reporting.tradeoff import targets_section, tradeoff_section


def report(manifest: Manifest, digest: str) -> str:
    """The same manifest gives the same page."""
    sections = [
        outcomes_section(manifest),
        policy_section(manifest),
        fallback_section(manifest),
        tradeoff_section(manifest),
        targets_section(manifest),
        calibration_section(manifest),
        conformal_section(manifest),
        novelty_section(manifest),
        classes_section(manifest),
        slices_section(manifest),
        metrics_section(manifest),
    ]
    # Safe: matplotlib escapes text, and no text of the manifest is in a figure.
    drawn = {name: Markup(svg) for name, svg in figures(manifest).items()}  # noqa: S704
    return _template().render(
        manifest=manifest,
        digest=digest,
        labels=[str(label) for label in manifest.labels],
        sections=[section for section in sections if section],
        figures=drawn,
    )


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
