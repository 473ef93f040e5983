# Bodies: coordinates as ``leaves.py`` reads them, read again.

ctypedef struct Body:
    int64_t numbers
    bint words_beside
    bint is_ascii  # all digits are
    Piece too_large  # the first coordinate beyond the limit


cdef inline int64_t coordinate(Scan* s, int64_t at, int64_t end, Body* body) noexcept nogil:
    """Enter the whole number at ``at``; where it ends, which is ``at`` itself where there is none."""
    cdef Bytes text = s.text
    cdef int64_t stop = at
    cdef int64_t value = 0
    cdef uint8_t digit
    while stop < end:
        digit = text[stop] - c"0"
        if digit > 9:
            break
        value = 10 * <uint64_t>value + digit  # of a longer number, nonsense
        stop += 1
    if stop < end and text[stop] >= 0x80 and class_of(s, stop) & DIGIT:
        return foreign_coordinate(s, at, end, body)
    if stop - at >= LONGEST_EXACT:
        value = whole_number(s.text, at, stop, EXACT_LIMIT)
        if value < 0 and body.too_large.start < 0:
            body.too_large = piece(at, stop)
    s.coords[s.coord_count + body.numbers] = <double>value
    body.numbers += stop > at
    return stop


cdef int64_t foreign_coordinate(Scan* s, int64_t at, int64_t end, Body* body) noexcept nogil:
    """``coordinate`` where some of the digits are beyond ASCII."""
    cdef int64_t value = 0, digits = 0
    while at < end and class_of(s, at) & DIGIT:
        value = 10 * <uint64_t>value + (s.text[at] - c"0" if s.text[at] < 0x80 else class_of(s, at) >> DIGIT_SHIFT)
        digits += 1
        at += char_length(s.text[at])
    if digits >= LONGEST_EXACT:
        s.undecided = FOREIGN_DIGIT
    body.is_ascii = False
    s.coords[s.coord_count + body.numbers] = <double>value
    body.numbers += 1
    return at


cdef int64_t pair(Scan* s, int64_t at, int64_t end, Body* body) noexcept nogil:
    """Past ``(x,y)`` at the bracket ``at``, both entered; -1 where there is none."""
    cdef Bytes text = s.text
    cdef int64_t before = body.numbers, stop
    cdef Piece too_large = body.too_large
    at = skip_space(text, at + 1, end)
    stop = coordinate(s, at, end, body)
    if stop > at:
        at = skip_space(text, stop, end)
        if at < end and text[at] == c",":
            at = skip_space(text, at + 1, end)
            stop = coordinate(s, at, end, body)
            if stop > at:
                at = skip_space(text, stop, end)
                if at < end and text[at] == c")":
                    return at + 1
    body.numbers = before
    body.too_large = too_large
    return -1


cdef bint bare_numbers(Scan* s, int64_t at, int64_t end, Body* body) noexcept nogil:
    """Enter whole numbers with white space between them; false where anything else stands there."""
    cdef int64_t stop
    at = skip_space(s.text, at, end)
    while at < end:
        stop = coordinate(s, at, end, body)
        if stop == at or (stop < end and space_length(s.text, stop) == 0):
            return False
        at = skip_space(s.text, stop, end)
    return body.numbers % 2 == 0 and body.is_ascii


cdef bint read_coordinates(Scan* s, int tag, Piece where, int64_t start, int64_t end) noexcept nogil:
    """Enter the coordinates of a leaf; false, with an issue, where their number does not fit its tag."""
    cdef Bytes text = s.text
    cdef int64_t at = where.start, stop, pairs
    cdef Body body
    cdef Problem* problem
    body.numbers = 0
    body.words_beside = False
    body.is_ascii = True
    body.too_large = piece(-1, -1)
    # A number and what ends it take two bytes; one number more may be written before it is taken back.
    if not room(<void**>&s.coords, &s.coord_room, s.coord_count + (where.end - at) // 2 + 4, sizeof(double)):
        s.failed = True
        return False
    while at < where.end:
        if text[at] == c"(":
            stop = pair(s, at, where.end, &body)
            if stop > 0:
                at = stop
                continue
        body.words_beside |= space_length(text, at) == 0
        at += char_length(text[at])
    if body.numbers == 0:
        body.words_beside = False
        body.is_ascii = True
        if not bare_numbers(s, where.start, where.end, &body):
            body.numbers = 0
    pairs = body.numbers // 2
    if pairs != tag + 1 if tag < POLYGON else pairs < 3:
        note_piece(s, INVALID_POINT_COORDS + tag, start, end, STRIPPED, where)
        return False
    if body.too_large.start >= 0:
        note_piece(s, NUMBER_OVERFLOW, start, end, RAW, body.too_large)
        return False
    if body.words_beside:
        problem = note_tag(s, IGNORED_TEXT, start, end, BESIDE_PAIRS, tag)
        problem.quoted = where
    s.coord_count += body.numbers
    return True
