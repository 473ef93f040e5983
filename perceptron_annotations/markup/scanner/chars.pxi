# Characters, and the numbers made of them. All positions are bytes of the UTF-8 text.
#
# The pure parser follows Python's Unicode classes, which are asked here too, for a page of characters at a time: the
# classes of a page stay known to the process.

cdef enum:
    SPACE = 1
    DIGIT = 2
    WORD = 4  # what \w matches, digits among it
    DIGIT_SHIFT = 4  # of the value of a digit beyond ASCII
    CUT = 8  # what may stand in the body of a leaf that was cut off

cdef uint8_t CLASS[256]


cdef void fill_classes() noexcept:
    cdef int c
    for c in range(256):
        CLASS[c] = 0
    for c in (*range(0x09, 0x0E), *range(0x1C, 0x21)):
        CLASS[c] = SPACE | CUT
    for c in b"0123456789":
        CLASS[c] = DIGIT | WORD | CUT
    for c in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_":
        CLASS[c] = WORD
    for c in b",;()[].+-":
        CLASS[c] |= CUT


fill_classes()


cdef inline uint8_t lower(uint8_t c) noexcept nogil:
    return c | 0x20 if c"A" <= c <= c"Z" else c


cdef inline int char_length(uint8_t first) noexcept nogil:
    """The bytes of a character, by the first of them."""
    return 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


cdef int space_length(Bytes text, int64_t at) noexcept nogil:
    """The length of the white space character at ``at``, Unicode's included; 0 where there is none."""
    cdef uint8_t c = text[at]
    if c < 0x80:
        return 1 if CLASS[c] & SPACE else 0
    # The text is valid UTF-8, so the bytes of a whole character are there.
    if c == 0xC2:
        return 2 if text[at + 1] == 0x85 or text[at + 1] == 0xA0 else 0
    if c == 0xE1:
        return 3 if text[at + 1] == 0x9A and text[at + 2] == 0x80 else 0
    if c == 0xE2 and text[at + 1] == 0x80:
        c = text[at + 2]
        return 3 if c <= 0x8A or c == 0xA8 or c == 0xA9 or c == 0xAF else 0
    if c == 0xE2:
        return 3 if text[at + 1] == 0x81 and text[at + 2] == 0x9F else 0
    if c == 0xE3:
        return 3 if text[at + 1] == 0x80 and text[at + 2] == 0x80 else 0
    return 0


cdef inline int64_t skip_space(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Past white space."""
    cdef int length
    while at < end:
        if CLASS[text[at]] & SPACE:
            at += 1
            continue
        if text[at] < 0x80:
            break
        length = space_length(text, at)
        if length == 0:
            break
        at += length
    return at


cdef inline int64_t skip_digits(Bytes text, int64_t at, int64_t end) noexcept nogil:
    while at < end and CLASS[text[at]] & DIGIT:
        at += 1
    return at


cdef inline int64_t end_of_words(Bytes text, int64_t start, int64_t end) noexcept nogil:
    """``end`` without the white space before it."""
    cdef int64_t at
    while end > start:
        at = end - 1
        while at > start and (text[at] & 0xC0) == 0x80:
            at -= 1
        if space_length(text, at) != end - at:
            break
        end = at
    return end


cdef inline bint is_blank(Bytes text, int64_t at, int64_t end) noexcept nogil:
    return skip_space(text, at, end) == end


cdef inline bint spells(Bytes text, int64_t at, int64_t end, const char* word, int64_t length) noexcept nogil:
    """Whether ``at … end`` is ``word``, case and all."""
    return end - at == length and memcmp(text + at, word, length) == 0


# -- numbers -----------------------------------------------------------------------------------------------------------

# Above 2**53 whole numbers have gaps as floats. Powers of ten up to 10**22 are floats exactly, so dividing an exact
# whole number by one of them rounds once, as reading the decimal does (Clinger, 1990).
cdef enum:
    LONGEST_EXACT = 16
    LARGEST_POWER = 22

cdef int64_t EXACT_LIMIT = 1 << 53
cdef double POWERS[23]


cdef void fill_powers() noexcept:
    cdef int power
    for power in range(LARGEST_POWER + 1):
        POWERS[power] = <double>(10**power)


fill_powers()


cdef int64_t whole_number(Bytes text, int64_t at, int64_t end, int64_t limit) noexcept nogil:
    """The digits ``at … end`` as a number of at most ``limit``; -1 beyond it. Leading zeros are free."""
    cdef int64_t value = 0
    while at < end and text[at] == c"0":
        at += 1
    if end - at > LONGEST_EXACT:
        return -1
    while at < end:
        value = 10 * value + (text[at] - c"0")
        at += 1
    return value if value <= limit else -1


cdef int64_t decimal(Bytes text, int64_t at, int64_t end, double* value) noexcept nogil:
    """Read ``1``, ``1.5``, ``.5`` or ``1.5e3`` at ``at``: where it ends, -1 for none. It may be infinite."""
    cdef int64_t whole = skip_digits(text, at, end)
    cdef int64_t stop = whole
    cdef int64_t number = 0, each, power
    if whole < end and text[whole] == c"." and whole + 1 < end and CLASS[text[whole + 1]] & DIGIT:
        stop = skip_digits(text, whole + 1, end)
    if stop == at:
        return -1
    power = skip_exponent(text, stop, end)
    if power > stop or stop - at > LONGEST_EXACT:
        value[0] = rounded(text, at, power)
        return power
    for each in range(at, stop):
        if each != whole:
            number = 10 * number + (text[each] - c"0")
    if number > EXACT_LIMIT:
        value[0] = rounded(text, at, stop)
    else:
        value[0] = <double>number if stop == whole else <double>number / POWERS[stop - whole - 1]
    return stop


cdef int64_t skip_exponent(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Past ``e5``, ``E+5`` or ``e-5`` at ``at``; ``at`` where there is none."""
    cdef int64_t digits = at + 1
    if at == end or lower(text[at]) != c"e":
        return at
    if digits < end and (text[digits] == c"+" or text[digits] == c"-"):
        digits += 1
    return skip_digits(text, digits, end) if digits < end and CLASS[text[digits]] & DIGIT else at


cdef double rounded(Bytes text, int64_t at, int64_t end) noexcept with gil:
    """A decimal that takes more than one rounding: Python's own reading of it."""
    return float(text[at:end])


cdef const char* SECOND = "second"


cdef int64_t skip_unit(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Past ``s``, ``second`` or ``seconds`` in any case, and the white space before it; ``at`` where there is none."""
    cdef int64_t unit = skip_space(text, at, end)
    cdef int64_t letter
    if unit == end or lower(text[unit]) != c"s":
        return at
    if end - unit >= 6:
        for letter in range(6):
            if lower(text[unit + letter]) != SECOND[letter]:
                return unit + 1
        return unit + 7 if unit + 6 < end and lower(text[unit + 6]) == c"s" else unit + 6
    return unit + 1
