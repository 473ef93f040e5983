# Characters, and the numbers made of them. All positions are bytes of the UTF-8 text.
#
# The pure parser follows Python's Unicode classes. Here a byte beyond ASCII is decided only where it cannot matter or
# is surely white space; anywhere else the function that meets it gives up, and the pure parser takes the answer.

cdef enum:
    SPACE = 1
    DIGIT = 2
    WORD = 4  # what \w matches, digits among it
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


cdef inline int64_t skip_space(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Past ASCII white space."""
    while at < end and CLASS[text[at]] & SPACE:
        at += 1
    return at


cdef inline int64_t skip_digits(Bytes text, int64_t at, int64_t end) noexcept nogil:
    while at < end and CLASS[text[at]] & DIGIT:
        at += 1
    return at


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


cdef bint is_blank(Bytes text, int64_t at, int64_t end) noexcept nogil:
    cdef int length
    while at < end:
        length = space_length(text, at)
        if length == 0:
            return False
        at += length
    return True


cdef bint is_ascii(Bytes text, int64_t at, int64_t end) noexcept nogil:
    while at < end:
        if text[at] >= 0x80:
            return False
        at += 1
    return True


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
    """Read ``1``, ``1.5`` or ``.5`` at ``at``: where it ends, -1 for none, -2 for one that is not decided here."""
    cdef int64_t whole = skip_digits(text, at, end)
    cdef int64_t stop = whole
    cdef int64_t number = 0, each
    if whole < end and text[whole] == c"." and whole + 1 < end and CLASS[text[whole + 1]] & DIGIT:
        stop = skip_digits(text, whole + 1, end)
    if stop == at:
        return -2 if at < end and text[at] >= 0x80 else -1
    if stop < end and (text[stop] >= 0x80 or lower(text[stop]) == c"e"):
        return -2
    if stop - at > LONGEST_EXACT:
        return -2
    for each in range(at, stop):
        if each != whole:
            number = 10 * number + (text[each] - c"0")
    if number > EXACT_LIMIT:
        return -2
    value[0] = <double>number if stop == whole else <double>number / POWERS[stop - whole - 1]
    return stop


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


cdef int64_t any_number(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Past a number with or without sign and fraction; -1 for none, -2 for one that is not decided here."""
    cdef int64_t whole, stop
    if at < end and (text[at] == c"-" or text[at] == c"+"):
        at += 1
    whole = stop = skip_digits(text, at, end)
    if stop < end and text[stop] == c".":
        stop = skip_digits(text, stop + 1, end)
        if whole == at and stop == whole + 1:
            return -2 if stop < end and text[stop] >= 0x80 else -1
    if stop < end and text[stop] >= 0x80:
        return -2
    return stop if stop > at else -1


cdef int64_t two_numbers(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Past two numbers with a comma or white space between them; -1 for none, -2 where that is not decided here."""
    cdef int64_t gap
    at = any_number(text, at, end)
    if at < 0:
        return at
    gap = skip_space(text, at, end)
    if gap < end and text[gap] == c",":
        gap = skip_space(text, gap + 1, end)
    elif gap == at:
        return -1
    if gap < end and text[gap] >= 0x80:
        return -2
    return any_number(text, gap, end)
