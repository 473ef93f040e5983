# Attributes, times and coordinates: what ``leaves.py`` reads, read again.

cdef double GRID_MAX = 1000.0
cdef int64_t MAX_ASSET_IDX = 2147483647

ctypedef struct Attributes:
    # Values as written between their quotes; an empty one is as good as none.
    Piece mention
    Piece t
    Piece asset_idx
    Piece confidence


cdef bint plain_references(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Whether every ``&`` is one that ``reference`` can read."""
    while at < end:
        if text[at] == c"&" and reference(text, at, end, NULL) == 0:
            return False
        at += 1
    return True


cdef int reference(Bytes text, int64_t at, int64_t end, uint8_t* char) noexcept nogil:
    """The length of the character reference at ``at``: 1 for a mere ``&``, 0 for one that is not decided here."""
    cdef int64_t rest = end - at
    cdef Bytes here = text + at
    cdef uint8_t meant = c"&"
    cdef int length = 0
    if rest >= 5 and memcmp(here, b"&amp;", 5) == 0:
        length = 5
    elif rest >= 4 and memcmp(here, b"&lt;", 4) == 0:
        length, meant = 4, c"<"
    elif rest >= 4 and memcmp(here, b"&gt;", 4) == 0:
        length, meant = 4, c">"
    elif rest >= 6 and memcmp(here, b"&quot;", 6) == 0:
        length, meant = 6, c'"'
    elif rest >= 6 and memcmp(here, b"&apos;", 6) == 0:
        length, meant = 6, c"'"
    elif rest >= 5 and memcmp(here, b"&#39;", 5) == 0:
        length, meant = 5, c"'"
    elif rest >= 6 and memcmp(here, b"&#x27;", 6) == 0:
        length, meant = 6, c"'"
    elif rest == 1 or here[1] in (c" ", c"&", c"<", c"\n", c"\t", c"\f"):
        length = 1
    elif rest == 2 and CLASS[here[1]] & WORD:
        length = 1  # no entity has a name of one letter
    if char != NULL:
        char[0] = meant
    return length


cdef bint unescaped(Scan* s, Piece raw) noexcept nogil:
    """Write ``raw`` with its references read, which is never longer, to the scratch; false where memory ran out."""
    cdef int64_t at = raw.start
    cdef uint8_t* char
    s.scratch.used = 0
    if not space_for(&s.scratch, raw.end - raw.start + 1):
        s.failed = True
        return False
    while at < raw.end:
        char = <uint8_t*>s.scratch.data + s.scratch.used
        char[0] = s.text[at]
        at += reference(s.text, at, raw.end, char) if s.text[at] == c"&" else 1
        s.scratch.used += 1
    return True


ctypedef struct Attribute:
    # One name="v", name='v' or name=v.
    Piece name
    Piece value  # without its quotes
    int64_t end


cdef bint read_attribute(Scan* s, int64_t at, int64_t stop, Attribute* found) noexcept nogil:
    """The attribute at ``at``, where no white space is; false where there is none, and ``end`` is past what is there
    instead: a quoted string, a word without a value, any other character."""
    cdef Bytes text = s.text
    cdef int64_t value
    cdef uint8_t quote
    found.end = at + 1
    if text[at] == c'"' or text[at] == c"'":
        found.end = <Bytes>memchr(text + at + 1, text[at], stop - at - 1) - text + 1
        return False
    if not CLASS[text[at]] & WORD:
        s.undecided |= text[at] >= 0x80
        return False
    while found.end < stop and CLASS[text[found.end]] & WORD:
        found.end += 1
    found.name = piece(at, found.end)
    value = skip_space(text, found.end, stop)
    if value == stop or text[value] != c"=":
        s.undecided |= value < stop and text[value] >= 0x80
        return False
    value = skip_space(text, value + 1, stop)
    if value == stop:
        return False
    quote = text[value]
    if quote == c'"' or quote == c"'":
        found.value = piece(value + 1, <Bytes>memchr(text + value + 1, quote, stop - value - 1) - text)
        found.end = found.value.end + 1
        return True
    found.value.start = value
    while value < stop and not (CLASS[text[value]] & SPACE or text[value] == c'"' or text[value] == c"'"):
        s.undecided |= text[value] >= 0x80
        value += 1
    found.value.end = found.end = value
    return True


cdef inline Piece* place_of(Bytes text, Piece name, Attributes* found) noexcept nogil:
    """Where the value of an attribute belongs; NULL for one without a meaning."""
    if spells(text, name.start, name.end, b"mention", 7):
        return &found.mention
    if spells(text, name.start, name.end, b"t", 1):
        return &found.t
    if spells(text, name.start, name.end, b"asset_idx", 9):
        return &found.asset_idx
    if spells(text, name.start, name.end, b"confidence", 10):
        return &found.confidence
    return NULL


cdef void read_attributes(Scan* s, Piece where, int64_t start, int64_t end, Attributes* found) noexcept nogil:
    """All attributes of a tag; the last of a name wins. Issues stand at ``start … end``."""
    cdef Bytes text = s.text
    cdef int64_t at = where.start
    cdef bint unknown = False, left_over = False
    cdef Attribute each
    cdef Piece* place
    found.mention = found.t = found.asset_idx = found.confidence = piece(-1, -1)
    while at < where.end and not s.undecided:
        if CLASS[text[at]] & SPACE:
            at += 1
        elif not read_attribute(s, at, where.end, &each):
            left_over = True
            at = each.end
        else:
            at = each.end
            place = place_of(text, each.name, found)
            if place == NULL:
                s.undecided |= unknown  # a second one may have the same name
                unknown = True
                note_piece(s, UNKNOWN_ATTRIBUTE, start, end, RAW, piece(each.name.start, each.end))
            elif place.start >= 0:
                note_piece(s, DUPLICATE_ATTRIBUTE, start, end, RAW, each.name)
            s.undecided |= memchr(text + each.value.start, c"<", each.value.end - each.value.start) != NULL
            if place != NULL:
                place[0] = each.value
    if left_over:
        note_piece(s, UNKNOWN_ATTRIBUTE, start, end, BESIDE_ATTRIBUTES, where)


cdef bint is_plain(Scan* s, Piece value) noexcept nogil:
    """Whether a time or an index can be read here; if not, the scan is undecided."""
    if is_ascii(s.text, value.start, value.end) and memchr(
        s.text + value.start, c"&", value.end - value.start
    ) == NULL:
        return True
    s.undecided = True
    return False


cdef Piece read_mention(Scan* s, Piece value) noexcept nogil:
    """The mention as it stands in the text, its references unread; none for an empty one."""
    if value.end <= value.start:
        return piece(-1, -1)
    if memchr(s.text + value.start, c"&", value.end - value.start) != NULL:
        if not plain_references(s.text, value.start, value.end):
            s.undecided = True
    return value


cdef bint read_time(Scan* s, Piece raw, double* t) noexcept nogil:
    """Seconds of a spatial ``t``; false where it is none."""
    cdef Piece value
    cdef int64_t at
    t[0] = NAN
    if raw.end <= raw.start:
        return True
    if not is_plain(s, raw):
        return True
    value = stripped(s.text, raw)
    at = decimal(s.text, value.start, value.end, t)
    if at == -2:
        s.undecided = True
        return True
    if at < 0 or skip_unit(s.text, at, value.end) != value.end:
        t[0] = NAN
        return False
    return True


cdef int read_asset_idx(Scan* s, Piece raw, int32_t* asset_idx, Piece* culprit) noexcept nogil:
    """The index of an asset; the code of what is wrong with it, or -1, and the bytes that are."""
    cdef Piece value
    cdef int64_t number
    asset_idx[0] = -1
    if raw.end <= raw.start or not is_plain(s, raw):
        return -1
    value = stripped(s.text, raw)
    if value.start < value.end and s.text[value.start] == c"+":
        value.start += 1
    if value.start == value.end or skip_digits(s.text, value.start, value.end) != value.end:
        culprit[0] = raw
        return INVALID_ASSET_IDX
    number = whole_number(s.text, value.start, value.end, MAX_ASSET_IDX)
    if number < 0:
        culprit[0] = value
        return NUMBER_OVERFLOW
    asset_idx[0] = <int32_t>number
    return -1


cdef double read_score(Scan* s, Piece raw) noexcept nogil:
    """A confidence from 0 to 1, NAN for none; one that is anything else is left to the pure parser."""
    cdef Piece value
    cdef double score = NAN
    if raw.end > raw.start and is_plain(s, raw):
        value = stripped(s.text, raw)
        if decimal(s.text, value.start, value.end, &score) != value.end or score > 1:
            s.undecided = True
    return score


cdef bint read_context(Scan* s, Piece attributes, int64_t start, int64_t end, Own* own) noexcept nogil:
    """The attributes of a leaf; false, with an issue, where one cannot be read."""
    cdef Attributes found
    cdef Piece culprit
    cdef int code
    no_attributes(own)
    if attributes.start == attributes.end:
        return True
    read_attributes(s, attributes, start, end, &found)
    if s.undecided:
        return False
    own.mention = read_mention(s, found.mention)
    own.score = read_score(s, found.confidence)
    if not read_time(s, found.t, &own.t):
        note_piece(s, INVALID_TIME, start, end, RAW, found.t)
        return False
    code = read_asset_idx(s, found.asset_idx, &own.asset_idx, &culprit)
    if code >= 0:
        note_piece(s, code, start, end, RAW, culprit)
        return False
    return True


cdef void read_container(Scan* s, int tag, Piece attributes, int64_t start, int64_t end, Own* own) noexcept nogil:
    """The attributes of a track or collection. One that cannot be read is an issue and counts as absent."""
    cdef Attributes found
    cdef Piece culprit
    cdef int code
    no_attributes(own)
    if attributes.start == attributes.end:
        return
    read_attributes(s, attributes, start, end, &found)
    s.undecided |= found.confidence.start >= 0  # which has no meaning here
    if s.undecided:
        return
    own.mention = read_mention(s, found.mention)
    code = read_asset_idx(s, found.asset_idx, &own.asset_idx, &culprit)
    if code >= 0:
        note_piece(s, code, start, end, RAW, culprit)
    if tag == TRACK:
        if found.t.start < found.t.end and is_plain(s, found.t):
            note_piece(s, IGNORED_TIME, start, end, RAW, found.t)
    elif not read_time(s, found.t, &own.t):
        note_piece(s, INVALID_TIME, start, end, RAW, found.t)


# -- coordinates -------------------------------------------------------------------------------------------------------

ctypedef struct Body:
    int64_t numbers
    bint words_beside
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
    if stop - at >= LONGEST_EXACT:
        value = whole_number(s.text, at, stop, EXACT_LIMIT)
        if value < 0 and body.too_large.start < 0:
            body.too_large = piece(at, stop)
    s.coords[s.coord_count + body.numbers] = <double>value
    body.numbers += stop > at
    return stop


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
        if stop == at or (stop < end and not CLASS[s.text[stop]] & SPACE):
            return False
        at = skip_space(s.text, stop, end)
    return body.numbers % 2 == 0


cdef bint read_coordinates(Scan* s, int tag, Piece where, int64_t start, int64_t end) noexcept nogil:
    """Enter the coordinates of a leaf; false, with an issue, where their number does not fit its tag."""
    cdef Bytes text = s.text
    cdef int64_t at = where.start, stop, pairs
    cdef Body body
    cdef Problem* problem
    body.numbers = 0
    body.words_beside = False
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
        if text[at] >= 0x80:
            s.undecided = True
            return False
        if not CLASS[text[at]] & SPACE:
            body.words_beside = True
        at += 1
    if body.numbers == 0:
        body.words_beside = False
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
