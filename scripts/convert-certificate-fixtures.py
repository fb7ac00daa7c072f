#!/usr/bin/env python3
"""Convert the reference results of certificates from .npz to one JSON file.

usage: convert-certificate-fixtures.py FOLDER_OF_NPZ OUTPUT.json [PATTERN]

PATTERN chooses the files: 'c*.npz' (default) are pairs under linear metrics, 'deep*.npz' under networks.

Every array becomes a list (a matrix a list of rows), every scalar a number, printed so that reading it
back gives the same double. The results themselves come from enumeration of all corners, an independent
conic solver and an independent interior point.
"""

import json
import pathlib
import sys

import numpy


def main(folder: str, output: str, pattern: str = "c*.npz") -> None:
    cases = {}
    for path in sorted(pathlib.Path(folder).glob(pattern)):
        with numpy.load(path) as archive:
            cases[path.stem] = {
                name: str(value) if value.dtype.kind == "U" else value.tolist()
                for name, value in archive.items()
            }
    pathlib.Path(output).write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
