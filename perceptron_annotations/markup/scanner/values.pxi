# Rows and containers of one answer → points, boxes, polygons, clips, tracks and collections.

cdef enum:
    GRID_NUMBERS = 1001
    PLACES = 4096
    # In bytes; what is longer is a sentence and does not come again.
    LONGEST_KEPT_TEXT = 64

#: The floats of the grid's whole numbers; nearly every coordinate is one of them.
cdef PyObject* GRID_FLOATS[GRID_NUMBERS]
#: Whole numbers that are places in answers of usual length; each is made when it is first wanted, and stays.
cdef PyObject* WHOLE_NUMBERS[PLACES]


cdef void fill_grid() except *:
    cdef int at
    cdef object made
    for at in range(GRID_NUMBERS):
        made = float(at)
        Py_INCREF(made)
        GRID_FLOATS[at] = <PyObject*>made


fill_grid()


cdef inline object number(double value):
    if 0 <= value <= 1000 and value == <int>value:
        return <object>GRID_FLOATS[<int>value]
    return value


cdef inline object whole(int64_t value):
    cdef object made
    if not 0 <= value < PLACES:
        return value
    if WHOLE_NUMBERS[value] == NULL:
        made = value
        Py_INCREF(made)
        WHOLE_NUMBERS[value] = <PyObject*>made
    return <object>WHOLE_NUMBERS[value]


cdef inline int set_item(PyObject* items, int64_t at, object item) except -1:
    """Fill a place of a new tuple, which nobody else may hold yet."""
    Py_INCREF(item)
    return PyTuple_SetItem(items, at, item)


ctypedef struct KeptText:
    PyObject* text
    const char* utf8  # of ``text``
    int64_t size

#: The mentions that were read last, each at the place that its bytes say: labels come again, in the next answer too.
cdef KeptText KEPT_TEXTS[256]


cdef inline KeptText* kept_place(const char* utf8, int64_t size) noexcept:
    cdef uint64_t first = 0, last = 0
    if size >= 8:
        memcpy(&first, utf8, 8)
        memcpy(&last, utf8 + size - 8, 8)
    else:
        memcpy(&first, utf8, size)
    # The first byte of a product depends on all bits of its factors; 2**64 by the golden ratio mixes them well.
    return &KEPT_TEXTS[((first ^ rotated(last, 29) ^ <uint64_t>size) * 0x9E3779B97F4A7C15U) >> 56]


cdef object kept_text(const char* utf8, int64_t size):
    """The text of these bytes; one that is kept, if it is there."""
    cdef KeptText* place = kept_place(utf8, size)
    cdef PyObject* before
    cdef object made
    cdef Py_ssize_t same_size
    if place.text != NULL and place.size == size and memcmp(place.utf8, utf8, size) == 0:
        return <object>place.text
    made = PyUnicode_DecodeUTF8(utf8, size, SURROGATES)
    if size <= LONGEST_KEPT_TEXT:
        utf8 = as_utf8(made, &same_size)
        if utf8 != NULL:
            before = place.text
            Py_INCREF(made)
            place.text, place.utf8, place.size = <PyObject*>made, utf8, size
            Py_XDECREF(before)
    return made


cdef object mention_text(Scan* s, Piece raw):
    """A mention with its references read."""
    if memchr(s.text + raw.start, c"&", raw.end - raw.start) == NULL:
        return kept_text(<const char*>s.text + raw.start, raw.end - raw.start)
    if not unescaped(s, raw):
        raise MemoryError
    return kept_text(s.scratch.data, s.scratch.used)


cdef object attribute_text(Scan* s, Piece raw):
    """A name or value without a meaning, with its references read."""
    cdef object text = kept_text(<const char*>s.text + raw.start, raw.end - raw.start)
    if memchr(s.text + raw.start, c"&", raw.end - raw.start) == NULL:
        return text
    return unescape(text)  # whatever the reference


cdef tuple ring(double* v, int64_t count):
    cdef int64_t each
    cdef tuple pairs = PyTuple_New(count), pair
    for each in range(count):
        pair = PyTuple_New(2)
        set_item(<PyObject*>pair, 0, number(v[2 * each]))
        set_item(<PyObject*>pair, 1, number(v[2 * each + 1]))
        set_item(<PyObject*>pairs, each, pair)
    return pairs


cdef inline bint same_attributes(Own* one, Own* other) noexcept nogil:
    return (
        one.mention.start == other.mention.start
        and one.asset_idx == other.asset_idx
        and same_time(one.t, other.t)
    )


cdef tuple in_asset(tuple values, int32_t asset_idx):
    """``geometry.with_asset``: the values, those in the asset that name none."""
    cdef Py_ssize_t count = len(values), each
    cdef tuple found = PyTuple_New(count)
    cdef object value
    cdef int kind
    for each in range(count):
        value = values[each]
        if field(value, ASSET_IDX_OF) is None:
            kind = POINT
            while MOULDS[kind].kind != Py_TYPE(value):
                kind += 1
            value = recast(&MOULDS[kind], value)
            put(value, ASSET_IDX_OF, whole(asset_idx))
            if kind == TRACK:  # which gives it to its waypoints
                put(value, WAYPOINTS, in_asset(field(value, WAYPOINTS), asset_idx))
        set_item(<PyObject*>found, each, value)
    return found


cdef class Values:
    """Makes the values of one answer."""

    cdef Scan* s
    cdef Piece last
    cdef object last_mention

    cdef object mention(self, Piece raw):
        if raw.start < 0:
            return None
        if not same_bytes(self.s, raw, self.last):
            self.last = raw
            self.last_mention = mention_text(self.s, raw)
        return self.last_mention

    cdef object value(self, Row* row, Node* node):
        """What the element of a row says by itself."""
        cdef double* v = self.s.coords + 2 * row.first_vertex
        cdef Own* own = &node.own
        cdef object made = cast(&MOULDS[node.tag])
        if node.tag == BOX:
            put(made, BOX_X1, number(v[0]))
            put(made, BOX_Y1, number(v[1]))
            put(made, BOX_X2, number(v[2]))
            put(made, BOX_Y2, number(v[3]))
        elif node.tag == POINT:
            put(made, POINT_X, number(v[0]))
            put(made, POINT_Y, number(v[1]))
        elif node.tag == POLYGON:
            put(made, VERTICES, ring(v, row.next_vertex - row.first_vertex))
        else:
            put(made, CLIP_START, <object>own.t)
            if row.until == row.until:
                put(made, CLIP_END, <object>row.until)
        if node.tag != CLIP and own.t == own.t:
            put(made, SHAPE_T, <object>own.t)
        if own.score == own.score:
            put(made, CLIP_SCORE if node.tag == CLIP else SHAPE_SCORE, <object>own.score)
        self.put_naming(made, own)
        return made

    cdef object within(self, object own, Node* node, Own* given):
        """The value ``own`` of a leaf with what its containers give."""
        cdef object made = recast(&MOULDS[node.tag], own)
        if given.mention.start != node.own.mention.start:
            put(made, MENTION_OF, self.mention(given.mention))
        if given.asset_idx != node.own.asset_idx:
            put(made, ASSET_IDX_OF, whole(given.asset_idx))
        if not same_time(given.t, node.own.t):
            put(made, SHAPE_T, <object>given.t)
        return made

    cdef object container(self, Node* node, Own* own, tuple held):
        """A track or collection of ``held`` with the attributes ``own``; what it holds takes its asset."""
        cdef object made = cast(&MOULDS[node.tag])
        if own.asset_idx >= 0:
            held = in_asset(held, own.asset_idx)
        if node.tag == TRACK:
            put(made, WAYPOINTS, held)
        else:
            put(made, CHILDREN, held)
            if own.t == own.t:
                put(made, COLLECTION_T, <object>own.t)
        if not node.closed:
            put(made, COMPLETE, False)
        self.put_naming(made, own)
        return made

    cdef int put_naming(self, object made, Own* own) except -1:
        """Write what every value may carry."""
        if own.mention.start >= 0:
            put(made, MENTION_OF, self.mention(own.mention))
        if own.asset_idx >= 0:
            put(made, ASSET_IDX_OF, whole(own.asset_idx))
        return 0
