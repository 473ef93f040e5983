# Tags without a partner, and the end of an answer that was cut off.

cdef enum:
    BEHIND_WINDOW = 80
    CUT_TAG_LETTERS = 2

cdef int64_t any_number(Scan* s, int64_t at, int64_t end) noexcept nogil:
    """Past a number with or without sign and fraction; -1 for none."""
    cdef Bytes text = s.text
    cdef int64_t whole, stop
    if at < end and (text[at] == c"-" or text[at] == c"+"):
        at += 1
    whole = stop = skip_any_digits(s, at, end)
    if stop < end and text[stop] == c".":
        stop = skip_any_digits(s, stop + 1, end)
        if whole == at and stop == whole + 1:
            return -1
    return stop if stop > at else -1


cdef int64_t two_numbers(Scan* s, int64_t at, int64_t end) noexcept nogil:
    """Past two numbers with a comma or white space between them; -1 for none."""
    cdef int64_t gap
    at = any_number(s, at, end)
    if at < 0:
        return at
    gap = skip_space(s.text, at, end)
    if gap < end and s.text[gap] == c",":
        gap = skip_space(s.text, gap + 1, end)
    elif gap == at:
        return -1
    return any_number(s, gap, end)


cdef Piece weigh(Scan* s, Pending* tag, int64_t end) noexcept nogil:
    """What an open tag loses without a close tag before ``end``; an empty piece for nothing."""
    cdef int64_t at = skip_space(s.text, tag.end, end)
    cdef int64_t ahead
    while at < end and (s.text[at] == c"(" or s.text[at] == c"["):
        at = skip_space(s.text, at + 1, end)
    ahead = two_numbers(s, at, end)
    if ahead < 0 and not (tag.tag == CLIP and reads_as_clip(s, tag)):
        return piece(tag.start, tag.start)
    s.last_end = end  # these coordinates are spoken for
    if ahead < 0:
        return piece(tag.start, tag.end)
    if ahead < end and (s.text[ahead] == c")" or s.text[ahead] == c"]"):
        ahead += 1
    return piece(tag.start, ahead)


cdef bint reads_as_clip(Scan* s, Pending* tag) noexcept nogil:
    cdef Own own
    cdef double until
    cdef int64_t before = s.problem_count
    cdef bint readable = read_clip(s, tag.attributes, piece(tag.end, tag.end), tag.start, tag.end, &own, &until)
    s.problem_count = before
    return readable


cdef void leave_unpaired(Scan* s, int64_t end) noexcept nogil:
    """A tag was opened, and the next tag, at ``end``, does not close it."""
    cdef Pending tag = s.pending
    cdef Piece lost
    s.pending.tag = NO_TAG
    lost = weigh(s, &tag, end)
    if s.depth > 0:
        note_tag(s, UNCLOSED_TAG, tag.start, tag.end, OPEN_TAG, tag.tag).recovered = lost.start == lost.end
    else:
        note_unpaired(s, &tag, lost)


cdef void note_unpaired(Scan* s, Pending* tag, Piece lost) noexcept nogil:
    if lost.start < lost.end:
        note_piece(s, MISSING_TAG, lost.start, lost.end, RAW, lost)
    else:
        note_tag(s, UNPAIRED_TAG, tag.start, tag.end, OPEN_TAG, tag.tag)


cdef Piece coordinates_behind(Scan* s, int64_t end) noexcept nogil:
    """Two numbers right before ``end``; none in most cases."""
    cdef Bytes text = s.text
    cdef int64_t start = end
    cdef int64_t at, stop, count = 0
    while start > s.last_end and count < BEHIND_WINDOW:  # characters
        start -= 1
        count += (text[start] & 0xC0) != 0x80
    while start < end:
        at = start + (text[start] == c"(" or text[start] == c"[")
        stop = two_numbers(s, at, end)
        if stop > 0:
            stop = skip_space(text, stop, end)
            while stop < end and (text[stop] == c")" or text[stop] == c"]"):
                stop = skip_space(text, stop + 1, end)
            if stop == end:
                return piece(start, end)
        start += char_length(text[start])
    return piece(-1, -1)


cdef void stray_close(Scan* s, Tag* found) noexcept nogil:
    cdef Piece behind = coordinates_behind(s, found.start)
    if s.depth > 0:
        note_tag(s, UNEXPECTED_CLOSE_TAG, found.start, found.end, CLOSE_TAG, found.tag).recovered = behind.start < 0
    elif behind.start >= 0 and found.tag <= POLYGON:
        note_piece(s, MISSING_TAG, behind.start, found.end, RAW, behind)
    else:
        note_tag(s, UNPAIRED_TAG, found.start, found.end, CLOSE_TAG, found.tag)
    if found.tag >= TRACK:
        add(s, found.start, found.end)
        new_node(s, found.tag, found.start, found.end).closed = False


cdef bint is_name_start(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Whether ``at … end`` is the start of a tag's name, or nothing."""
    cdef int tag
    cdef int64_t letter
    for tag in range(NO_TAG):
        if end - at <= NAME_LENGTHS[tag]:
            letter = 0
            while at + letter < end and lower(text[at + letter]) == NAMES[tag][letter]:
                letter += 1
            if at + letter == end:
                return True
    return False


cdef bint is_cut(Scan* s, int64_t start) noexcept nogil:
    """Whether the ``<`` at ``start`` begins a tag that the end cuts, be it one that is more likely prose."""
    cdef Bytes text = s.text
    cdef int64_t at = start + 1
    cdef int64_t stop
    cdef int tag
    at += at < s.size and text[at] == c"/"
    tag = tag_name(text, at, s.size)
    if tag != NO_TAG:
        stop = at + NAME_LENGTHS[tag]
        if stop == s.size:
            return True
        if not class_of(s, stop) & WORD:
            stop = attributes_end(text, stop, s.size)
            return stop == s.size or text[stop] == c'"' or text[stop] == c"'"
    return s.size - at <= NAME_LENGTHS[COLLECTION] and is_name_start(text, at, s.size)


cdef int64_t cut_tag(Scan* s, int64_t start) noexcept nogil:
    """Where a tag that the end cuts begins, at or after ``start``; -1 for none. ``<p`` is more likely prose."""
    cdef Bytes found
    cdef int64_t at
    while start < s.size:
        found = <Bytes>memchr(s.text + start, c"<", s.size - start)
        if found == NULL:
            return -1
        start = found - s.text
        if is_cut(s, start):
            at = start
            while at < s.size and (s.text[at] == c"<" or s.text[at] == c"/"):
                at += 1
            return start if s.size - at >= CUT_TAG_LETTERS else -1
        start += 1
    return -1


cdef bint is_cut_body(Scan* s, int64_t at, int64_t end) noexcept nogil:
    """Whether ``at … end`` may be the body of a leaf that the end cuts."""
    cdef Bytes text = s.text
    while at < end and class_of(s, at) & CUT:
        at += char_length(text[at])
    if at < end and text[at] == c"<":
        at += 1
        at += at < end and text[at] == c"/"
        while at < end and CLASS[text[at]] & WORD and not CLASS[text[at]] & DIGIT:
            at += 1
        return at == end
    return at == end


cdef void report_cut(Scan* s) noexcept nogil:
    """What a cut-off answer leaves behind its last whole tag: an open leaf, the start of a tag, or both."""
    cdef Pending tag = s.pending
    cdef int64_t cut, body_end
    cdef bint cut_body
    cdef Piece lost
    cut = cut_tag(s, s.last_end) if s.last_angle >= s.last_end else -1
    if tag.tag != NO_TAG:
        s.pending.tag = NO_TAG
        body_end = s.size if cut < 0 else cut
        cut_body = is_cut_body(s, tag.end, body_end)
        lost = weigh(s, &tag, body_end)
        if cut_body:
            s.truncated = True
            note_tag(s, TRUNCATED_ELEMENT, tag.start, s.size, OPEN_TAG, tag.tag)
            return
        note_unpaired(s, &tag, lost)
    if cut >= 0:
        s.truncated = True
        if s.text[cut + 1] != c"/":
            note_piece(s, TRUNCATED_ELEMENT, cut, s.size, RAW, piece(cut, s.size))
