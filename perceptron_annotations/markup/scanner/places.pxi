# From bytes of the text to code points, in which spans count.

cdef enum:
    STRIDE = 8

cdef extern from *:
    """
    #define ONES UINT64_C(0x0101010101010101)
    """
    const uint64_t ONES  # a one in every byte of a word


cdef bint count_points(Scan* s) noexcept nogil:
    """Prepare ``code_point``, where there is anything to count; false where memory ran out."""
    cdef int64_t stride, total = 0
    cdef int64_t whole = s.size // STRIDE
    cdef uint64_t eight
    if s.ascii:
        return True
    if not room(<void**>&s.points, &s.point_room, whole + 1, 8):
        return False
    for stride in range(whole):
        s.points[stride] = total
        memcpy(&eight, s.text + STRIDE * stride, STRIDE)
        eight = (eight >> 7) & (~eight >> 6) & ONES  # a bit for each byte that continues a character
        total += STRIDE - <int64_t>((eight * ONES) >> 56)
    s.points[whole] = total
    return True


cdef inline int64_t code_point(Scan* s, int64_t place) noexcept nogil:
    """``place`` in code points."""
    cdef int64_t first, total
    cdef int each
    if s.ascii:
        return place
    first = place // STRIDE * STRIDE
    total = s.points[place // STRIDE]
    if first + STRIDE > s.size:
        for each in range(<int>(place - first)):
            total += <int8_t>s.text[first + each] >= -64
        return total
    for each in range(STRIDE):  # all of them, so that nobody has to guess how many
        total += (first + each < place) & (<int8_t>s.text[first + each] >= -64)
    return total
