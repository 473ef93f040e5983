"""Hypothesis profiles.

``dev`` searches anew at every run. ``ci`` draws the same examples each time, so that the gate fails for what changed
and nothing else. ``HYPOTHESIS_PROFILE=thorough`` searches a hundred times as long.
"""

import os

from hypothesis import HealthCheck, settings

# Generated answers are long, and a slow machine is no failure.
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("dev", max_examples=150, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=15_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))
