# Rows and containers of one answer → points, boxes, polygons, clips, tracks and collections.

cdef enum:
    GRID_NUMBERS = 1001
    PLACES = 4096

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


cdef object decoded(Scan* s, Piece where):
    return PyUnicode_DecodeUTF8(<const char*>s.text + where.start, where.end - where.start, NULL)


cdef object mention_text(Scan* s, Piece raw):
    """A mention with its references read."""
    if memchr(s.text + raw.start, c"&", raw.end - raw.start) == NULL:
        return decoded(s, raw)
    if not unescaped(s, raw):
        raise MemoryError
    return PyUnicode_DecodeUTF8(s.scratch.data, s.scratch.used, NULL)


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


cdef class Values:
    """Makes the values of one answer."""

    cdef Scan* s
    cdef Piece last
    cdef object last_mention

    cdef object mention(self, Piece raw):
        if not same_bytes(self.s, raw, self.last):
            self.last = raw
            self.last_mention = mention_text(self.s, raw)
        return self.last_mention

    cdef object value(self, Row* row, Own* own):
        """The value of a row with the attributes ``own``."""
        cdef double* v = self.s.coords + 2 * row.first_vertex
        cdef int tag = self.s.nodes[row.node].tag
        cdef object made
        if tag == BOX:
            made = cast(&BOX_MOULD)
            put(made, BOX_X1, number(v[0]))
            put(made, BOX_Y1, number(v[1]))
            put(made, BOX_X2, number(v[2]))
            put(made, BOX_Y2, number(v[3]))
        elif tag == POINT:
            made = cast(&POINT_MOULD)
            put(made, POINT_X, number(v[0]))
            put(made, POINT_Y, number(v[1]))
        elif tag == POLYGON:
            made = cast(&POLYGON_MOULD)
            put(made, VERTICES, ring(v, row.next_vertex - row.first_vertex))
        else:
            made = cast(&CLIP_MOULD)
            put(made, CLIP_START, <object>own.t)
            if row.until == row.until:
                put(made, CLIP_END, <object>row.until)
        if tag != CLIP and own.t == own.t:
            put(made, SHAPE_T, <object>own.t)
        if own.score == own.score:
            put(made, CLIP_SCORE if tag == CLIP else SHAPE_SCORE, <object>own.score)
        self.put_naming(made, own)
        return made

    cdef object container(self, Node* node, Own* own, tuple held):
        """A track or collection of ``held`` with the attributes ``own``; what it holds takes its asset."""
        cdef object made
        if own.asset_idx >= 0:
            held = with_asset(held, own.asset_idx)
        if node.tag == TRACK:
            made = cast(&TRACK_MOULD)
            put(made, WAYPOINTS, held)
        else:
            made = cast(&COLLECTION_MOULD)
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
