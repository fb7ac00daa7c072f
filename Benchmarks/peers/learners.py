"""Compares LMNN and ITML with metric-learn on the paper's data sets.

Both get the same points. Every metric is judged by one function of this file, which shares no code
with either library. Runs alternate, so that a change of the machine's load meets both.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from tool import TRAINING_COUNTS, print_table, run_tool, training_part

NEIGHBORS = 3


def lmnn_objective(transform, points, labels):
    """½ Σ d(i, j) + ½ Σ [1 + d(i, j) − d(i, l)]₊ over the 3 nearest j of i's class and all other classes."""
    image = (points - points.mean(axis=0)) @ transform.T
    total = 0.0
    for label in np.unique(labels):
        own, others = np.flatnonzero(labels == label), np.flatnonzero(labels != label)
        if len(own) < 2:
            continue
        euclidean = squared_distances(points[own], points[own])
        np.fill_diagonal(euclidean, np.inf)
        targets = np.argsort(euclidean, axis=1, kind="stable")[:, : min(NEIGHBORS, len(own) - 1)]
        between = squared_distances(image[own], image[others])
        for slot, i in enumerate(own):
            for j in own[targets[slot]]:
                pull = np.sum((image[i] - image[j]) ** 2)
                total += 0.5 * pull + 0.5 * np.maximum(0, 1 + pull - between[slot]).sum()
    return total


def squared_distances(a, b):
    """By differences, a row at a time: slower than products, and without their cancellation."""
    return np.stack([((b - row) ** 2).sum(axis=1) for row in a])


def itml_objective(transform, differences, signs, bounds, gamma=1.0):
    """tr A − log det A − d + γ Σ (r − log r − 1) over violated pairs, r = vᵀAv / bound."""
    matrix = transform.T @ transform
    ratios = ((differences @ transform.T) ** 2).sum(axis=1) / bounds
    violated = signs * (ratios - 1) > 0
    slack = (ratios - np.log(ratios) - 1)[violated].sum()
    return np.trace(matrix) - np.linalg.slogdet(matrix)[1] - len(matrix) + gamma * slack


def fit_peer(method, folder):
    """Runs in a process of its own, so that it can be stopped; prints the seconds of the fit alone."""
    import time

    points, labels = np.load(folder / "points.npy"), np.load(folder / "labels.npy")
    if method == "lmnn":
        from metric_learn import LMNN

        learner = LMNN(n_neighbors=NEIGHBORS)
        start = time.perf_counter()
        learner.fit(points, labels)
    else:
        from metric_learn import ITML

        pairs, bounds = np.load(folder / "pairs.npy"), np.load(folder / "bounds.npy")
        learner = ITML(gamma=1.0, max_iter=1000, tol=0.0, prior="identity")
        start = time.perf_counter()
        learner.fit(points[pairs[:, :2]], pairs[:, 2], bounds=bounds)
    seconds = time.perf_counter() - start
    np.save(folder / "peer.npy", learner.components_)
    print(json.dumps({"seconds": seconds}))


def run_peer(method, folder, limit):
    """The seconds and the map of metric-learn, or None when it fails or passes the limit."""
    command = [sys.executable, __file__, "--fit", method, "--folder", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, f"> {limit:g} s"
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return None, lines[-1][:60] if lines else "failed"
    return (json.loads(done.stdout)["seconds"], np.load(folder / "peer.npy")), None


def alternate(method, arguments, folder, options):
    """Our summary and map, the medians of both times, and metric-learn's map or why there is none."""
    ours, walls, peers, trouble, peer_map = [], [], [], None, None
    for _ in range(options.repeats):
        summary, wall = run_tool("train", *arguments, "--output", folder / "ours.npy")
        ours.append(summary["seconds"])
        walls.append(wall)
        if trouble is None:
            found, trouble = run_peer(method, folder, options.limit)
            if found:
                peers.append(found[0])
                peer_map = found[1]
    return {
        "summary": summary, "map": np.load(folder / "ours.npy"), "seconds": median(ours),
        "wall": median(walls), "peer_seconds": median(peers) if peers and trouble is None else None,
        "peer_map": peer_map, "trouble": trouble}


def compare_lmnn(name, points, labels, folder, options):
    arguments = ["lmnn", "--points", folder / "points.npy", "--labels", folder / "labels.npy"]
    run = alternate("lmnn", arguments, folder, options)
    summary = run["summary"]
    objective = lmnn_objective(run["map"], points, labels)
    identity = lmnn_objective(np.eye(points.shape[1]), points, labels)
    bound = summary["lowerBound"]
    if bound > 0:
        verdict = f"{objective / bound:.4f}"
    else:
        verdict = f"E/E(I) {objective / identity:.1e}"
    row = [name, f"{len(points)}x{points.shape[1]}", summary["status"], objective, bound, verdict]
    if run["peer_map"] is None:
        return row + ["–", run["seconds"], run["wall"], run["trouble"], "–"]
    peer = lmnn_objective(run["peer_map"], points, labels)
    return row + [peer, run["seconds"], run["wall"], run["peer_seconds"],
                  f"{run['peer_seconds'] / run['seconds']:.0f}"]


def compare_itml(name, points, labels, folder, options):
    """80 pairs of two classes, bounds at the 5th and 95th percentiles; Newton against 1,000 sweeps."""
    rng = np.random.default_rng(7)
    classes = len(np.unique(labels))
    rows = rng.integers(len(points), size=(40 * classes * (classes - 1), 2))
    differences = points[rows[:, 0]] - points[rows[:, 1]]
    rows = rows[(differences ** 2).sum(axis=1) > 0]
    signs = np.where(labels[rows[:, 0]] == labels[rows[:, 1]], 1, -1)
    # metric-learn goes through the similar pairs first.
    order = np.argsort(-signs, kind="stable")
    rows, signs = rows[order], signs[order]
    differences = points[rows[:, 0]] - points[rows[:, 1]]
    low, high = np.percentile((differences ** 2).sum(axis=1), [5, 95])
    np.save(folder / "pairs.npy", np.column_stack([rows, signs]))
    np.save(folder / "bounds.npy", np.array([low, high]))
    arguments = ["itml", "--points", folder / "points.npy", "--labels", folder / "labels.npy",
                 "--pairs", folder / "pairs.npy", "--bounds", f"{float(low)!r},{float(high)!r}"]
    run = alternate("itml", arguments, folder, options)
    summary = run["summary"]
    bounds = np.where(signs > 0, low, high)
    objective = itml_objective(run["map"], differences, signs, bounds)
    gap = (objective - summary["lowerBound"]) / max(1, abs(objective))
    row = [name, f"{len(rows)} of {points.shape[1]}", summary["status"], objective, f"{gap:.1e}"]
    if run["peer_map"] is None:
        return row + ["–", run["seconds"], run["trouble"], "–"]
    peer = itml_objective(run["peer_map"], differences, signs, bounds)
    return row + [peer, run["seconds"], run["peer_seconds"],
                  f"{run['peer_seconds'] / run['seconds']:.0f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", default=list(TRAINING_COUNTS), metavar="NAME",
                        help="data sets; all but ionosphere need ROBUSTMETRIC_DATA (default: all)")
    parser.add_argument("--learners", nargs="+", default=["lmnn", "itml"], choices=["lmnn", "itml"])
    parser.add_argument("--repeats", type=int, default=3, help="runs of each, alternating")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one fit of metric-learn")
    parser.add_argument("--fit", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fit:
        fit_peer(options.fit, options.folder)
        return
    headers = {
        "lmnn": ["LMNN", "points", "status", "objective", "lower bound", "ratio", "metric-learn",
                 "seconds", "with start", "metric-learn s", "times faster"],
        "itml": ["ITML", "pairs", "status", "objective", "gap", "metric-learn", "seconds",
                 "metric-learn s", "times faster"]}
    compare = {"lmnn": compare_lmnn, "itml": compare_itml}
    with tempfile.TemporaryDirectory() as scratch:
        for learner in options.learners:
            rows = []
            for name in options.sets:
                points, labels = training_part(name, scratch)
                folder = Path(scratch)
                np.save(folder / "points.npy", points)
                np.save(folder / "labels.npy", labels)
                rows.append(compare[learner](name, points, labels, folder, options))
                print(f"{learner} on {name}: done", file=sys.stderr)
            print_table(headers[learner], rows)
            print()


if __name__ == "__main__":
    main()
