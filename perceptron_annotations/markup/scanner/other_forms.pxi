# Answers in another form than markup. Here is a hint whether one may be, which may be wrong about an answer that is in
# no such form, never about one that is. The patterns of ``foreign.py`` and ``other_forms.py`` decide; what they tell
# becomes a warning here, and an answer that they can read goes to the pure parser.

cdef enum:
    # As much may stand before an answer of nothing but numbers: a fence with its language.
    HEAD_BYTES = 19
    # The longest character reference for a ``<``, without its ``&`` and with its ``;``.
    REFERENCE_BYTES = 9

cdef const char* FOREIGN_TAGS[24]
FOREIGN_TAGS[:] = [
    b"|box_start|", b"|quad_start|", b"|det|", b"|begin_of_box|", b"loc", b"seg", b"start_of_mask", b"patch_index_",
    b"point", b"tracks", b"box", b"bbox", b"bounding_box", b"quad", b"poly", b"xmin",
    b"points", b"boxes", b"polygons", b"point_boxes", b"coordinate", b"coords", b"location", b"position",
]
cdef int[24] FOREIGN_LENGTHS = [len(tag) for tag in FOREIGN_TAGS]


cdef bint has_marks(Bytes text, int64_t size) noexcept nogil:
    """Whether any of ``[ { < & % = \\`` stands in the text, or ``|``, which is as rare; without a branch in the loop."""
    cdef uint8_t found = 0, c
    cdef int64_t at
    for at in range(size):
        c = text[at]
        found |= (c | 0x20) == c"{"
        found |= (c | 0x20) == c"|"
        found |= (c | 1) == c"="
        found |= c == c"&"
        found |= c == c"%"
    return found


cdef bint may_be_other_form(Bytes text, int64_t size) noexcept nogil:
    """Whether the answer has to be looked at for boxes and points that are not in our markup."""
    cdef int64_t at = 0, head, marks_end
    if not has_marks(text, size):
        return False
    if opens_like_json(text, size):
        return True
    head = skip_blank(text, 0, size) + HEAD_BYTES
    while at < size:
        if text[at] == c"[":
            marks_end = skip_marks(text, at, size)
            if is_list_of_numbers(text, at, marks_end, size, head):
                return True
            at = marks_end
        elif text[at] in (c"<", c"&", c"%", c"\\", c"=", c":") and hints_at(text, at, size):
            return True
        else:
            at += 1
    return False


cdef bint hints_at(Bytes text, int64_t at, int64_t size) noexcept nogil:
    cdef uint8_t c = text[at]
    if c == c"<":
        return is_foreign_tag(text, at + 1, size)
    if c == c"=":
        return is_place(text, at, size)
    if c == c":":
        return is_side(text, at, size)
    return is_escaped_tag(text, at, size)


cdef bint is_foreign_tag(Bytes text, int64_t at, int64_t size) noexcept nogil:
    cdef int each
    for each in range(24):
        if size - at >= FOREIGN_LENGTHS[each] and memcmp(text + at, FOREIGN_TAGS[each], FOREIGN_LENGTHS[each]) == 0:
            return True
    return False


cdef bint is_escaped_tag(Bytes text, int64_t at, int64_t size) noexcept nogil:
    """Whether ``&lt;``, ``&#60;``, ``\\u003c`` or ``%3C`` before a name of ours may stand here."""
    cdef int64_t last
    cdef uint8_t mark = text[at]
    at += 1
    if mark == c"&":
        last = min(at + REFERENCE_BYTES, size)
        while at < last and text[at] != c";":
            at += 1
        at += 1
    elif mark == c"%":
        at += 2
    else:
        at += 5
    return at < size and (text[at] == c"p" or text[at] == c"c")


cdef inline int64_t skip_marks(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Past white space, quotes, brackets and signs."""
    while at < end and (
        CLASS[text[at]] & SPACE or text[at] in (c'"', c"'", c"[", c"(", c"{", c"+", c"-")
    ):
        at += 1
    return at


cdef inline bint is_number(Bytes text, int64_t at, int64_t end) noexcept nogil:
    return at < end and (CLASS[text[at]] & DIGIT or text[at] == c".")


cdef bint is_place(Bytes text, int64_t at, int64_t size) noexcept nogil:
    """Whether a number stands behind the ``=`` of ``start_box='(1,2)'`` or ``x=0.5``."""
    cdef int64_t before = at
    while before > 0 and CLASS[text[before - 1]] & SPACE:
        before -= 1
    if before == 0 or lower(text[before - 1]) not in (c"x", c"t"):
        return False
    at = skip_marks(text, at + 1, size)
    return is_number(text, at, size)


cdef bint is_side(Bytes text, int64_t at, int64_t size) noexcept nogil:
    """Whether a number stands behind the ``:`` of ``"x_min": 1``, ``"x1": 1``, ``"left": 1``, or a type of ours."""
    cdef int64_t before = at
    cdef uint8_t last
    while before > 0 and CLASS[text[before - 1]] & SPACE:
        before -= 1
    if before < 2 or (text[before - 1] != c'"' and text[before - 1] != c"'"):
        return False
    last = lower(text[before - 2])
    at = skip_marks(text, at + 1, size)
    if last == c"e":  # "type"
        return at < size and (text[at] == c"p" or text[at] == c"b")
    return last in (c"n", c"0", c"1", c"t", c"p", c"x", c"y") and is_number(text, at, size)


cdef bint is_list_of_numbers(
    Bytes text, int64_t bracket, int64_t at, int64_t size, int64_t head
) noexcept nogil:
    """Whether two numbers stand behind the marks ``bracket … at``, where they may be coordinates."""
    cdef int64_t before = bracket
    if not is_number(text, at, size):
        return False
    while before > 0 and (CLASS[text[before - 1]] & SPACE or text[before - 1] in (c'"', c"'", c"(")):
        before -= 1
    if not (
        before <= head  # the answer may be nothing else
        or text[before - 1] == c":"
        or CLASS[text[bracket - 1]] & WORD  # cat[0.123,0.456,0.789,0.901]
        or (at - bracket > 1 and text[at - 1] == c"[" and text[at - 2] == c"[")  # cat [[012,345,678,901]]
    ):
        return False
    while is_number(text, at, size):
        at += 1
    while at < size and (CLASS[text[at]] & SPACE or text[at] == c'"' or text[at] == c"'"):
        at += 1
    if at == size or text[at] != c",":
        return False
    return is_number(text, skip_marks(text, at + 1, size), size)


cdef bint opens_like_json(Bytes text, int64_t size) noexcept nogil:
    """Whether the answer begins as a list of items or an object does, in a fence or not."""
    cdef int64_t at = skip_blank(text, 0, size)
    if size - at >= 3 and memcmp(text + at, b"```", 3) == 0:
        at += 3
        while at < size and CLASS[lower(text[at])] & WORD:
            at += 1
        at = skip_blank(text, at, size)
    if at < size and text[at] == c"[":
        at = skip_blank(text, at + 1, size)
    if at == size or text[at] != c"{":
        return False
    at = skip_blank(text, at + 1, size)
    return at < size and (text[at] == c'"' or text[at] == c"'")


cdef int64_t skip_blank(Bytes text, int64_t at, int64_t size) noexcept nogil:
    """Past Unicode white space and byte order marks."""
    cdef int length
    while at < size:
        length = space_length(text, at)
        if length == 0 and text[at] == 0xEF and text[at + 1] == 0xBB and text[at + 2] == 0xBF:
            length = 3
        if length == 0:
            break
        at += length
    return at


#: The names of the families, in their order.
cdef list FAMILY_NAMES = [family.value.encode() for family in ForeignFamily]
cdef const char* FAMILIES[64]


cdef void fill_families() except *:
    cdef int each
    for each in range(len(FAMILY_NAMES)):
        FAMILIES[each] = FAMILY_NAMES[each]


fill_families()


cdef void look_for_other_form(Scan* s) noexcept with gil:
    """Ask the patterns about an answer without an element, and take their warning."""
    cdef str text
    try:
        text = PyUnicode_DecodeUTF8(<const char*>s.text, s.size, SURROGATES)
        found = find_other_form(text, is_bare=s.node_count == 0)
        if found is None:
            return
        if found.nodes:
            s.undecided = OTHER_FORM
        else:
            note_family(s, text, found.issues[0])
    except KeyboardInterrupt:  # nothing can be raised from here
        s.undecided = OTHER_FORM
        PyErr_SetInterrupt()
    except Exception:  # which the pure parser then meets again
        s.undecided = OTHER_FORM


cdef int note_family(Scan* s, str text, issue) except -1:
    """The warning ``foreign_markup``."""
    cdef int64_t start = len(text[: issue.span.start].encode("utf-8", "surrogatepass"))
    cdef int64_t size = len(issue.span.of(text).encode("utf-8", "surrogatepass"))
    cdef int family = FAMILY_NAMES.index(issue.detail.encode())
    note_tag(s, FOREIGN_MARKUP, start, start + size, FAMILY, family)
    return 0
