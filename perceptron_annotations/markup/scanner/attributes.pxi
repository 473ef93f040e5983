# The attributes of a tag, from their text to values: what ``attributes.py`` reads, read again.

cdef int64_t MAX_ASSET_IDX = 2147483647

cdef enum:
    # Attributes without a meaning that one tag may have; each name is compared with those before it.
    MOST_UNKNOWN = 16

ctypedef struct Attributes:
    # Values as written between their quotes; an empty one is as good as none.
    Piece mention
    Piece t
    Piece asset_idx
    Piece confidence
    Piece written_confidence  # with its name
    Piece[MOST_UNKNOWN] unknown  # their names
    int unknown_count


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


cdef inline bint holds_reference(Bytes text, Piece raw) noexcept nogil:
    return raw.start < raw.end and memchr(text + raw.start, c"&", raw.end - raw.start) != NULL


cdef bint unescaped(Scan* s, Piece raw) noexcept nogil:
    """Write ``raw`` with its references read to the scratch; false where memory ran out."""
    cdef int64_t at = raw.start
    cdef uint8_t* char
    s.scratch.used = 0
    if not plain_references(s.text, raw.start, raw.end):
        return unescaped_purely(s, raw)
    if not space_for(&s.scratch, raw.end - raw.start + 1):  # it never becomes longer
        s.failed = True
        return False
    while at < raw.end:
        char = <uint8_t*>s.scratch.data + s.scratch.used
        char[0] = s.text[at]
        at += reference(s.text, at, raw.end, char) if s.text[at] == c"&" else 1
        s.scratch.used += 1
    return True


cdef bint unescaped_purely(Scan* s, Piece raw) noexcept with gil:
    """Likewise, by the pure parser: for any of HTML's many names."""
    cdef str text = unescape(PyUnicode_DecodeUTF8(<const char*>s.text + raw.start, raw.end - raw.start, SURROGATES))
    cdef bytes written = text.encode("utf-8", "surrogatepass")
    if not space_for(&s.scratch, len(written)):
        s.failed = True
        return False
    put_bytes(&s.scratch, <const char*>written, len(written))
    return True


cdef bint copied(Scan* s, Buffer* to, Buffer* other) noexcept nogil:
    """Make ``to`` hold what ``other`` holds; false where memory ran out."""
    to.used = 0
    if not space_for(to, other.used):
        s.failed = True
        return False
    put_bytes(to, other.data, other.used)
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
    if text[at] == c'"' or text[at] == c"'":
        found.end = <Bytes>memchr(text + at + 1, text[at], stop - at - 1) - text + 1
        return False
    found.end = at + char_length(text[at])
    if not class_of(s, at) & WORD:
        return False
    while found.end < stop and class_of(s, found.end) & WORD:
        found.end += char_length(text[found.end])
    found.name = piece(at, found.end)
    value = skip_space(text, found.end, stop)
    if value == stop or text[value] != c"=":
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
    while value < stop and text[value] != c'"' and text[value] != c"'" and space_length(text, value) == 0:
        value += char_length(text[value])
    found.value.end = found.end = value
    return True


cdef inline Piece* place_of(Bytes text, Piece name, bint leaf, Attributes* found) noexcept nogil:
    """Where the value of an attribute belongs; NULL for one without a meaning."""
    if spells(text, name.start, name.end, b"mention", 7):
        return &found.mention
    if spells(text, name.start, name.end, b"t", 1):
        return &found.t
    if spells(text, name.start, name.end, b"asset_idx", 9):
        return &found.asset_idx
    if leaf and spells(text, name.start, name.end, b"confidence", 10):
        return &found.confidence
    return NULL


cdef bint is_new(Scan* s, Piece name, Attributes* found) noexcept nogil:
    """Whether a name without a meaning stands in its tag for the first time."""
    cdef int each
    for each in range(found.unknown_count):
        if same_bytes(s, name, found.unknown[each]):
            return False
    if found.unknown_count == MOST_UNKNOWN:
        s.undecided = MANY_ATTRIBUTES
        return True
    found.unknown[found.unknown_count] = name
    found.unknown_count += 1
    return True


cdef bint holds_tag(Scan* s, Piece value) noexcept nogil:
    """Whether a value holds a tag, or ends in the start of one."""
    cdef Bytes text = s.text
    cdef Bytes angle
    cdef int64_t at = value.start
    cdef int tag
    while True:
        angle = <Bytes>memchr(text + at, c"<", value.end - at)
        if angle == NULL:
            return False
        at = angle - text + 1
        at += at < value.end and text[at] == c"/"
        tag = tag_name(text, at, value.end)
        if tag != NO_TAG and (
            at + NAME_LENGTHS[tag] == value.end or not class_of(s, at + NAME_LENGTHS[tag]) & WORD
        ):
            return True
        if (
            value.end - at >= CUT_TAG_LETTERS and value.end - at <= NAME_LENGTHS[COLLECTION]
            and is_name_start(text, at, value.end)
        ):
            return True


cdef void read_attributes(
    Scan* s, Piece where, bint leaf, int64_t start, int64_t end, Attributes* found
) noexcept nogil:
    """All attributes of a leaf or clip, or of a container; the last of a name wins. Issues stand at ``start … end``."""
    cdef Bytes text = s.text
    cdef int64_t at = where.start
    cdef bint left_over = False
    cdef Attribute each
    cdef Piece* place
    found.mention = found.t = found.asset_idx = found.confidence = piece(-1, -1)
    found.unknown_count = 0
    while True:
        at = skip_space(text, at, where.end)
        if at == where.end or s.undecided:
            break
        if not read_attribute(s, at, where.end, &each):
            left_over = True
            at = each.end
            continue
        at = each.end
        place = place_of(text, each.name, leaf, found)
        if place == NULL and is_new(s, each.name, found):
            note_piece(s, UNKNOWN_ATTRIBUTE, start, end, RAW, piece(each.name.start, each.end))
        elif place == NULL or place.start >= 0:
            note_piece(s, DUPLICATE_ATTRIBUTE, start, end, RAW, each.name)
        if memchr(text + each.value.start, c"<", each.value.end - each.value.start) != NULL:
            if holds_tag(s, each.value):
                note_piece(s, MARKUP_IN_ATTRIBUTE, start, end, RAW, each.value)
        if place != NULL:
            place[0] = each.value
        if place == &found.confidence:
            found.written_confidence = piece(each.name.start, each.end)
    if left_over:
        note_piece(s, UNKNOWN_ATTRIBUTE, start, end, BESIDE_ATTRIBUTES, where)


cdef bint is_number_like(Scan* s, Piece value) noexcept nogil:
    """Whether a time, an index or a score, without the white space at its ends, may be one.

    What is written with references, or beyond ASCII, is none; but for a few forms of digits, spaces and the long s
    that Python takes and nobody writes, which stay undecided.
    """
    cdef int64_t at = value.start
    cdef bint like = True
    while at < value.end:
        if s.text[at] == c"&":
            like = False
            if reference(s.text, at, value.end, NULL) == 0:
                s.undecided = REFERENCE_IN_NUMBER
        elif s.text[at] >= 0x80:
            like = False
            if class_of(s, at) & (DIGIT | SPACE) or (s.text[at] == 0xC5 and s.text[at + 1] == 0xBF):
                s.undecided = FOREIGN_TIME
        at += char_length(s.text[at])
    return like


cdef Piece read_mention(Scan* s, Piece value) noexcept nogil:
    """The mention as it stands in the text, its references unread; none for an empty one."""
    if value.end <= value.start:
        return piece(-1, -1)
    if s.text[value.start] == c"&" and not plain_references(s.text, value.start, value.end):
        if not unescaped(s, value) or s.scratch.used == 0:  # some references stand for nothing
            return piece(-1, -1)
    return value


cdef bint read_time(Scan* s, Piece raw, double* t) noexcept nogil:
    """Seconds of a spatial ``t``; false where it is none."""
    cdef Piece value
    cdef int64_t at = -1
    t[0] = NAN
    if raw.end <= raw.start:
        return True
    value = stripped(s.text, raw)
    if is_number_like(s, value):
        at = decimal(s.text, value.start, value.end, t)
    if at < 0 or t[0] == INFINITY or skip_unit(s.text, at, value.end) != value.end:
        t[0] = NAN
        return False
    return True


cdef int read_asset_idx(Scan* s, Piece raw, int32_t* asset_idx, Piece* culprit) noexcept nogil:
    """The index of an asset; the code of what is wrong with it, or -1, and the bytes that are."""
    cdef Piece value
    cdef int64_t number
    asset_idx[0] = -1
    culprit[0] = raw
    if raw.end <= raw.start:
        return -1
    value = stripped(s.text, raw)
    if not is_number_like(s, value):
        return INVALID_ASSET_IDX
    if value.start < value.end and s.text[value.start] == c"+":
        value.start += 1
    if value.start == value.end or skip_digits(s.text, value.start, value.end) != value.end:
        return INVALID_ASSET_IDX
    number = whole_number(s.text, value.start, value.end, MAX_ASSET_IDX)
    if number < 0:
        culprit[0] = value
        return NUMBER_OVERFLOW
    asset_idx[0] = <int32_t>number
    return -1


cdef double read_score(Scan* s, Attributes* found, int64_t start, int64_t end) noexcept nogil:
    """A confidence from 0 to 1; NAN for none, and for one that is anything else, which has no meaning."""
    cdef Piece value = stripped(s.text, found.confidence)
    cdef double score = NAN
    if found.confidence.end <= found.confidence.start:
        return NAN
    if is_number_like(s, value) and decimal(s.text, value.start, value.end, &score) == value.end and score <= 1:
        return score
    note_piece(s, UNKNOWN_ATTRIBUTE, start, end, RAW, found.written_confidence)
    return NAN


cdef bint read_context(Scan* s, Piece attributes, int64_t start, int64_t end, Own* own) noexcept nogil:
    """The attributes of a leaf; false, with an issue, where one cannot be read."""
    cdef Attributes found
    cdef Piece culprit
    cdef int code
    no_attributes(own)
    if attributes.start == attributes.end:
        return True
    read_attributes(s, attributes, True, start, end, &found)
    own.score = read_score(s, &found, start, end)
    own.mention = read_mention(s, found.mention)
    if not read_time(s, found.t, &own.t):
        note_piece(s, INVALID_TIME, start, end, UNESCAPED, found.t)
        return False
    code = read_asset_idx(s, found.asset_idx, &own.asset_idx, &culprit)
    if code >= 0:
        note_piece(s, code, start, end, UNESCAPED, culprit)
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
    read_attributes(s, attributes, False, start, end, &found)
    own.mention = read_mention(s, found.mention)
    code = read_asset_idx(s, found.asset_idx, &own.asset_idx, &culprit)
    if code >= 0:
        note_piece(s, code, start, end, UNESCAPED, culprit)
    if tag == TRACK:
        if found.t.start < found.t.end:
            is_number_like(s, found.t)  # undecided if its references may stand for nothing
            note_piece(s, IGNORED_TIME, start, end, UNESCAPED, found.t)
    elif not read_time(s, found.t, &own.t):
        note_piece(s, INVALID_TIME, start, end, UNESCAPED, found.t)
