"""Regular expressions for the numbers that a scale can write: within its frame, and with its digits."""

from __future__ import annotations

from collections.abc import Iterator

from .scales import Scale


def number_pattern(scale: Scale, side: float, digits: int) -> str:
    """The numbers of an axis, as a group: from 0 to its end, padded with zeros to so many ``digits``.

    >>> from perceptron_annotations.dialects import Scale
    >>> number_pattern(Scale.grid(1000), 1000, 1)
    '(?:[0-9]|[1-9][0-9]|[1-9][0-9]{2}|1000)'
    >>> number_pattern(Scale.unit(decimals=2), 1, 1)
    '(?:0[.][0-9]{2}|1[.]00)'
    """
    last = int(side if scale.last is None else scale.last)
    behind = scale.decimals + 1 if scale.decimals else 0
    if not behind:
        found = [_padded(digits, size) + each for size, each in _whole(last)]
    else:
        fraction = f"[.][0-9]{{{scale.decimals}}}"
        found = [_padded(digits, size + behind) + each + fraction for size, each in _whole(last - 1)]
        found.append(_padded(digits, len(str(last)) + behind) + f"{last}[.]{'0' * scale.decimals}")
    return f"(?:{'|'.join(found)})"


def _padded(digits: int, size: int) -> str:
    """The zeros before a number of this size."""
    return "0" * max(digits - size, 0)


def _whole(last: int) -> Iterator[tuple[int, str]]:
    """The whole numbers from 0 to ``last`` without leading zeros: expressions, each with its number of digits."""
    if last < 0:
        return
    most = len(str(last))
    for size in range(1, most):
        yield size, _digit(0 if size == 1 else 1, 9) + _any_digits(size - 1)
    for place, digit in enumerate(map(int, str(last))):
        lowest = 1 if place == 0 and most > 1 else 0
        if digit > lowest:
            yield most, str(last)[:place] + _digit(lowest, digit - 1) + _any_digits(most - place - 1)
    yield most, str(last)


def _digit(lowest: int, highest: int) -> str:
    return str(lowest) if lowest == highest else f"[{lowest}-{highest}]"


def _any_digits(count: int) -> str:
    return "" if not count else "[0-9]" if count == 1 else f"[0-9]{{{count}}}"
