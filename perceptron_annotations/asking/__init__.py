"""Questions about many images → the completions of a service, recorded as they come.

The names of this package are public; its modules are not, and may move. It needs the extra ``ask``, unless the client
is the caller's own.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
