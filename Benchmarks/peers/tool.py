"""What the comparisons share: the tool, the data sets, and a plain table."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]

# Training points of the paper, its tables 1 and 4; AT&T trains on 24 of 40 people.
TRAINING_COUNTS = {
    "parkinsons": 97,
    "heart": 151,
    "ionosphere": 175,
    "energy": 384,
    "housing": 253,
    "concrete": 515,
    "mnist-8v9": 1008,
    "att-faces": 240,
}


def executable():
    """The command line, from $ROBUSTMETRIC or the release build."""
    given = os.environ.get("ROBUSTMETRIC")
    if given:
        return given
    path = ROOT / ".build" / "release" / "robustmetric"
    if not path.exists():
        sys.exit(f"error: {path} is missing; run 'make build', or set ROBUSTMETRIC")
    return str(path)


def run_tool(*arguments, limit=None):
    """Runs the command line; returns its JSON summary and the seconds by the wall clock."""
    command = [executable(), *map(str, arguments), "--quiet", "--json", "-"]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    wall = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return json.loads(done.stdout), wall


def training_part(name, folder, seed=0):
    """Exports a data set in [0, 1] and draws its training part; returns points and labels."""
    target = Path(folder) / name
    if not target.exists():
        subprocess.run(
            [executable(), "datasets", "export", name, "--output", str(target), "--quiet"],
            check=True)
    files = {path.stem.split("-")[-1]: path for path in target.glob("*.npy")}
    points = np.load(files["points"] if "points" in files else files["X"])
    labels = np.load(files["labels"] if "labels" in files else files["y"]).astype(int)
    rng = np.random.default_rng(seed)
    count = TRAINING_COUNTS[name]
    if name == "att-faces":
        people = rng.permutation(np.unique(labels))[: count // 10]
        rows = np.flatnonzero(np.isin(labels, people))
    else:
        rows = np.sort(rng.permutation(len(labels))[:count])
    return np.ascontiguousarray(points[rows]), labels[rows]


def print_table(header, rows):
    """Columns aligned on the right, the first on the left."""
    texts = [header] + [[cell if isinstance(cell, str) else f"{cell:.4g}" for cell in row]
                        for row in rows]
    widths = [max(len(row[c]) for row in texts) for c in range(len(header))]
    for row in texts:
        print("  ".join(
            cell.ljust(width) if c == 0 else cell.rjust(width)
            for c, (cell, width) in enumerate(zip(row, widths))))
