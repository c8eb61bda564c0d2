"""Benchmarks: each prints figures beside their floor in the same run, as a ratio.

`python -m bench` runs them all, `python -m bench receive inbox` some. Results worth keeping are in
`bench/results.md`, with the machine they came from.
"""
