"""Predictions against truth. Two datasets, or their arrays, flow in; frozen reports flow out."""
