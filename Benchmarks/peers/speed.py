"""AckMetric and pairwise training against NumPy and PyTorch on the CPU, the same files, in one run.

Answers are compared first; then runs alternate, ours, NumPy, PyTorch, ours, ..., and medians are
reported with their spread. PyTorch takes part where it can be imported (Debian: python3-torch).
"""

import argparse
import csv
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from tool import ROOT, print_table, run_tool, training_part

try:
    import torch
except ImportError:
    sys.path.append("/usr/lib/python3/dist-packages")
    try:
        import torch
    except ImportError:
        torch = None

if torch:
    # Builds without OpenMP begin with one thread; everybody gets all.
    torch.set_num_threads(os.cpu_count() or 1)

STEPS, STEP = 20, 0.01
# Idle threads of NumPy's BLAS and of PyTorch spin for about 0.1 s after a product, on a core that the
# next one in turn would get; everybody starts after a pause.
PAUSE = 0.3


# The attack: both moves are tried, the one with the larger gain is kept, the budget is shared.


def least_slope(step, dimension):
    """The share of the largest slope below which a feature waits; of few features, in the first steps."""
    patience = STEPS // 4
    return 0.1 * (patience - step) / patience if dimension < 64 and step < patience else 0


def reach(radius, own, other):
    """What a shared radius leaves; what rounding alone left of it is not worth a step."""
    left = np.maximum(radius - other, 0)
    return np.where(np.abs(left - own) <= 64 * np.finfo(np.float32).eps * radius, own, left)


def numpy_attack(points, pairs, matrix, radius):
    """D after 20 steps; three products with M a step."""
    scalar = np.float32
    matrix = matrix.astype(scalar)
    x, y = (points[pairs[:, c]].astype(scalar) for c in (0, 1))
    dx, dy = np.zeros_like(x), np.zeros_like(y)
    gradient = (x - y) @ matrix
    value = np.einsum("ij,ij->i", x - y, gradient)
    best = value.copy()
    for step in range(STEPS):
        push = scalar(STEP) * np.sign(gradient)
        if share := least_slope(step, points.shape[1]):
            size = np.abs(gradient)
            push *= size >= scalar(share) * size.max(1, keepdims=True)
        used_x, used_y = np.abs(dx).max(1), np.abs(dy).max(1)
        left_x = reach(radius, used_x, used_y).astype(scalar)[:, None]
        left_y = reach(radius, used_y, used_x).astype(scalar)[:, None]
        to_x = np.clip(dx + push, np.maximum(-left_x, -x), np.minimum(left_x, 1 - x))
        to_y = np.clip(dy - push, np.maximum(-left_y, -y), np.minimum(left_y, 1 - y))
        ux, uy = to_x - dx, dy - to_y
        px, py = ux @ matrix, uy @ matrix
        gain_x = np.einsum("ij,ij->i", ux, 2 * gradient + px)
        gain_y = np.einsum("ij,ij->i", uy, 2 * gradient + py)
        second = gain_y > gain_x + 256 * np.finfo(scalar).eps * np.abs(value)
        first = ~second[:, None]
        dx = np.where(first, to_x, dx)
        dy = np.where(first, dy, to_y)
        gradient = gradient + np.where(first, px, py)
        value = value + np.where(second, gain_y, gain_x)
        best = np.maximum(best, value)
    return best


def torch_attack(points, pairs, transform, radius):
    """The same with gradients by autograd and values by forward passes."""
    w = torch.from_numpy(transform.astype(np.float32))
    x, y = (torch.from_numpy(points[pairs[:, c]].astype(np.float32)) for c in (0, 1))
    dx, dy = torch.zeros_like(x), torch.zeros_like(y)

    def value(dx, dy):
        return (((x + dx) - (y + dy)) @ w.T).square().sum(1)

    best = value(dx, dy)
    for step in range(STEPS):
        ax = dx.clone().requires_grad_(True)
        now = value(ax, dy)
        now.sum().backward()
        push = STEP * torch.sign(ax.grad)
        if share := least_slope(step, points.shape[1]):
            size = ax.grad.abs()
            push *= size >= share * size.amax(1, keepdim=True)
        with torch.no_grad():
            used_x, used_y = dx.abs().amax(1, keepdim=True), dy.abs().amax(1, keepdim=True)
            left_x, left_y = (radius - used_y).clamp(min=0), (radius - used_x).clamp(min=0)
            slack = 64 * 1.2e-7 * radius
            left_x = torch.where((left_x - used_x).abs() <= slack, used_x, left_x)
            left_y = torch.where((left_y - used_y).abs() <= slack, used_y, left_y)
            to_x = torch.minimum(
                torch.maximum(dx + push, torch.maximum(-left_x, -x)), torch.minimum(left_x, 1 - x))
            to_y = torch.minimum(
                torch.maximum(dy - push, torch.maximum(-left_y, -y)), torch.minimum(left_y, 1 - y))
            by_x, by_y = value(to_x, dy), value(dx, to_y)
            second = by_y > by_x + 256 * 1.2e-7 * now
            dx = torch.where(second[:, None], dx, to_x)
            dy = torch.where(second[:, None], to_y, dy)
            best = torch.maximum(best, torch.where(second, by_y, by_x))
    return best.numpy()


# Training: paper (20), plain descent from the identity, with or without the top-3 eigenvalues.


def numpy_training(points, labels, steps, count):
    """W after the steps; the loss by one Laplacian product, the eigenpairs by eigh."""
    n = len(labels)
    sign = np.where(labels[:, None] == labels[None, :], 1.0, -1.0)
    w = np.eye(points.shape[1])
    for _ in range(steps):
        z = points @ w.T
        q = (z * z).sum(1)
        distance = q[:, None] + q[None, :] - 2 * z @ z.T
        active = sign * (1 + sign * (distance - 1) > 0)
        np.fill_diagonal(active, 0)
        laplacian = active.sum(1)[:, None] * z - active @ z
        gradient = 4 / (n * (n - 1)) * laplacian.T @ points
        if count:
            top = np.linalg.eigh(w.T @ w)[1][:, -count:]
            gradient += 2 / count * (w @ top) @ top.T
        w -= STEP * gradient
    return w


def torch_training(points, labels, steps, count):
    """The same with gradients by autograd."""
    x, y = torch.from_numpy(points), torch.from_numpy(labels)
    n = len(labels)
    sign = torch.where(y[:, None] == y[None, :], 1.0, -1.0).double()
    mask = torch.triu(torch.ones(n, n, dtype=torch.float64), 1)
    w = torch.eye(points.shape[1], dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        z = x @ w.T
        q = z.square().sum(1)
        distance = q[:, None] + q[None, :] - 2 * z @ z.T
        loss = 2 / (n * (n - 1)) * ((1 + sign * (distance - 1)).clamp(min=0) * mask).sum()
        if count:
            loss = loss + torch.linalg.eigh(w.T @ w)[0][-count:].mean()
        loss.backward()
        with torch.no_grad():
            w -= STEP * w.grad
            w.grad = None
    return w.detach().numpy()


def objective(w, points, labels, count):
    """Loss and penalty, written out."""
    z = points @ w.T
    q = (z * z).sum(1)
    distance = np.maximum(q[:, None] + q[None, :] - 2 * z @ z.T, 0)
    sign = np.where(labels[:, None] == labels[None, :], 1.0, -1.0)
    hinge = np.maximum(0, 1 + sign * (distance - 1))
    n = len(labels)
    loss = 2 / (n * (n - 1)) * np.triu(hinge, 1).sum()
    return loss + (np.linalg.eigvalsh(w.T @ w)[-count:].mean() if count else 0)


# Inputs, turns, tables.


def made_up_images(count):
    """Two classes of bright strokes on a black ground, d = 784."""
    rng = np.random.default_rng(89)
    images = np.zeros((count, 28, 28))
    labels = np.arange(count) % 2
    angle = np.arange(12) / 12 * 2 * np.pi
    for image, label in zip(images, labels):
        ring = np.stack([14 + 4 * np.cos(angle), 9 + 4 * np.sin(angle)], 1)
        below = (
            np.stack([14 + 4 * np.cos(angle), 18 + 4 * np.sin(angle)], 1) if label == 0
            else np.stack([np.full(12, 18.0), 10.0 + np.arange(12)], 1))
        for x, y in np.concatenate([ring, below]) + 2 * rng.random((24, 2)):
            r, c = int(y), int(x)
            image[r - 1:r + 2, c - 1:c + 2] = np.maximum(
                image[r - 1:r + 2, c - 1:c + 2], 0.2 + 0.8 * rng.random((3, 3)))
    return np.round(images.reshape(count, 784) * 255) / 255, labels


def timed(function, *arguments):
    time.sleep(PAUSE)
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def attack_rows(folder, points, labels, args, radii):
    """GMML and normal training on all points, attacks on the pairs of the first ones."""
    np.save(folder / "train.npy", points)
    np.save(folder / "labels.npy", labels.astype(np.int64))
    files = ["--points", folder / "train.npy", "--labels", folder / "labels.npy"]
    some = points[:202]
    pairs = np.stack(np.triu_indices(len(some), 1), 1)[: args.pairs]
    np.save(folder / "points.npy", some)
    np.save(folder / "pairs.npy", pairs.astype(np.int64))
    rows = []
    for learner, extra in (("gmml", []), ("pairwise", ["--iterations", 100])):
        metric = folder / f"{learner}.npy"
        run_tool("train", learner, *files, *extra, "--output", metric)
        transform = np.load(metric)
        matrix = transform.T @ transform
        for radius in radii:
            rows.append(attack_row(folder, metric, some, pairs, transform, matrix, radius, args))
    return rows


def attack_row(folder, metric, points, pairs, transform, matrix, radius, args):
    records = folder / "records.csv"

    def ours():
        time.sleep(PAUSE)
        summary, _ = run_tool(
            "attack", "pairs", "--metric", metric, "--points", folder / "points.npy", "--pairs",
            folder / "pairs.npy", "--threshold", 1e30, "--epsilon", radius, "--precision", "float",
            "--records", records)
        return summary["results"][0]["seconds"]

    peers = [("NumPy", lambda: numpy_attack(points, pairs, matrix, radius))]
    if torch:
        peers.append(("PyTorch", lambda: torch_attack(points, pairs, transform, radius)))
    own = [ours()]
    with open(records, newline="") as file:
        attacked = np.array([float(row["attacked"]) for row in csv.DictReader(file)])
    times = {name: [] for name, _ in peers}
    notes = []
    for name, peer in peers:
        answer, seconds = timed(peer)
        times[name].append(seconds)
        difference = np.abs(answer - attacked) / attacked
        if np.median(difference) > 1e-3:
            sys.exit(f"error: {name} and we disagree: median difference {np.median(difference):.1e}")
        notes.append(f"{np.median(difference):.0e}")
    for _ in range(args.turns - 1):
        own.append(ours())
        for name, peer in peers:
            times[name].append(timed(peer)[1])
    what = f"attack, d {points.shape[1]}, {metric.stem}, ε {radius}, {len(pairs)} pairs"
    return report(what, own, times, " / ".join(notes))


def training_rows(folder, points, labels, args):
    rows = []
    for count in (0, 3):
        regularizer = ["--regularizer", "top-k", "--top-k", count] if count else []

        def ours():
            time.sleep(PAUSE)
            summary, _ = run_tool(
                "train", "pairwise", "--points", folder / "train.npy", "--labels",
                folder / "labels.npy", "--iterations", args.steps, *regularizer, "--output",
                folder / "trained.npy")
            return summary["seconds"]

        own = [ours()]
        value = objective(np.load(folder / "trained.npy"), points, labels, count)
        peers = [("NumPy", numpy_training)] + ([("PyTorch", torch_training)] if torch else [])
        times = {name: [] for name, _ in peers}
        notes = []
        for name, peer in peers:
            w, seconds = timed(peer, points, labels, args.steps, count)
            times[name].append(seconds)
            difference = abs(objective(w, points, labels, count) - value) / value
            if difference > 3e-3:
                sys.exit(f"error: {name} and we disagree: objectives differ by {difference:.1e}")
            notes.append(f"{difference:.0e}")
        for _ in range(args.turns - 1):
            own.append(ours())
            for name, peer in peers:
                times[name].append(timed(peer, points, labels, args.steps, count)[1])
        what = f"training, {len(points)} points, {'top-3' if count else 'no'} regulariser, {args.steps} steps"
        rows.append(report(what, own, times, " / ".join(notes)))
    return rows


def report(what, own, times, note):
    ours = median(own)
    spread = f"{100 * (max(own) - min(own)) / ours:.0f}%"
    cells = [what, f"{ours:.3g}", spread]
    for name in ("NumPy", "PyTorch"):
        if name in times:
            seconds = median(times[name])
            cells += [f"{seconds:.3g}", f"{seconds / ours:.1f}"]
        else:
            cells += ["–", "–"]
    print("  ".join(cells), flush=True)
    return cells + [note]


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def write_page(path, header, rows, source, args):
    summary, _ = run_tool("doctor")
    environment = summary.get("environment", summary)
    lines = [
        "# Performance", "",
        "Written by `scripts/peers.sh speed " + " ".join(sys.argv[1:]) + "` (`make peers-speed` takes all radii",
        "and three turns); a run on another machine gives other numbers. Ratios are of wall-clock medians of",
        "alternating runs; answers were compared first, by the median relative difference of D, or the difference",
        "of the final objective.", "",
        f"- Machine: {processor()}, {environment.get('threads', '?')} threads, {platform.platform()}",
        f"- BLAS: {environment.get('blas', environment.get('BLAS', 'OpenBLAS'))}",
        f"- Peers: NumPy {np.__version__}" + (f", PyTorch {torch.__version__}" if torch else ""),
        f"- Inputs: {source} (d = 784) and Ionosphere (d = 34), {args.turns} turns, seven times as many for d = 34; load while it ran: "
        + " ".join(Path("/proc/loadavg").read_text().split()[:3]), "",
        "| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    lines += [
        "", "Our attack time is the search alone, as `attack pairs --json` reports it; the evaluation of the "
        "result in Double",
        "is in `secondsEvaluating`. `make bench` compares with bare BLAS products, `make bench-scaling` shows "
        "how time grows.", ""]
    Path(path).write_text("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20_100)
    parser.add_argument("--epsilon", type=float, nargs="+", default=[0.05, 0.1, 0.15])
    parser.add_argument("--steps", type=int, default=20, help="training steps")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", choices=["attack", "training"], help="only these rows")
    parser.add_argument("--output", help="writes this page, such as docs/performance.md")
    args = parser.parse_args()
    if args.only and args.output:
        parser.error("a page needs all rows: leave out --only or --output")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            points, labels = training_part("mnist-8v9", folder)
            source = "MNIST 8 against 9"
        except Exception:
            points, labels = made_up_images(1008)
            source = "made-up images"
        header = ["what", "ours, s", "spread", "NumPy, s", "ratio", "PyTorch, s", "ratio", "differs by"]
        rows = []
        if args.only != "training":
            rows += attack_rows(folder, points, labels, args, args.epsilon)
            # These take a moment each, and would be told by the first, cold one.
            brief = argparse.Namespace(**{**vars(args), "turns": 7 * args.turns})
            rows += attack_rows(
                folder, *training_part("ionosphere", folder), brief, [median(args.epsilon)])
        if args.only != "attack":
            np.save(folder / "train.npy", points)
            np.save(folder / "labels.npy", labels.astype(np.int64))
            rows += training_rows(folder, points, labels, args)
        print_table(header, rows)
        if args.output:
            write_page(ROOT / args.output, header, rows, source, args)


if __name__ == "__main__":
    main()
