"""Geometry on whole batches: arrays in, arrays or indices out.

Overlap, suppression and matching take plain NumPy arrays, such as the columns of an ``AnnotationTable``; frames and
counts take the table. Nothing that is passed in is changed.

The names of this package are public; its modules are not, and may move.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
