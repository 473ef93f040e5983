"""The tag language. The text of an answer flows in; its tree, annotations and issues flow out, and values flow back.

``tokens`` → ``tree`` → ``document`` is the way of a whole answer, ``stream`` that of one that is arriving; ``write`` is
the way back. No files, no network, no arrays.
"""
