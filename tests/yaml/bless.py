#!/usr/bin/env python3
"""Asks kubectl again for everything that the tables in this folder say it answers.

    tests/yaml/bless.py            read.tsv, documents.tsv and emit.tsv
    tests/yaml/bless.py read       one of them

read.tsv       a scalar, as it stands behind `v: `        kubectl's JSON or `error`, render's if it differs on purpose
documents.tsv  the lines under `spec:`, as a JSON string  the same
emit.tsv       a string, as JSON                          the text that render writes for it, checked to be read back

The inputs are the first columns: add a line with an input alone, and run this. For emit.tsv the texts are those
that the test suite wrote last; a text that kubectl does not read back as its string ends the run.
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HEAD = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: thing}\n"


def main():
    which = sys.argv[1:] or ["read", "documents", "emit"]
    if "read" in which:
        bless("read.tsv", lambda cell: f"spec: \n  v: {cell}\n", lambda spec: spec["v"])
    if "documents" in which:
        bless("documents.tsv", lambda cell: "spec:\n" + json.loads(cell), lambda spec: spec)
    if "emit" in which:
        emit()


def bless(name, body, part):
    """Rewrites the second column of a table with kubectl's answers."""
    rows = [line.split("\t") for line in lines(name)]
    inputs = [row for row in rows if not row[0].startswith("//")]
    answers = ask([body(row[0]) for row in inputs])
    for row, answer in zip(inputs, answers):
        # A row without an answer yet has one column.
        row[1:2] = ["error" if answer is None else compact(part(answer["spec"]))]
    write(name, rows)


def emit():
    """Checks with kubectl what the suite wrote, and keeps it."""
    subprocess.run(["cargo", "test", "-q", "--test", "suite", "strings_are_written"], cwd=ROOT, capture_output=True)
    written = ROOT / "target" / "tmp" / "emit.tsv"
    rows = [[json.loads(part) for part in line.split("\t")] for line in written.read_text().split("\n")[:-1]]
    for (string, text), answer in zip(rows, ask([text for _, text in rows])):
        expected = {"value": string, "list": [string, {string: string}, [string]]}
        found = answer and {key: answer.get(key) for key in expected}
        if found != expected:
            sys.exit(f"kubectl does not read {string!r} back:\n{text}\nit reads {found!r}")
    write("emit.tsv", [[cell(text) for text in row] for row in rows])


def cell(text):
    """JSON that shows letters as they are and escapes what cannot be seen."""
    shown = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in shown)


def ask(bodies):
    """What kubectl reads, each as JSON, or None. Every body ends with a line break. Many at once; a batch with an error in it is halved."""
    if not bodies:
        return []
    stream = "---\n".join(HEAD + body for body in bodies).encode()
    command = ["kubectl", "annotate", "--local", "-f", "-", "x=y", "-o", "json"]
    done = subprocess.run(command, input=stream, capture_output=True)
    if done.returncode == 0:
        found = list(documents(done.stdout.decode()))
        if len(found) == len(bodies):
            return found
    if len(bodies) == 1:
        return [None]
    half = len(bodies) // 2
    return ask(bodies[:half]) + ask(bodies[half:])


def documents(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        found, at = decoder.raw_decode(text, at)
        yield found
        while at < len(text) and text[at].isspace():
            at += 1


def compact(value):
    return json.dumps(value, ensure_ascii=True, separators=(", ", ": "), sort_keys=True)


def lines(name):
    return (HERE / name).read_text().split("\n")[:-1]


def write(name, rows):
    (HERE / name).write_text("".join("\t".join(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
