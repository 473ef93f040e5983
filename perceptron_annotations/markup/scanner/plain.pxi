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
    no_attributes(own)
    while at < s.size and text[at] == c" ":
        at += 1
        if stands(text, at, s.size, b'mention="', 9) and own.mention.start < 0:
            at = plain_mention(s, at + 9, own)
        elif stands(text, at, s.size, b't="', 3) and own.t != own.t and found.tag != TRACK:
            at = plain_time(s, at + 3, own)
        elif stands(text, at, s.size, b'asset_idx="', 11) and own.asset_idx < 0:
            at = plain_index(s, at + 11, own)
        else:
            return False
        if at < 0:
            return False
    if at >= s.size or text[at] != c">":
        return False
    found.end = at + 1
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


cdef inline int64_t plain_time(Scan* s, int64_t at, Own* own) noexcept nogil:
    """Past the quote behind ``1.5 seconds``; -1 for any other time."""
    at = decimal(s.text, at, s.size, &own.t)
    if at < 0 or own.t == INFINITY:
        return -1
    at = skip_unit(s.text, at, s.size)
    return at + 1 if at < s.size and s.text[at] == c'"' else -1


cdef inline int64_t plain_index(Scan* s, int64_t at, Own* own) noexcept nogil:
    """Past the quote behind a few digits; -1 for any other index."""
    cdef int64_t stop = skip_digits(s.text, at, s.size)
    cdef int64_t number = whole_number(s.text, at, stop, MAX_ASSET_IDX)
    if stop == at or number < 0 or stop == s.size or s.text[stop] != c'"':
        return -1
    own.asset_idx = <int32_t>number
    return stop + 1


cdef enum:
    FEW_DIGITS = 4

#: How many of the lowest bits of a number are set, up to the first that is not.
cdef int[16] RUNS = [0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0, 4]


cdef inline int few_digits(Bytes text, double* value) noexcept nogil:
    """How many of the next four bytes are digits that stand together, and their number; without a branch, because
    nobody can guess how long a coordinate is. Five bytes can be read there."""
    cdef int32_t[FEW_DIGITS + 1] numbers
    cdef uint8_t first = text[0] - c"0", second = text[1] - c"0", third = text[2] - c"0", fourth = text[3] - c"0"
    cdef int count = RUNS[(first < 10) | (second < 10) << 1 | (third < 10) << 2 | (fourth < 10) << 3]
    numbers[0] = 0
    numbers[1] = first
    numbers[2] = 10 * first + second
    numbers[3] = 100 * first + 10 * second + third
    numbers[4] = 1000 * first + 100 * second + 10 * third + fourth
    value[0] = <double>numbers[count]
    return count


cdef inline int64_t plain_pair(Bytes text, int64_t at, int64_t end, double* pair) noexcept nogil:
    """Past ``(x,y)`` at the bracket ``at``, if it is that and no longer; -1 for any other pair."""
    cdef int count
    if end - at < 2 * FEW_DIGITS + 4:
        return -1
    count = few_digits(text + at + 1, &pair[0])
    at += 1 + count
    if count == 0 or text[at] != c",":
        return -1
    count = few_digits(text + at + 1, &pair[1])
    at += 1 + count
    return at + 1 if count and text[at] == c")" else -1


cdef int64_t whole_leaf(Scan* s, Tag* found) noexcept nogil:
    """The end of a leaf that is written as the models write it, its coordinates left behind the others; else -1.

    Whatever this does not take is read tag by tag, with the same result.
    """
    cdef Bytes text = s.text
    cdef int64_t at = found.end, stop
    cdef Body body
    if found.tag == CLIP:
        return -1
    body.numbers = 0
    body.too_large.start = -1
    while True:
        at = skip_space(text, at, s.size)
        if at == s.size or text[at] != c"(":
            break
        if not room(<void**>&s.coords, &s.coord_room, s.coord_count + body.numbers + 4, sizeof(double)):
            s.failed = True
            return -1
        stop = plain_pair(text, at, s.size, s.coords + s.coord_count + body.numbers)
        if stop > 0:
            body.numbers += 2
        else:
            stop = pair(s, at, s.size, &body)
            if stop < 0:
                return -1
        at = stop
    if body.too_large.start >= 0 or (
        body.numbers != 2 * (found.tag + 1) if found.tag < POLYGON else body.numbers < 6
    ):
        return -1
    if s.size - at < NAME_LENGTHS[found.tag] + 3 or text[at] != c"<" or text[at + 1] != c"/":
        return -1
    if tag_name(text, at + 2, s.size) != found.tag:
        return -1
    at = skip_space(text, at + 2 + NAME_LENGTHS[found.tag], s.size)
    if at == s.size or text[at] != c">":
        return -1
    found.numbers = body.numbers
    return at + 1
