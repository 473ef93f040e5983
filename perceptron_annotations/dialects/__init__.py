"""Answers of other grounded models: one declaration for each way of writing, and all that follows from it.

The names of this package are public; its modules are not, and may move.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
