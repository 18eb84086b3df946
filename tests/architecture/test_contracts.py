"""The import contracts hold, and each is seen to break on a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")

PLANTED = {
    "layers": ("participation/core/clock.py", "import participation.web.gate"),
    "siblings": ("participation/portal/feature.py", "import participation.reports.models"),
    "inside": ("participation/reports/models.py", "import participation.reports.services.entries"),
    "pure": ("participation/departments/queries.py", "import flask"),
    "renderer": ("participation/reports/print.py", "import weasyprint"),
}
BROKEN = {
    "layers": "Higher layers may import lower ones",
    "siblings": "Higher layers may import lower ones",
    "inside": "Inside a feature",
    "pure": "Rules and tables know nothing of the web",
    "renderer": "The PDF renderer is imported by the pdf package only",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "participation",
        tmp_path / "participation",
        ignore=shutil.ignore_patterns("__pycache__", "static", "translations", "demo"),
    )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_contracts_hold(copy: Path):
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_breaks_its_contract(copy: Path, name: str):
    path, line = PLANTED[name]
    file = copy / path
    file.write_text(f"{file.read_text()}\n{line}\n")
    result = lint(copy)
    assert result.returncode == 1, result.stdout
    broken = [row for row in result.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(BROKEN[name] in row for row in broken), result.stdout
