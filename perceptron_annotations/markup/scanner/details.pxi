# What an issue holds → its words, as UTF-8: what ``excerpt`` makes of a piece of the text, or a few numbers.
#
# They are written to the columns of many answers at once; nobody makes a string of them before somebody reads it.

cdef enum:
    DETAIL_LIMIT = 120
    # As many characters of four bytes, and an ellipsis.
    DETAIL_BYTES = 483

cdef const char* ELLIPSIS = b"\xe2\x80\xa6"


cdef bint write_detail(Scan* s, Problem* problem, Buffer* words) noexcept nogil:
    """Append the words of an issue; false where memory ran out."""
    cdef int detail = problem.detail
    cdef Piece quoted = problem.quoted
    if detail == NOTHING:
        return True
    if not space_for(words, DETAIL_BYTES):
        return False
    if detail == OPEN_TAG or detail == CLOSE_TAG:
        put_tag(words, <int>problem.first, detail == CLOSE_TAG)
    elif detail == LENGTH:
        put_whole(words, <int64_t>problem.first)
    elif detail == COUNT:
        put_whole(words, <int64_t>problem.first)
        put_bytes(words, b" times", 6)
    elif detail == FAMILY:
        put_bytes(words, FAMILIES[<int>problem.first], strlen(FAMILIES[<int>problem.first]))
    elif detail == TIMES:
        put_seconds(words, problem.first)
        put_byte(words, c" ")
        put_seconds(words, problem.second)
    elif detail == ASSETS:
        with gil:
            return put_assets(s, words, <int32_t>problem.first, <int64_t>problem.second)
    elif detail == RAW:
        put_excerpt(words, s.text, quoted)
    elif detail == STRIPPED:
        put_excerpt(words, s.text, stripped(s.text, quoted))
    else:
        if not (
            unescaped(s, quoted) if detail == UNESCAPED
            else without_pairs(s, quoted) if detail == BESIDE_PAIRS
            else without_attributes(s, quoted)
        ):
            return False
        quoted = piece(0, s.scratch.used)
        if detail == BESIDE_PAIRS:
            quoted = stripped(<Bytes>s.scratch.data, quoted)
        put_excerpt(words, <Bytes>s.scratch.data, quoted)
    return True


cdef object detail_text(Scan* s, Problem* problem):
    """The words of an issue."""
    s.words.used = 0
    if not write_detail(s, problem, &s.words):
        raise MemoryError
    return PyUnicode_DecodeUTF8(s.words.data, s.words.used, "surrogatepass")


cdef void put_excerpt(Buffer* words, Bytes text, Piece quoted) noexcept nogil:
    """The first characters, and an ellipsis for the others."""
    cdef int64_t at = quoted.start, last = quoted.end, count = 0
    if quoted.end - quoted.start > DETAIL_LIMIT:  # bytes; it may be as many characters
        while at < quoted.end:
            if (text[at] & 0xC0) != 0x80:
                count += 1
                if count == DETAIL_LIMIT:
                    last = at
                elif count > DETAIL_LIMIT:
                    put_bytes(words, text + quoted.start, last - quoted.start)
                    put_bytes(words, ELLIPSIS, 3)
                    return
            at += 1
    put_bytes(words, text + quoted.start, quoted.end - quoted.start)


cdef void put_tag(Buffer* words, int tag, bint closing) noexcept nogil:
    put_bytes(words, b"</", 1 + closing)
    put_bytes(words, NAMES[tag], NAME_LENGTHS[tag])
    put_byte(words, c">")


cdef void put_whole(Buffer* words, int64_t number) noexcept nogil:
    """A whole number from 0 on."""
    cdef char[20] digits
    cdef int length = 0
    while number or not length:
        length += 1
        digits[20 - length] = c"0" + <char>(number % 10)
        number //= 10
    put_bytes(words, digits + 20 - length, length)


cdef void put_seconds(Buffer* words, double seconds) noexcept nogil:
    """A time in six digits, as Python writes it with ``:g``."""
    cdef double thousandths = 1000 * seconds
    cdef int64_t whole, rest
    cdef int place = 100
    if not (seconds < 1000 and thousandths == <int64_t>thousandths):
        put_odd_seconds(words, seconds)
        return
    whole, rest = <int64_t>thousandths // 1000, <int64_t>thousandths % 1000
    put_whole(words, whole)
    if rest:
        put_byte(words, c".")
    while rest:
        put_byte(words, <uint8_t>(c"0" + rest // place))
        rest %= place
        place //= 10


cdef void put_odd_seconds(Buffer* words, double seconds) noexcept with gil:
    """A time that is long or not of thousandths; no locale changes what Python writes."""
    cdef bytes written = f"{seconds:g}".encode()
    put_bytes(words, <const char*>written, len(written))


cdef bint put_assets(Scan* s, Buffer* words, int32_t own, int64_t row) noexcept with gil:
    """The assets that a track and its waypoints name, ``row`` and those before it, in the order of their digits."""
    cdef set assets = {own} if own >= 0 else set()
    cdef bytes written
    cdef int32_t asset_idx
    while row >= 0:
        asset_idx = s.nodes[s.rows[row].node].own.asset_idx
        if asset_idx >= 0:
            assets.add(asset_idx)
        row = s.rows[row].before
    written = ", ".join(sorted(map(str, assets))).encode()
    put_excerpt(words, <Bytes><const char*>written, piece(0, len(written)))
    return True


# -- what is left of a body or of attributes ---------------------------------------------------------------------------


cdef bint without_pairs(Scan* s, Piece where) noexcept nogil:
    """Write a body with a space for each of its pairs to the scratch; false where memory ran out."""
    cdef int64_t at = where.start, stop
    s.scratch.used = 0
    if not space_for(&s.scratch, where.end - where.start):
        s.failed = True
        return False
    while at < where.end:
        stop = skip_pair(s, at, where.end)
        put_byte(&s.scratch, s.text[at] if stop == at else c" ")
        at = max(stop, at + 1)
    return True


cdef int64_t skip_pair(Scan* s, int64_t at, int64_t end) noexcept nogil:
    """Past ``(x,y)`` at ``at``; ``at`` where there is none."""
    cdef Bytes text = s.text
    cdef int64_t here = at, stop
    cdef int each
    for each in range(2):
        if here == end or text[here] != (c"," if each else c"("):
            return at
        here = skip_space(text, here + 1, end)
        stop = skip_any_digits(s, here, end)
        if stop == here:
            return at
        here = skip_space(text, stop, end)
    return here + 1 if here < end and text[here] == c")" else at


cdef bint without_attributes(Scan* s, Piece where) noexcept nogil:
    """Write what stands between the attributes of a tag to the scratch, its words one space apart."""
    cdef int64_t at = where.start, left_over = where.start
    cdef bint apart = False
    cdef int length
    cdef Attribute each
    s.scratch.used = 0
    if not space_for(&s.scratch, where.end - where.start):
        s.failed = True
        return False
    while at < where.end:
        length = space_length(s.text, at)
        if length:
            apart = True
        elif at >= left_over and read_attribute(s, at, where.end, &each):
            length = <int>(each.end - at)
        else:
            left_over = max(left_over, each.end)
            if apart and s.scratch.used:
                put_byte(&s.scratch, c" ")
            apart = False
            length = char_length(s.text[at])
            put_bytes(&s.scratch, s.text + at, length)
        at += length
    return True
