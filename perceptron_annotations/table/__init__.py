"""The annotations of many answers as columns, and those columns as Arrow and Parquet.

Methods of ``AnnotationTable`` that convert it (``to_pixels``, ``to_pandas``, ``to_values``, …) only delegate: they
import the function that does the work when they are called, even from a folder above this one. Nothing else here
imports from those folders.

The names of this package are public; its modules are not, and may move.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
