# Leaves and clips with their values, and the rows they become.

cdef double GRID_MAX = 1000.0

cdef bint read_clip(Scan* s, Piece attributes, Piece body, int64_t start, int64_t end, Own* own, double* until) noexcept nogil:
    """A clip: its start is ``own.t``; false, with an issue, where it cannot be read."""
    cdef Attributes found
    cdef Piece culprit
    cdef int code
    no_attributes(own)
    until[0] = NAN
    if not is_blank(s.text, body.start, body.end):
        note_piece(s, INVALID_CLIP_BODY, start, end, STRIPPED, body)
        return False
    read_attributes(s, attributes, True, start, end, &found)
    own.score = read_score(s, &found, start, end)
    own.mention = read_mention(s, found.mention)
    if found.t.end <= found.t.start:
        note_piece(s, INVALID_CLIP_TIMESTAMP, start, end, STRIPPED, attributes)
        return False
    if not read_times(s, stripped(s.text, found.t), &own.t, until):
        note_piece(s, INVALID_CLIP_TIMESTAMP, start, end, UNESCAPED, found.t)
        return False
    code = read_asset_idx(s, found.asset_idx, &own.asset_idx, &culprit)
    if code >= 0:
        note_piece(s, code, start, end, UNESCAPED, culprit)
        return False
    if until[0] < own.t:
        note_times(s, start, end, own.t, until[0])
    return True


cdef bint read_times(Scan* s, Piece value, double* first, double* second) noexcept nogil:
    """The start of a clip, and its end if it has one; false where they cannot be read."""
    cdef int64_t at, gap
    if not is_number_like(s, value):
        return False
    at = decimal(s.text, value.start, value.end, first)
    if at < 0 or first[0] == INFINITY:
        return False
    at = skip_unit(s.text, at, value.end)
    if at == value.end:
        return True
    gap = skip_space(s.text, at, value.end)
    if gap < value.end and s.text[gap] in (c"-", c","):
        gap = skip_space(s.text, gap + 1, value.end)
    elif gap == at:
        return False
    at = decimal(s.text, gap, value.end, second)
    return at >= 0 and second[0] != INFINITY and skip_unit(s.text, at, value.end) == value.end


cdef void note_times(Scan* s, int64_t start, int64_t end, double first, double second) noexcept nogil:
    cdef Problem* problem = note(s, REVERSED_CLIP, start, end)
    problem.detail = TIMES
    problem.first = first
    problem.second = second


cdef void note_shape(Scan* s, int tag, int64_t first, int64_t start, int64_t end) noexcept nogil:
    """The warnings about the coordinates from ``first`` on."""
    cdef double* v = s.coords + first
    cdef double largest = 0
    cdef int64_t each
    cdef Problem* problem
    if tag == BOX:
        if v[0] > v[2] or v[1] > v[3]:
            note(s, SWAPPED_CORNERS, start, end)
        if v[0] == v[2] or v[1] == v[3]:
            note(s, ZERO_AREA, start, end)
    elif tag == POLYGON and on_one_line(v, (s.coord_count - first) // 2):
        note(s, ZERO_AREA, start, end)
    for each in range(s.coord_count - first):
        largest = max(largest, v[each])
    if largest > GRID_MAX:
        problem = note(s, OUT_OF_RANGE, start, end)
        problem.detail = LENGTH
        problem.first = largest


cdef bint on_one_line(double* v, int64_t count) noexcept nogil:
    cdef double x1 = v[2], y1 = v[3]
    cdef int64_t each
    for each in range(2, count):
        if (x1 - v[0]) * (v[2 * each + 1] - v[1]) != (y1 - v[1]) * (v[2 * each] - v[0]):
            return False
        if x1 == v[0] and y1 == v[1]:
            x1, y1 = v[2 * each], v[2 * each + 1]
    return True


cdef void element(Scan* s, int tag, Piece attributes, Piece body, int64_t start, int64_t end) noexcept nogil:
    """A whole leaf or clip: read it, and enter it into the container it stands in."""
    cdef int64_t first = s.coord_count
    cdef double until = NAN
    cdef bint valued
    cdef Own own
    if tag == CLIP:
        valued = read_clip(s, attributes, body, start, end, &own, &until)
        enter(s, tag, start, end, valued, &own, first, until)
    else:
        valued = read_coordinates(s, tag, body, start, end)
        leaf(s, tag, NULL, attributes, start, end, valued, first)


cdef void plain_clip(Scan* s, Tag* found) noexcept nogil:
    """Enter a clip that is a plain tag."""
    if found.until < found.own.t:
        note_times(s, found.start, found.end, found.own.t, found.until)
    enter(s, CLIP, found.start, found.end, True, &found.own, s.coord_count, found.until)


cdef void leaf(
    Scan* s, int tag, Own* known, Piece attributes, int64_t start, int64_t end, bint readable, int64_t first
) noexcept nogil:
    """Enter a point, box or polygon, whose coordinates are there from ``first`` on if they are ``readable``.

    Its ``attributes`` are read, unless they are ``known``.
    """
    cdef Own own
    if readable and known == NULL:
        known = &own
        readable = read_context(s, attributes, start, end, known)
    if readable:
        note_shape(s, tag, first, start, end)
    else:
        s.coord_count = first
    enter(s, tag, start, end, readable, known, first, NAN)


cdef void enter(
    Scan* s, int tag, int64_t start, int64_t end, bint valued, Own* own, int64_t first, double until
) noexcept nogil:
    """A node, and where the element has a value a row, in the container it stands in."""
    cdef Node* node
    if s.undecided or s.failed:
        return
    add(s, start, end)
    node = new_node(s, tag, start, end)
    if valued:
        node.own = own[0]
        node.valued = True
        node.next_row += 1
        enter_row(s, <int32_t>s.node_count - 1, first, until)
        return
    s.levels[s.depth].children += 1
    if tag == CLIP and s.levels[s.depth].tag == TRACK:
        note_tag(s, INVALID_TRACK_CHILD, start, end, OPEN_TAG, tag)


cdef Node* new_node(Scan* s, int tag, int64_t start, int64_t end) noexcept nogil:
    cdef Node* node = &s.nodes[s.node_count]
    s.node_count += 1
    node.tag = tag
    node.valued = False
    node.closed = True
    node.start = start
    node.end = end
    node.inner_start = -1
    node.first_row = node.next_row = <int32_t>s.row_count
    node.next = <int32_t>s.node_count
    return node


cdef void enter_row(Scan* s, int32_t at, int64_t first_vertex, double until) noexcept nogil:
    """A row for the value of the leaf or clip ``at``, with what it takes from its container."""
    cdef Node* node = &s.nodes[at]
    cdef Level* level = &s.levels[s.depth]
    cdef Row* row = &s.rows[s.row_count]
    cdef Own* context
    row.node = at
    row.given = node.own
    row.until = until
    row.first_vertex = first_vertex // 2
    row.next_vertex = s.coord_count // 2
    row.collection = level.collection
    row.track = row.before = -1
    s.row_count += 1
    if s.depth == 0:
        return
    level.children += 1
    context = &s.nodes[level.node].context
    if row.given.asset_idx < 0:
        row.given.asset_idx = context.asset_idx
    if level.tag == COLLECTION or node.tag == CLIP:
        if row.given.mention.start < 0:
            row.given.mention = context.mention
        if node.tag != CLIP and row.given.t != row.given.t:
            row.given.t = context.t
        add_member(s)
        if level.tag == TRACK:
            note_tag(s, INVALID_TRACK_CHILD, node.start, node.end, OPEN_TAG, CLIP).recovered = True
        return
    row.given.mention = context.mention
    row.track = level.node
    row.before = level.waypoint
    level.waypoint = <int32_t>s.row_count - 1
    level.waypoints += 1
    level.kinds |= 1 << node.tag
    if node.own.asset_idx >= 0:
        level.at_odds |= level.asset_idx >= 0 and level.asset_idx != node.own.asset_idx
        level.asset_idx = node.own.asset_idx
    if node.own.mention.start >= 0:
        note_piece(s, IGNORED_MENTION, node.start, node.end, UNESCAPED, node.own.mention)


cdef inline void add_member(Scan* s) noexcept nogil:
    """One child more for the innermost collection that is open."""
    cdef int32_t collection = s.levels[s.depth].collection
    if collection >= 0:
        s.nodes[collection].index += 1  # the number of members while it is open


cdef void add(Scan* s, int64_t start, int64_t end) noexcept nogil:
    """Take ``start … end`` as an element of the innermost container, and look at the text before it."""
    cdef Level* level = &s.levels[s.depth]
    if s.depth > 0 and start > level.cursor and level.ignored.start < 0:
        if not is_blank(s.text, level.cursor, start):
            level.ignored = piece(level.cursor, start)
    level.cursor = end
