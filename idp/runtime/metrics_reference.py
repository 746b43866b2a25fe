"""docs/reference/metrics.md, written from the catalogue so that it cannot be wrong: `make docs`."""

import sys

from idp.runtime.metrics_catalogue import COUNTED, READ_WHEN_ASKED, Measure

_HEAD = """# Metrics

Written by `make docs` from `idp/runtime/metrics_catalogue.py`; do not edit it here.

`GET /metrics` on the address of `[metrics] listen` ([settings](settings.md)), never on the public one; off unless that is set. The numbers
are those of one `preau serve`: the sum over its processes, replaced ones included, since it was started. No label holds anything that a
request brought. What to watch and why: [watch it run](../how-to/watch-it-run.md).
"""


def render_reference() -> str:
    """Return the page, in Markdown."""
    return "\n".join(
        [
            _HEAD,
            "## Counted while serving\n",
            *map(_section, COUNTED),
            "## Read when asked\n",
            *map(_section, READ_WHEN_ASKED),
        ]
    )


def _section(measure: Measure) -> str:
    lines = [f"### {measure.name}\n", f"{measure.kind.capitalize()}. {measure.meaning}\n"]
    if measure.buckets:
        lines.append(f"Up to {', '.join(f'{bound:g}' for bound in measure.buckets)} seconds, and beyond.\n")
    if measure.labels:
        lines += ["| label | says |", "|---|---|"]
        lines += [f"| `{name}` | {words} |" for name, words in measure.labels.items()]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(render_reference())
