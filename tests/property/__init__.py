"""Promises of the package, each proved on generated input; the docstring of a test quotes its promise."""
