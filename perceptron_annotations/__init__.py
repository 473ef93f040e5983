"""Typed geometry from the answers of grounded vision-language models.

``parse`` reads one answer, ``StreamParser`` one that is arriving, ``read_recordings`` files of them; ``parse_batch``
and ``read_table`` make columns of many; ``to_markup`` writes values back. ``backend`` says whether the compiled scanner
or the pure parser reads.

The names here are what most programs need. The folders hold the rest, each under its own name: ``markup``,
``completions``, ``table``, ``ops``, ``datasets``, ``evaluation``, ``interop``, ``render`` and ``asking``; ``errors``,
``issues``, ``problems``, ``losses``, ``frames`` and ``geometry`` are public modules of values. Everything is imported
when it is first used.
"""

from __future__ import annotations

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
