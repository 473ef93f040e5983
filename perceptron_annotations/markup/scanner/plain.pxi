# Elements as models write them, which nearly all are: read in one pass, straight to their values.
#
# Whatever this does not take is read step by step by the files before and after it, with the same result.

cdef inline bint stands(Bytes text, int64_t at, int64_t end, const char* word, int64_t length) noexcept nogil:
    """Whether ``word`` stands at ``at``, case and all."""
    return end - at >= length and memcmp(text + at, word, length) == 0


cdef bint read_plain_attributes(Scan* s, int64_t at, Tag* found) noexcept nogil:
    """Read the attributes from ``at`` on, and the ``>``: one space before each, double quotes, none of them twice."""
    cdef Bytes text = s.text
    cdef Own* own = &found.own
    cdef bint slashed = False
    no_attributes(own)
    while at < s.size and text[at] == c" ":
        at += 1
        if stands(text, at, s.size, b'mention="', 9) and own.mention.start < 0:
            at = plain_mention(s, at + 9, own)
        elif stands(text, at, s.size, b't="', 3) and own.t != own.t and found.tag != TRACK:
            at = plain_times(s, at + 3, found)
        elif stands(text, at, s.size, b'asset_idx="', 11) and own.asset_idx < 0:
            at = plain_index(s, at + 11, own)
        elif stands(text, at, s.size, b"/>", 2) and found.tag == CLIP:
            break
        else:
            return False
        if at < 0:
            return False
    if found.tag == CLIP:
        if own.t != own.t:
            return False
        slashed = at < s.size and text[at] == c"/"
    at += slashed
    if at >= s.size or text[at] != c">":
        return False
    found.end = at + 1
    found.self_closing = slashed
    return True


cdef inline int64_t plain_mention(Scan* s, int64_t at, Own* own) noexcept nogil:
    """Past the quote behind a mention that is not empty; -1 if it holds a ``<``."""
    cdef Bytes text = s.text
    cdef int64_t start = at, end = s.size
    cdef bint references = False
    while at < end and text[at] != c'"':
        if text[at] == c"<":
            return -1
        references |= text[at] == c"&"
        at += 1
    if at == end or at == start:
        return -1
    own.mention = piece(start, at)
    if references:
        own.mention = read_mention(s, own.mention)
    return at + 1


cdef inline int64_t plain_times(Scan* s, int64_t at, Tag* found) noexcept nogil:
    """Past the quote behind ``1.5 seconds``, or behind ``1.5 seconds 2 seconds`` in a clip; -1 for any other time."""
    cdef Bytes text = s.text
    found.until = NAN
    at = plain_time(text, at, s.size, &found.own.t)
    if at > 0 and found.tag == CLIP and at < s.size and text[at] == c" ":
        at = plain_time(text, at + 1, s.size, &found.until)
    return at + 1 if 0 < at < s.size and text[at] == c'"' else -1


cdef inline int64_t plain_time(Bytes text, int64_t at, int64_t end, double* t) noexcept nogil:
    """Past a time and its unit; -1 for none."""
    at = decimal(text, at, end, t)
    if at < 0 or t[0] == INFINITY:
        return -1
    return at + 8 if stands(text, at, end, b" seconds", 8) else skip_unit(text, at, end)


cdef inline int64_t plain_index(Scan* s, int64_t at, Own* own) noexcept nogil:
    """Past the quote behind a few digits; -1 for any other index."""
    cdef int64_t stop = skip_digits(s.text, at, s.size)
    cdef int64_t number = whole_number(s.text, at, stop, MAX_ASSET_IDX)
    if stop == at or number < 0 or stop == s.size or s.text[stop] != c'"':
        return -1
    own.asset_idx = <int32_t>number
    return stop + 1


cdef enum:
    # The digits of a number that is read at once, in bits of a word.
    FEW_DIGITS = 8 * 4


cdef inline int64_t plain_pair(Bytes text, int64_t at, int64_t end, double* pair) noexcept nogil:
    """Past ``(x,y)`` at ``at``, if both numbers are short; -1 for anything else.

    Eight bytes are read as one word, and without a branch, because nobody can guess how long a coordinate is.
    """
    cdef uint64_t word, others, more, numbers
    cdef int first, second  # the bits of the numbers
    if end - at <= 8 or text[at] != c"(":
        return -1
    memcpy(&word, text + at + 1, 8)
    word = lowest_first(word) ^ 0x30 * ONES  # a digit becomes its value
    others = (((word & 0x7F * ONES) + 0x76 * ONES) | word) & 0x80 * ONES  # the highest bit of each byte that is none
    more = others & (others - 1)
    if more == 0:
        return -1
    first = lowest_bit(others) - 7
    second = lowest_bit(more) - 15 - first
    if not (0 < first <= FEW_DIGITS and 0 < second <= FEW_DIGITS):
        return -1
    at += 1 + first // 8
    if text[at] != c",":
        return -1
    at += 1 + second // 8
    if text[at] != c")":
        return -1
    # Both numbers in four bytes, with leading zeros; then two digits are added up in every second byte, and so on.
    numbers = <uint32_t>(word << (FEW_DIGITS - first))
    numbers |= (word >> (first + 8)) << (FEW_DIGITS - second) << 32
    numbers = (10 * numbers + (numbers >> 8)) & 0x00FF00FF00FF00FFU
    numbers = (100 * numbers + (numbers >> 16)) & 0x0000FFFF0000FFFFU
    pair[0], pair[1] = <double><int32_t>numbers, <double><int32_t>(numbers >> 32)
    return at + 1


cdef int64_t whole_leaf(Scan* s, Tag* found) noexcept nogil:
    """The end of a leaf that is written as the models write it, its coordinates left behind the others; else -1.

    Whatever this does not take is read tag by tag, with the same result.
    """
    cdef Bytes text = s.text
    cdef int64_t at = found.end, stop, numbers = 0
    cdef Body body
    if found.tag == CLIP:
        return -1
    while True:
        at = skip_space(text, at, s.size)
        if at == s.size or text[at] != c"(":
            break
        if not room(<void**>&s.coords, &s.coord_room, s.coord_count + numbers + 4, sizeof(double)):
            s.failed = True
            return -1
        stop = plain_pair(text, at, s.size, s.coords + s.coord_count + numbers)
        if stop < 0:
            body.numbers, body.too_large.start = numbers, -1
            stop = pair(s, at, s.size, &body)
            if stop < 0 or body.too_large.start >= 0:
                return -1
        numbers += 2
        at = stop
    if numbers != 2 * (found.tag + 1) if found.tag < POLYGON else numbers < 6:
        return -1
    found.numbers = numbers
    return end_of_close(text, at, s.size, found.tag)


cdef inline int64_t end_of_close(Bytes text, int64_t at, int64_t end, int tag) noexcept nogil:
    """Past the close tag of a leaf at ``at``; -1 if another thing stands there."""
    if tag == BOX and stands(text, at, end, "</point_box>", 12):
        return at + 12
    if tag == POINT and stands(text, at, end, "</point>", 8):
        return at + 8
    if tag == POLYGON and stands(text, at, end, "</polygon>", 10):
        return at + 10
    if end - at < NAME_LENGTHS[tag] + 3 or text[at] != c"<" or text[at + 1] != c"/":
        return -1
    if tag_name(text, at + 2, end) != tag:
        return -1
    at = skip_space(text, at + 2 + NAME_LENGTHS[tag], end)
    return at + 1 if at < end and text[at] == c">" else -1
