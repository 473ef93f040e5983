# Answers in JSON as other models nearly always write them: objects with a box and a label, in a list or not, in a fence
# or not, and perhaps words before and behind.
#
# Whatever is not that to the letter stays undecided, and is read by the surface of the dialect, with the same result.

cdef enum:
    # White space in a row, in bytes; the surface looks no further.
    LONGEST_GAP = 64
    LONGEST_WORD_OF_FENCE = 16
    MOST_WHOLE_DIGITS = 15
    MOST_DECIMALS = 17
    MOST_KEYS = 16

# The orders of the four numbers, in that of ``ORDERS``.
cdef enum:
    XYXY
    YXYX
    XYWH
    CXCYWH

#: Their names.
cdef list ORDERS = ["xyxy", "yxyx", "xywh", "cxcywh"]

ctypedef struct Contract:
    # What the numbers of a box stand for.
    int order
    double offset
    double width  # of the frame that they count
    double height
    bint is_grid  # whether that is the grid of tables; pixels of 1000 × 1000 are not
    # The keys of a box.
    int keys
    Bytes[MOST_KEYS] names
    int64_t[MOST_KEYS] sizes


cdef inline uint8_t byte_at(Scan* s, int64_t at) noexcept nogil:
    return s.text[at] if at < s.size else 0


cdef inline int64_t past_gap(Scan* s, int64_t at) noexcept nogil:
    """Past white space; -1 for more of it than the surface looks at."""
    cdef int64_t start = at
    while at < s.size and (s.text[at] == c" " or s.text[at] == c"\n" or s.text[at] == c"\t" or s.text[at] == c"\r"):
        at += 1
    return at if at - start <= LONGEST_GAP else -1


cdef inline int64_t past_mark(Scan* s, int64_t at, uint8_t mark) noexcept nogil:
    """Past white space, a mark, and white space again; -1 if something else stands there."""
    at = past_gap(s, at)
    if at < 0 or byte_at(s, at) != mark:
        return -1
    return past_gap(s, at + 1)


cdef bint read_boxes(Scan* s, Contract* c, Bytes text, int64_t size, bint ascii) noexcept nogil:
    """Read one answer; false if the surface has to do it, or memory ran out (``s.failed``)."""
    cdef int64_t at
    s.text, s.size, s.ascii = text, size, ascii
    s.undecided = OTHER_FORM
    s.failed = s.truncated = False
    s.row_count = s.node_count = s.problem_count = s.coord_count = s.depth = 0
    if not room(<void**>&s.problems, &s.problem_room, 1, sizeof(Problem)):
        s.failed = True
        return False
    if memchr(text, c"<", size) != NULL:  # reasoning, special tokens, or other markup
        return False
    at = past_words(s, 0)
    if byte_at(s, at) == c"`":
        at = past_fence(s, at)
    if at >= 0:
        at = past_objects(s, c, at)
    if at >= 0 and stands(text, at, size, "```", 3):
        at = past_gap(s, at + 3)
    if at < 0 or past_words(s, at) < size or s.failed:
        return False
    s.undecided = DECIDED
    note_repeats(s)
    bring_to_grid(s, c)
    return not s.failed


cdef inline int64_t past_words(Scan* s, int64_t at) noexcept nogil:
    """Past what cannot be syntax: up to a brace, a bracket or a backtick."""
    cdef uint8_t c
    while at < s.size:
        c = s.text[at]
        if c == c"{" or c == c"[" or c == c"`" or c == c"]" or c == c"}":
            break
        at += 1
    return at


cdef inline int64_t past_fence(Scan* s, int64_t at) noexcept nogil:
    """Past the three backticks at ``at``, a word such as json, and the end of the line; -1 for anything else."""
    cdef int64_t start
    if not stands(s.text, at, s.size, "```", 3):
        return -1
    start = at = at + 3
    while CLASS[byte_at(s, at)] & DIGIT or c"a" <= lower(byte_at(s, at)) <= c"z":
        at += 1
    return past_gap(s, at) if at - start <= LONGEST_WORD_OF_FENCE else -1


cdef int64_t past_objects(Scan* s, Contract* c, int64_t at) noexcept nogil:
    """Past the objects at ``at``, at least one, and the brackets of their list, if they have one; else -1."""
    cdef bint is_list = byte_at(s, at) == c"["
    cdef int64_t comma
    if is_list:
        at = past_gap(s, at + 1)
    while at >= 0 and byte_at(s, at) == c"{":
        at = past_object(s, c, at)
        if at < 0:
            return -1
        at = past_gap(s, at)
        if at < 0:
            return -1
        comma = past_mark(s, at, c",")
        if comma >= 0:
            at = comma
        elif byte_at(s, at) != c"{":
            if not is_list:
                return at
            return past_mark(s, at, c"]")
    return -1


cdef int64_t past_object(Scan* s, Contract* c, int64_t start) noexcept nogil:
    """Past the object at ``start``, whose box is entered; -1 unless it has a box, and perhaps a label, and no more."""
    cdef Piece label = piece(-1, -1)
    cdef int64_t at = past_gap(s, start + 1), length
    cdef bint has_box = False
    cdef double[4] box
    while True:
        if at < 0 or byte_at(s, at) != c'"':
            return -1
        length = length_of_key(s, c, at + 1)
        if length and not has_box:
            at = past_numbers(s, at + length + 2, box)
            has_box = True
        elif label.start < 0 and stands(s.text, at, s.size, '"label"', 7):
            at = past_label(s, at + 7, &label)
        else:
            return -1
        if at >= 0:
            at = past_gap(s, at)
        if at < 0:
            return -1
        if byte_at(s, at) == c"}":
            break
        at = past_mark(s, at, c",")
    if not has_box or not enter_box(s, c, label, start, at + 1, box):
        return -1
    return at + 1


cdef inline int64_t length_of_key(Scan* s, Contract* c, int64_t at) noexcept nogil:
    """The length of the key of a box that begins here, before its quote; 0 for another key."""
    cdef int each
    for each in range(c.keys):
        if stands(s.text, at, s.size, <const char*>c.names[each], c.sizes[each]):
            if byte_at(s, at + c.sizes[each]) == c'"':
                return c.sizes[each]
    return 0


cdef inline int64_t past_label(Scan* s, int64_t at, Piece* label) noexcept nogil:
    """Past a colon and the label behind it, if that is neither empty nor holds an escape or a reference; else -1."""
    cdef uint8_t c
    at = past_mark(s, at, c":")
    if at < 0 or byte_at(s, at) != c'"':
        return -1
    label.start = at = at + 1
    while at < s.size:
        c = s.text[at]
        if c == c'"':
            break
        if c < 0x20 or c == c"\\" or c == c"&":
            return -1
        at += 1
    label.end = at
    return at + 1 if label.start < at < s.size else -1


cdef inline int64_t past_numbers(Scan* s, int64_t at, double* box) noexcept nogil:
    """Past a colon and the list of four numbers behind it; -1 for anything else."""
    cdef int each
    at = past_mark(s, at, c":")
    if at < 0 or byte_at(s, at) != c"[":
        return -1
    at = past_gap(s, at + 1)
    for each in range(4):
        if each and at >= 0:
            at = past_mark(s, at, c",")
        if at >= 0:
            at = past_number(s, at, &box[each])
        if at < 0:
            return -1
    at = past_gap(s, at)
    return at + 1 if at >= 0 and byte_at(s, at) == c"]" else -1


cdef inline int64_t past_number(Scan* s, int64_t at, double* value) noexcept nogil:
    """Past a number as JSON writes it, without an exponent; -1 for anything else."""
    cdef bint is_negative = byte_at(s, at) == c"-"
    cdef int64_t start = at + is_negative
    cdef int64_t whole = skip_digits(s.text, start, s.size), stop
    if whole == start or whole - start > MOST_WHOLE_DIGITS or (s.text[start] == c"0" and whole > start + 1):
        return -1
    stop = whole
    if byte_at(s, whole) == c".":
        stop = skip_digits(s.text, whole + 1, s.size)
        if stop == whole + 1 or stop - whole - 1 > MOST_DECIMALS:
            return -1
    decimal(s.text, start, stop, value)
    if is_negative:
        value[0] = -value[0]
    return stop


cdef bint enter_box(Scan* s, Contract* c, Piece label, int64_t start, int64_t end, double* box) noexcept nogil:
    """A row for a box, if it lies in its frame; what is odd about it is noted."""
    cdef Node* node
    cdef Row* row
    cdef double* v
    if not (
        room(<void**>&s.rows, &s.row_room, s.row_count + 1, sizeof(Row))
        and room(<void**>&s.nodes, &s.node_room, s.node_count + 1, sizeof(Node))
        and room(<void**>&s.coords, &s.coord_room, s.coord_count + 4, sizeof(double))
    ):
        s.failed = True
        return False
    v = s.coords + s.coord_count
    place_corners(c, box, v)
    if min(v[0], v[2]) < 0 or max(v[0], v[2]) > c.width or min(v[1], v[3]) < 0 or max(v[1], v[3]) > c.height:
        return False
    s.coord_count += 4
    node = new_node(s, BOX, start, end)
    no_attributes(&node.own)
    node.own.mention = label
    node.valued = True
    node.next_row += 1
    row = &s.rows[s.row_count]
    row.node = <int32_t>s.node_count - 1
    row.given = node.own
    row.until = NAN
    row.first_vertex = s.coord_count // 2 - 2
    row.next_vertex = s.coord_count // 2
    row.collection = row.track = row.before = -1
    s.row_count += 1
    if v[0] > v[2] or v[1] > v[3]:
        note(s, SWAPPED_CORNERS, start, end)
    if v[0] == v[2] or v[1] == v[3]:
        note(s, ZERO_AREA, start, end)
    return True


cdef inline void place_corners(Contract* c, double* box, double* v) noexcept nogil:
    """Left, top, right and bottom of four numbers."""
    cdef double first = box[0] + c.offset, second = box[1] + c.offset
    cdef double third = box[2] + c.offset, fourth = box[3] + c.offset
    if c.order == XYXY:
        v[0], v[1], v[2], v[3] = first, second, third, fourth
    elif c.order == YXYX:
        v[0], v[1], v[2], v[3] = second, first, fourth, third
    elif c.order == XYWH:
        v[0], v[1], v[2], v[3] = first, second, first + third, second + fourth
    else:
        v[0], v[1] = first - third / 2, second - fourth / 2
        v[2], v[3] = first + third / 2, second + fourth / 2


cdef inline void bring_to_grid(Scan* s, Contract* c) noexcept nogil:
    """``Document.to(Frame.GRID)``."""
    cdef int64_t each
    if c.is_grid:
        return
    for each in range(0, s.coord_count, 2):
        s.coords[each] = s.coords[each] / c.width * GRID_MAX
        s.coords[each + 1] = s.coords[each + 1] / c.height * GRID_MAX


cdef class BoxScanner(Scanner):
    """Reads many answers in JSON into columns; what is not plain boxes is read by ``read_purely``, as for Scanner."""

    cdef Contract contract
    cdef object frame_of
    cdef tuple names
    cdef double[2 * BLOCK] sides

    def follow(self, keys, order, double offset, frame, frame_of=None):
        """State the contract: the keys of a box, the order of its numbers, what is added to them, and their frame.

        ``frame`` may be None, if ``frame_of(index)`` gives the frame of each answer of the list that is fed.
        """
        cdef int each
        cdef bytes name
        self.names = tuple(key.encode() for key in keys)  # which holds the bytes
        if len(self.names) > MOST_KEYS:
            raise ValueError(f"there are more than {MOST_KEYS} keys")
        self.contract.keys = 0
        for name in self.names:
            self.contract.names[self.contract.keys] = <Bytes><const char*>name
            self.contract.sizes[self.contract.keys] = len(name)
            self.contract.keys += 1
        self.contract.order = ORDERS.index(order)
        self.contract.offset = offset
        self.contract.is_grid = False
        if frame is not None:
            self.contract.width, self.contract.height = frame.width, frame.height
            self.contract.is_grid = frame == Frame.GRID
        self.frame_of = frame_of

    cdef int prepare(self, int64_t first, int64_t count) except -1:
        cdef int64_t at
        if self.frame_of is None:
            return 0
        for at in range(count):
            frame = self.frame_of(first + at)
            self.sides[2 * at], self.sides[2 * at + 1] = frame.width, frame.height
        return 0

    cdef bint take(self, Bytes utf8, int64_t size, bint ascii, bint cut, int64_t place) noexcept nogil:
        cdef Scan* s = &self.state.scan
        cdef Contract* c = &self.contract
        if <PyObject*>self.frame_of != <PyObject*>None:
            c.width, c.height = self.sides[2 * place], self.sides[2 * place + 1]
        if not read_boxes(s, c, utf8, size, ascii):
            return False
        if not commit(&self.store, s, cut):
            s.failed = True
            return False
        return True
