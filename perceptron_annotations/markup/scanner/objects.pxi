# One answer that was read → its Document, in one walk along the tape.
#
# An element enters the nodes of its container when it opens, so that everything belongs to the document at once: what
# the walk itself holds of open containers is borrowed.

ctypedef struct Opened:
    # A container whose end was not reached. The first stands for the answer itself.
    int32_t step
    int32_t collection  # the innermost collection here, by its place among what is open; -1 for none
    PyObject* element
    PyObject* nodes  # what it holds; filled up to ``filled``
    int64_t filled


cdef tuple TAG_NAMES = ("point", "point_box", "polygon", "clip", "track", "collection")


cdef class Reading(Values):
    """Makes the objects of one answer; see ``read``."""

    cdef int64_t offset
    cdef int64_t cursor  # behind the last node
    cdef object cursor_place  # and its place in code points
    cdef tuple annotations, spans, tracks, collections
    cdef int64_t[4] counts  # of the annotations by kind
    cdef Opened* opened
    cdef int64_t opened_room
    cdef int64_t depth
    cdef list held  # by each open container: the own values of its members or waypoints
    cdef int64_t problem  # the first at or behind the element that is made

    def __dealloc__(self):
        free(self.opened)

    # -- places and spans

    cdef inline object place(self, int64_t at):
        return whole(self.offset + code_point(self.s, at))

    cdef object span(self, object start, object end):
        cdef object made = cast(&SPAN_MOULD)
        put(made, SPAN_START, start)
        put(made, SPAN_END, end)
        return made

    cdef object stretch(self, Mould* mould, object start, object end):
        cdef object made = cast(mould)
        put(made, STRETCH_START, start)
        put(made, STRETCH_END, end)
        return made

    # -- nodes

    cdef int64_t count_nodes(self, int32_t first, int32_t stop, int64_t start, int64_t end) noexcept:
        """How many nodes tile ``start … end``: the elements among the steps, and the text between them."""
        cdef int64_t count = 0
        cdef Node* node
        while first < stop:
            node = &self.s.nodes[first]
            count += 1 + (node.start > start)
            start = node.end
            first = node.next
        return count + (end > start)

    cdef int add(self, object node) except -1:
        """The next node of the innermost container."""
        cdef Opened* here = &self.opened[self.depth]
        here.filled += 1
        return set_item(here.nodes, here.filled - 1, node)

    cdef int text(self, int64_t end, object place) except -1:
        """A node for the text up to ``end``, if there is any."""
        if end > self.cursor:
            self.add(self.stretch(&TEXT_MOULD, self.cursor_place, place))
        return 0

    cdef object element(self, Node* node):
        """A node without its value, and the text before it."""
        cdef object start = self.place(node.start), end = self.place(node.end)
        cdef object made = cast(&ELEMENT_MOULD)
        self.text(node.start, start)
        self.cursor, self.cursor_place = node.end, end
        put(made, ELEMENT_TAG, TAG_NAMES[node.tag])
        put(made, ELEMENT_SPAN, self.span(start, end))
        put(made, ELEMENT_VALUE, None)
        put(made, ELEMENT_FIRST_ROW, whole(node.first_row))
        put(made, ELEMENT_NEXT_ROW, whole(node.next_row))
        if not node.closed:
            put(made, ELEMENT_CLOSED, False)
        if self.has_unknown(node):
            put(made, ELEMENT_ATTRIBUTES, self.unknown(node))
        self.add(made)
        return made

    cdef int leaf(self, Node* node) except -1:
        cdef object made = self.element(node), own, given
        cdef Row* row
        if not node.valued:
            return 0
        row = &self.s.rows[node.first_row]
        own = given = self.value(row, node)
        if not same_attributes(&row.given, &node.own):
            given = self.within(own, node, &row.given)
        put(made, ELEMENT_VALUE, own)
        set_item(<PyObject*>self.annotations, node.first_row, given)
        set_item(<PyObject*>self.spans, node.first_row, field(made, ELEMENT_SPAN))
        self.counts[node.tag] += 1
        if self.depth > 0:
            if node.tag == CLIP and self.tag_of(self.depth) == TRACK:
                self.join(given)
            else:
                (<list>self.held[self.depth - 1]).append(own)
        return 0

    cdef bint has_unknown(self, Node* node) noexcept:
        """Whether an attribute of an element has no meaning, which is a problem at its start."""
        cdef Scan* s = self.s
        cdef int64_t each
        while self.problem < s.problem_count and s.problems[self.problem].start < node.start:
            self.problem += 1
        each = self.problem
        while each < s.problem_count and s.problems[each].start == node.start:
            if s.problems[each].code == UNKNOWN_ATTRIBUTE:
                return True
            each += 1
        return False

    cdef tuple unknown(self, Node* node):
        """The names and values of the attributes without a meaning, of an element that was read."""
        cdef Scan* s = self.s
        cdef bint is_container = node.inner_start >= 0, is_attribute
        cdef Tag tag
        cdef Attribute each
        cdef Attributes known
        cdef Piece* place
        cdef int64_t at
        cdef dict found = {}
        if not (node.valued or is_container):
            return ()
        read_tag(s, node.start, &tag)
        at = tag.attributes.start
        while True:
            at = skip_space(s.text, at, tag.attributes.end)
            if at == tag.attributes.end:
                break
            is_attribute = read_attribute(s, at, tag.attributes.end, &each)
            at = each.end
            if not is_attribute:
                continue
            place = place_of(s.text, each.name, not is_container, &known)
            if place == NULL or (place == &known.confidence and node.own.score != node.own.score):
                found[attribute_text(s, each.name)] = attribute_text(s, each.value)
        if not is_container and not found.get("confidence", "x"):
            del found["confidence"]  # which says nothing
        return tuple(found.items())

    # -- containers

    cdef inline int tag_of(self, int64_t depth) noexcept:
        return self.s.nodes[self.opened[depth].step].tag

    cdef int join(self, object member) except -1:
        """Take ``member`` into the innermost collection that is open, if there is one."""
        cdef int32_t collection = self.opened[self.depth].collection
        if collection >= 0:
            (<list>self.held[collection]).append(member)
        return 0

    cdef int open(self, int32_t at) except -1:
        cdef Node* node = &self.s.nodes[at]
        cdef object made = self.element(node)
        cdef Opened* inner
        cdef int64_t count = self.count_nodes(at + 1, node.next, node.inner_start, node.inner_end)
        cdef tuple nodes = PyTuple_New(count)
        put(made, ELEMENT_CHILDREN, nodes)
        if not room(<void**>&self.opened, &self.opened_room, self.depth + 2, sizeof(Opened)):
            raise MemoryError
        self.depth += 1
        inner = &self.opened[self.depth]
        inner.step = at
        inner.collection = <int32_t>self.depth - 1 if node.tag == COLLECTION else inner[-1].collection
        inner.element = <PyObject*>made
        inner.nodes = <PyObject*>nodes
        inner.filled = 0
        self.held.append([])
        self.cursor, self.cursor_place = node.inner_start, self.place(node.inner_start)
        return 0

    cdef int close(self) except -1:
        cdef Opened* inner = &self.opened[self.depth]
        cdef Node* node = &self.s.nodes[inner.step]
        cdef object value, effective
        cdef tuple held = tuple(self.held.pop())
        self.text(node.inner_end, self.place(node.inner_end))
        self.cursor, self.cursor_place = node.end, self.place(node.end)
        self.depth -= 1
        if not node.valued:
            if node.tag == TRACK:
                self.join_loose(inner.step)
            return 0
        value = effective = self.container(node, &node.own, held)
        put(<object>inner.element, ELEMENT_VALUE, value)
        if not same_attributes(&node.context, &node.own):
            effective = self.container(node, &node.context, held)
        if node.tag == COLLECTION:
            set_item(<PyObject*>self.collections, node.index, effective)
            return 0
        set_item(<PyObject*>self.tracks, node.index, effective)
        if self.depth > 0:
            self.join(value if self.tag_of(self.depth) == COLLECTION else effective)
        return 0

    cdef int join_loose(self, int32_t track) except -1:
        """The waypoints of what is not a track stay as loose annotations, in the collection around it."""
        cdef int32_t at = track + 1
        cdef Node* node
        while at < self.s.nodes[track].next:
            node = &self.s.nodes[at]
            if node.valued and node.tag < CLIP:
                self.join(self.annotations[node.first_row])
            at = node.next
        return 0

    cdef int number_containers(self) except -1:
        """Number the containers that have a value, each kind as they open, and make room for them."""
        cdef int32_t tracks = 0, collections = 0
        cdef int64_t each
        cdef Node* node
        for each in range(self.s.node_count):
            node = &self.s.nodes[each]
            if node.valued and node.tag == TRACK:
                node.index = tracks
                tracks += 1
            elif node.valued and node.tag == COLLECTION:
                node.index = collections
                collections += 1
        self.tracks, self.collections = PyTuple_New(tracks), PyTuple_New(collections)
        return 0

    # -- the whole

    cdef object document(self, Scan* s, str source, int64_t start, int64_t end, object mode, bint cut):
        """The Document of the answer ``start … end`` of ``source``."""
        cdef object made = cast(&DOCUMENT_MOULD)
        self.s, self.offset, self.depth = s, start, 0
        self.last = piece(-1, -1)
        self.annotations, self.spans = PyTuple_New(s.row_count), PyTuple_New(s.row_count)
        if s.node_count > s.row_count:
            self.held = []
            self.number_containers()
        sort_problems(s)
        self.problem = 0
        memset(self.counts, 0, sizeof(self.counts))
        put(made, DOCUMENT_SOURCE, source)
        put(made, DOCUMENT_MODE, mode)
        put(made, DOCUMENT_NODES, self.nodes(PyUnicode_GetLength(source), end))
        put(made, DOCUMENT_ANSWER, self.span(whole(start), whole(end)))
        put(made, DOCUMENT_ANNOTATIONS, self.annotations)
        put(made, DOCUMENT_SPANS, self.spans)
        self.put_views(made)
        if s.node_count > s.row_count:
            put(made, DOCUMENT_TRACKS, self.tracks)
            put(made, DOCUMENT_COLLECTIONS, self.collections)
        if s.problem_count:
            put(made, DOCUMENT_ISSUES, self.issues())
        if cut or s.truncated:
            put(made, DOCUMENT_TRUNCATED, True)
        self.annotations = self.spans = self.tracks = self.collections = None
        self.held = self.last_mention = self.cursor_place = None
        return made

    cdef tuple nodes(self, int64_t length, int64_t end):
        """The nodes of a source of ``length``, whose answer ends at ``end``."""
        cdef Scan* s = self.s
        cdef int32_t at
        cdef int64_t count = self.count_nodes(0, <int32_t>s.node_count, 0, s.size) + (self.offset > 0) + (end < length)
        cdef tuple nodes = PyTuple_New(count)
        if not room(<void**>&self.opened, &self.opened_room, 1, sizeof(Opened)):
            raise MemoryError
        self.opened[0].step = self.opened[0].collection = -1
        self.opened[0].nodes = <PyObject*>nodes
        self.opened[0].filled = 0
        self.cursor, self.cursor_place = 0, whole(self.offset)
        if self.offset > 0:
            self.add(self.stretch(&OUTSIDE_MOULD, whole(0), self.cursor_place))
        for at in range(s.node_count):
            while self.depth > 0 and s.nodes[self.opened[self.depth].step].next == at:
                self.close()
            if s.nodes[at].inner_start >= 0:
                self.open(at)
            else:
                self.leaf(&s.nodes[at])
        while self.depth > 0:
            self.close()
        self.text(s.size, whole(end))
        if end < length:
            self.add(self.stretch(&OUTSIDE_MOULD, whole(end), whole(length)))
        return nodes

    cdef int put_views(self, object document) except -1:
        """The annotations of each kind; the same tuple if all are of one."""
        cdef Scan* s = self.s
        cdef PyObject* views[4]
        cdef int64_t[4] filled = [0, 0, 0, 0]
        cdef int64_t row
        cdef int kind
        cdef tuple view
        for kind in range(TRACK):
            if self.counts[kind]:
                view = self.annotations if self.counts[kind] == s.row_count else PyTuple_New(self.counts[kind])
                views[kind] = <PyObject*>view
                put(document, DOCUMENT_VIEWS[kind], view)
                if view is self.annotations:
                    return 0
        view = None  # the document alone holds a tuple that is still filled
        for row in range(s.row_count):
            kind = s.nodes[s.rows[row].node].tag
            set_item(views[kind], filled[kind], self.annotations[row])
            filled[kind] += 1
        return 0

    cdef tuple issues(self):
        cdef Scan* s = self.s
        cdef int64_t each
        cdef Problem* problem
        cdef tuple found = PyTuple_New(s.problem_count)
        cdef object made
        for each in range(s.problem_count):
            problem = &s.problems[each]
            made = cast(&ISSUE_MOULD)
            put(made, ISSUE_CODE_OF, CODE_NAMES[problem.code])
            put(made, ISSUE_SPAN_OF, self.span(self.place(problem.start), self.place(problem.end)))
            put(made, ISSUE_DETAIL_OF, detail_text(s, problem))
            if problem.recovered:
                put(made, ISSUE_RECOVERED_OF, True)
            set_item(<PyObject*>found, each, made)
        return found
