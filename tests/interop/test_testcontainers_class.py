"""examples/testcontainers: its class compiles against the libraries that its pom.xml names. Running it wants a Docker engine."""

import shutil
import subprocess
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/testcontainers"


@pytest.mark.skipif(
    shutil.which("javac") is None or shutil.which("mvn") is None,
    reason="the class for Testcontainers wants a JDK and Maven",
)
def test_the_class_compiles_as_its_pom_says(tmp_path: Path) -> None:
    for name in ("PreauTest.java", "pom.xml"):
        shutil.copy(EXAMPLE / name, tmp_path)
    done = subprocess.run(
        ["mvn", "-q", "-B", "test-compile"],  # noqa: S607  whichever Maven is there
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "target/test-classes/PreauTest.class").is_file()
