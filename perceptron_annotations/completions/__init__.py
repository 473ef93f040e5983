"""Requests to services, their completions and streams, and files of recorded completions.

The names of this package are public; its modules are not, and may move.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
