# One tag at a `<`: what `tokens.py` finds, found again.

cdef const char* NAMES[6]
NAMES[:] = [b"point", b"point_box", b"polygon", b"clip", b"track", b"collection"]
cdef int[6] NAME_LENGTHS = [5, 9, 7, 4, 5, 10]

ctypedef struct Tag:
    uint8_t tag
    bint closing
    bint skipped  # it can take part in no element, but takes its text
    bint self_closing
    int64_t start
    int64_t end
    int64_t numbers  # of a whole leaf
    Piece attributes
    bint plain  # the rest is known too
    int64_t length
    Own own
    double until  # of a clip


cdef inline int named(Bytes text, int64_t at, int64_t end, int tag, const char* name, int64_t length) noexcept nogil:
    """``tag`` where its name stands at ``at``, in any case; NO_TAG where it does not."""
    cdef int64_t letter
    if end - at < length:
        return NO_TAG
    if memcmp(text + at, name, length) == 0:
        return tag
    for letter in range(length):
        if lower(text[at + letter]) != name[letter]:
            return NO_TAG
    return tag


cdef inline int tag_name(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """The tag whose name stands at ``at``, in any case; NO_TAG for none."""
    cdef uint8_t first
    if end - at < 4:
        return NO_TAG
    first = lower(text[at])
    if first == c"p":
        if end - at > 5 and text[at + 5] == c"_":
            return named(text, at, end, BOX, "point_box", 9)
        if lower(text[at + 1]) == c"o" and lower(text[at + 2]) == c"l":
            return named(text, at, end, POLYGON, "polygon", 7)
        return named(text, at, end, POINT, "point", 5)
    if first == c"c":
        if lower(text[at + 1]) == c"l":
            return named(text, at, end, CLIP, "clip", 4)
        return named(text, at, end, COLLECTION, "collection", 10)
    return named(text, at, end, TRACK, "track", 5) if first == c"t" else NO_TAG


cdef int64_t attributes_end(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """The first byte after ``at`` that no attributes can hold: < or >, a quote without a partner, or the end."""
    cdef Bytes close
    while at < end:
        if text[at] == c'"' or text[at] == c"'":
            close = <Bytes>memchr(text + at + 1, text[at], end - at - 1)
            if close == NULL:
                return at
            at = close - text
        elif text[at] == c"<" or text[at] == c">":
            return at
        at += 1
    return end


cdef bint read_tag(Scan* s, int64_t start, Tag* found) noexcept nogil:
    """The tag at the ``<`` at ``start``; false where there is none."""
    cdef Bytes text = s.text
    cdef int64_t at = start + 1
    cdef int64_t stop, last
    cdef int tag
    found.closing = at < s.size and text[at] == c"/"
    found.plain = False
    at += found.closing
    tag = tag_name(text, at, s.size)
    if tag == NO_TAG:
        return False
    at += NAME_LENGTHS[tag]
    if at == s.size:
        return False
    found.tag = tag
    found.start = start
    found.self_closing = found.skipped = False
    if found.closing and text[at] == c">":
        found.end = at + 1
        return True
    if not found.closing and read_plain_attributes(s, at, found):
        found.plain = True
        found.length = found.end - start
        found.attributes = piece(at, found.end - 1 - found.self_closing)
        return True
    if class_of(s, at) & WORD:
        return False
    stop = attributes_end(text, at, s.size)
    if stop == s.size or text[stop] != c">":
        return False
    last = end_of_words(text, at, stop)
    found.end = stop + 1
    found.attributes = piece(at, stop)
    found.skipped = found.closing and last > at
    if not found.closing and last > at and text[last - 1] == c"/":
        found.attributes.end = last - 1
        found.self_closing = tag == CLIP
        found.skipped = tag != CLIP
    return True


cdef inline bint stands_again(Scan* s, int64_t at, Tag* last) noexcept nogil:
    """Whether the plain tag that was read last stands at ``at`` once more, as it mostly does where a model lists things
    of one kind; then it is found there, and its attributes need not be read."""
    if not last.plain or s.size - at < last.length or memcmp(s.text + at, s.text + last.start, last.length) != 0:
        return False
    last.attributes = piece(last.attributes.start + at - last.start, at + last.length - 1 - last.self_closing)
    last.start, last.end = at, at + last.length
    return True
