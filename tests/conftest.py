"""Hypothesis profiles: ``ci`` is the default; ``HYPOTHESIS_PROFILE=thorough`` searches a hundred times as long."""

import os

from hypothesis import HealthCheck, settings

# Generated answers are long, and a slow machine is no failure.
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("ci", max_examples=150, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("thorough", max_examples=15_000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
