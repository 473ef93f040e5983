# One answer that was read → the values, nodes and issues of its Document.
#
# A value is a copy of a template with its fields set through their descriptors: neither the checks of the public
# constructors, which the grammar has made, nor the parsing of keyword arguments takes part.


cdef class Field:
    """A field of a frozen struct, settable."""

    cdef object descriptor
    cdef descrsetfunc set

    def __cinit__(self, kind, str name):
        cdef object descriptor_type
        self.descriptor = getattr(kind, name)
        descriptor_type = type(self.descriptor)
        self.set = <descrsetfunc>PyType_GetSlot(<PyTypeObject*>descriptor_type, Py_tp_descr_set)


cdef inline int put(Field field, object value, object content) except -1:
    return field.set(field.descriptor, value, content)


cdef object copy_point = Point(0, 0).__copy__
cdef object copy_box = Box(0, 0, 0, 0).__copy__
cdef object copy_polygon = Polygon(((0, 0), (0, 0), (0, 0))).__copy__
cdef object copy_clip = Clip(0).__copy__
cdef object copy_span = Span(0, 0).__copy__
cdef object copy_text = Text(0, 0).__copy__
cdef object copy_element = Element("", Span(0, 0), None, 0, 0).__copy__
cdef object new_track = unchecked(Track((), complete=False))
cdef object new_collection = unchecked(Collection(()))

cdef Field POINT_X = Field(Point, "x")
cdef Field POINT_Y = Field(Point, "y")
cdef Field BOX_X1 = Field(Box, "x1")
cdef Field BOX_Y1 = Field(Box, "y1")
cdef Field BOX_X2 = Field(Box, "x2")
cdef Field BOX_Y2 = Field(Box, "y2")
cdef Field VERTICES = Field(Polygon, "vertices")
cdef Field CLIP_START = Field(Clip, "start")
cdef Field CLIP_END = Field(Clip, "end")
cdef Field VALUE_MENTION = Field(Point, "mention")  # of the base class of all values
cdef Field VALUE_ASSET_IDX = Field(Point, "asset_idx")
cdef Field SHAPE_T = Field(Point, "t")  # of the base class of all shapes
cdef Field SHAPE_SCORE = Field(Point, "score")
cdef Field CLIP_SCORE = Field(Clip, "score")
cdef Field SPAN_START = Field(Span, "start")
cdef Field SPAN_END = Field(Span, "end")
cdef Field TEXT_START = Field(Text, "start")
cdef Field TEXT_END = Field(Text, "end")
cdef Field ELEMENT_TAG = Field(Element, "tag")
cdef Field ELEMENT_SPAN = Field(Element, "span")
cdef Field ELEMENT_VALUE = Field(Element, "value")
cdef Field ELEMENT_FIRST_ROW = Field(Element, "first_row")
cdef Field ELEMENT_NEXT_ROW = Field(Element, "next_row")

cdef tuple TAG_NAMES = ("point", "point_box", "polygon", "clip", "track", "collection")
#: The floats of the grid's whole numbers; nearly every coordinate is one of them.
cdef list GRID = [float(value) for value in range(1001)]
cdef PyObject* GRID_FLOATS[1001]


cdef void fill_grid():
    cdef int at
    for at in range(1001):
        GRID_FLOATS[at] = <PyObject*>GRID[at]


fill_grid()


cdef inline object number(double value):
    if 0 <= value <= 1000 and value == <int>value:
        return <object>GRID_FLOATS[<int>value]
    return value


cdef inline int set_item(PyObject* items, int64_t at, object item) except -1:
    """Fill a place of a new tuple, which nobody else may hold yet."""
    Py_INCREF(item)
    return PyTuple_SetItem(items, at, item)


cdef object new_span(int64_t start, int64_t end):
    cdef object span = PyObject_CallNoArgs(copy_span)
    put(SPAN_START, span, start)
    put(SPAN_END, span, end)
    return span


cdef object decoded(Scan* s, Piece where):
    return PyUnicode_DecodeUTF8(<const char*>s.text + where.start, where.end - where.start, NULL)


cdef class Reading:
    """Makes the objects of one answer; see ``read``."""

    cdef Scan* s
    cdef int64_t offset
    cdef Piece last
    cdef object last_mention
    cdef tuple annotations, spans
    cdef list nodes, members
    cdef list stack  # the steps of the open containers, each with the nodes and members of the one around it
    cdef dict containers
    cdef int64_t cursor

    cdef object mention(self, Piece raw):
        if raw.start < 0:
            return None
        if not same_bytes(self.s, raw, self.last):
            self.last = raw
            self.last_mention = decoded(self.s, raw)
            if "&" in self.last_mention:
                self.last_mention = unescape(self.last_mention)
        return self.last_mention

    cdef object value(self, Row* row, Own* own):
        """The value of a row with the attributes ``own``."""
        cdef double* v = self.s.coords + 2 * row.first_vertex
        cdef int tag = self.s.nodes[row.node].tag
        cdef object made
        if tag == BOX:
            made = PyObject_CallNoArgs(copy_box)
            put(BOX_X1, made, number(v[0]))
            put(BOX_Y1, made, number(v[1]))
            put(BOX_X2, made, number(v[2]))
            put(BOX_Y2, made, number(v[3]))
        elif tag == POINT:
            made = PyObject_CallNoArgs(copy_point)
            put(POINT_X, made, number(v[0]))
            put(POINT_Y, made, number(v[1]))
        elif tag == POLYGON:
            made = PyObject_CallNoArgs(copy_polygon)
            put(VERTICES, made, ring(v, row.next_vertex - row.first_vertex))
        else:
            made = PyObject_CallNoArgs(copy_clip)
            put(CLIP_START, made, own.t)
            if row.until == row.until:
                put(CLIP_END, made, row.until)
        if own.mention.start >= 0:
            put(VALUE_MENTION, made, self.mention(own.mention))
        if own.asset_idx >= 0:
            put(VALUE_ASSET_IDX, made, own.asset_idx)
        if tag != CLIP and own.t == own.t:
            put(SHAPE_T, made, own.t)
        if own.score == own.score:
            put(CLIP_SCORE if tag == CLIP else SHAPE_SCORE, made, own.score)
        return made

    cdef int text(self, int64_t end) except -1:
        """A node for the text up to ``end``, if there is any."""
        cdef object made
        if end > self.cursor:
            made = PyObject_CallNoArgs(copy_text)
            put(TEXT_START, made, self.place(self.cursor))
            put(TEXT_END, made, self.place(end))
            self.nodes.append(made)
        return 0

    cdef inline int64_t place(self, int64_t at) noexcept:
        return self.offset + code_point(self.s, at)

    cdef int leaf(self, Node* node) except -1:
        cdef object span = new_span(self.place(node.start), self.place(node.end))
        cdef object element = PyObject_CallNoArgs(copy_element)
        cdef object own = None, given
        cdef Row* row
        if node.valued:
            row = &self.s.rows[node.first_row]
            own = given = self.value(row, &node.own)
            if not same_attributes(&row.given, &node.own):
                given = self.value(row, &row.given)
            set_item(<PyObject*>self.annotations, node.first_row, given)
            set_item(<PyObject*>self.spans, node.first_row, span)
            if self.members is not None:
                self.members.append(own)
        self.text(node.start)
        self.cursor = node.end
        put(ELEMENT_TAG, element, TAG_NAMES[node.tag])
        put(ELEMENT_SPAN, element, span)
        put(ELEMENT_VALUE, element, own)
        put(ELEMENT_FIRST_ROW, element, node.first_row)
        put(ELEMENT_NEXT_ROW, element, node.next_row)
        self.nodes.append(element)
        return 0

    cdef int open(self, int32_t at) except -1:
        cdef Node* node = &self.s.nodes[at]
        self.text(node.start)
        self.stack.append((at, self.nodes, self.members))
        self.nodes, self.members = [], []
        self.cursor = node.inner_start
        return 0

    cdef int close(self) except -1:
        cdef int32_t at
        cdef Node* node
        cdef object value = None
        inner, members = self.nodes, self.members
        at, outer_nodes, outer_members = self.stack.pop()
        node = &self.s.nodes[at]
        self.text(node.inner_end)
        self.nodes, self.members = outer_nodes, outer_members
        if node.valued:
            value = self.container(node, members)
            self.containers[at] = value
            if self.stack:
                self.containers[at] = as_contained(value, self.context(&node.context))
                self.members.append(value)
        self.cursor = node.end
        span = new_span(self.place(node.start), self.place(node.end))
        rows = node.first_row, node.next_row
        self.nodes.append(Element(TAG_NAMES[node.tag], span, value, *rows, tuple(inner), bool(node.closed)))
        return 0

    cdef object context(self, Own* own):
        return Context(
            self.mention(own.mention), own.t if own.t == own.t else None, own.asset_idx if own.asset_idx >= 0 else None
        )

    cdef object container(self, Node* node, list members):
        """The value of a container as it is written."""
        own = self.context(&node.own)
        held = with_asset(tuple(members), own.asset_idx)
        complete = bool(node.closed)
        if node.tag == TRACK:
            return new_track(waypoints=held, mention=own.mention, asset_idx=own.asset_idx, complete=complete)
        return new_collection(
            children=held, t=own.t, mention=own.mention, asset_idx=own.asset_idx, complete=complete
        )

    cdef tuple parts(self, Scan* s, int64_t offset):
        """All that a Document has, in the order of ``document.Parts``."""
        cdef int32_t at
        cdef Node* node
        self.s, self.offset, self.cursor = s, offset, 0
        self.last = piece(-1, -1)
        self.nodes, self.members = [], None
        self.annotations = PyTuple_New(s.row_count)
        self.spans = PyTuple_New(s.row_count)
        if s.node_count > s.row_count:
            self.stack, self.containers = [], {}
        for at in range(s.node_count):
            while self.stack and s.nodes[<int32_t>self.stack[-1][0]].next == at:
                self.close()
            node = &s.nodes[at]
            if node.inner_start >= 0:
                self.open(at)
            elif node.tag < TRACK:
                self.leaf(node)
            else:
                self.text(node.start)
                self.cursor = node.end
                span = new_span(self.place(node.start), self.place(node.end))
                self.nodes.append(Element(TAG_NAMES[node.tag], span, None, node.first_row, node.first_row, (), False))
        while self.stack:
            self.close()
        self.text(s.size)
        found = (
            new_span(offset, self.place(s.size)),
            tuple(self.nodes),
            self.annotations,
            self.spans,
            self.of_kind(POINT),
            self.of_kind(BOX),
            self.of_kind(POLYGON),
            self.of_kind(CLIP),
            self.of_tag(TRACK),
            self.of_tag(COLLECTION),
            self.issues(),
            bool(s.truncated),
        )
        self.nodes = self.annotations = self.spans = self.containers = self.last_mention = None
        return found

    cdef tuple of_kind(self, int kind):
        """The annotations of one kind; the same tuple where all are."""
        cdef Scan* s = self.s
        cdef int64_t row, count = 0
        cdef tuple found
        for row in range(s.row_count):
            count += s.nodes[s.rows[row].node].tag == kind
        if count == 0:
            return ()
        if count == s.row_count:
            return self.annotations
        found = PyTuple_New(count)
        count = 0
        for row in range(s.row_count):
            if s.nodes[s.rows[row].node].tag == kind:
                set_item(<PyObject*>found, count, self.annotations[row])
                count += 1
        return found

    cdef tuple of_tag(self, int tag):
        """The containers of one tag, as they open."""
        if not self.containers:
            return ()
        return tuple([self.containers[at] for at in sorted(self.containers) if self.s.nodes[<int32_t>at].tag == tag])

    cdef tuple issues(self):
        cdef int64_t each
        cdef Problem* problem
        if not self.s.problem_count:
            return ()
        sort_problems(self.s)
        found = []
        for each in range(self.s.problem_count):
            problem = &self.s.problems[each]
            span = Span(self.place(problem.start), self.place(problem.end))
            found.append(Issue(CODE_NAMES[problem.code], span, detail_text(self.s, problem), bool(problem.recovered)))
        return tuple(found)


cdef inline bint same_attributes(Own* one, Own* other) noexcept nogil:
    return (
        one.mention.start == other.mention.start
        and one.asset_idx == other.asset_idx
        and same_time(one.t, other.t)
    )


cdef tuple ring(double* v, int64_t count):
    cdef int64_t each
    cdef tuple pairs = PyTuple_New(count)
    for each in range(count):
        set_item(<PyObject*>pairs, each, (number(v[2 * each]), number(v[2 * each + 1])))
    return pairs


cdef bint is_regular(Scan* s) noexcept nogil:
    """Whether all containers stand where they may; if not, who is whose child is left to the pure parser.

    So are attributes without a meaning.
    """
    cdef int64_t each
    for each in range(s.problem_count):
        if s.problems[each].code in (INVALID_TRACK_CHILD, INVALID_TRACK_GEOMETRY, INVALID_COLLECTION_CHILD):
            return False
        if s.problems[each].code == UNKNOWN_ATTRIBUTE:  # which the nodes have
            return False
    return True
