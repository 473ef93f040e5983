# Tags → rows, the tape of the tree, and issues: the machine of `tree.py`, built again.

cdef enum:
    REPEAT_RUN = 3

# -- containers --------------------------------------------------------------------------------------------------------


cdef void open_container(Scan* s, Tag* found) noexcept nogil:
    cdef Level* outer = &s.levels[s.depth]
    cdef Own* given = NULL if s.depth == 0 else &s.nodes[outer.node].context
    cdef int32_t collection = outer.collection
    cdef Node* node
    cdef Level* level
    cdef Own own
    if found.plain:
        own = found.own
    else:
        read_container(s, found.tag, found.attributes, found.start, found.end, &own)
        if s.undecided:
            return
    node = new_node(s, found.tag, found.start, found.end)
    node.own = node.context = own
    node.index = 0
    node.collection = collection
    node.inner_start = found.end
    if given != NULL:
        if own.mention.start < 0:
            node.context.mention = given.mention
        if own.asset_idx < 0:
            node.context.asset_idx = given.asset_idx
        if own.t != own.t and found.tag == COLLECTION:
            node.context.t = given.t
    s.depth += 1
    level = &s.levels[s.depth]
    level.tag = found.tag
    level.node = <int32_t>s.node_count - 1
    level.collection = level.node if found.tag == COLLECTION else collection
    level.children = level.waypoints = 0
    level.waypoint = -1
    level.kinds = 0
    level.at_odds = False
    level.asset_idx = own.asset_idx
    level.cursor = found.end
    level.ignored = piece(-1, -1)
    if found.tag == TRACK:
        s.open_tracks += 1
    else:
        s.open_collections += 1


cdef void close_container(Scan* s, int64_t close_start, int64_t close_end, bint unclosed) noexcept nogil:
    """Close the innermost container with the tag at ``close_start … close_end``, which is empty where it has none."""
    cdef Level* level = &s.levels[s.depth]
    cdef int32_t at = level.node
    cdef Node* node = &s.nodes[at]
    cdef bint complete = close_start < close_end
    cdef int outer_tag
    add(s, close_start, close_start)
    s.depth -= 1
    outer_tag = s.levels[s.depth].tag
    node.end = close_end
    node.inner_end = close_start
    node.closed = complete
    node.next = <int32_t>s.node_count
    node.next_row = <int32_t>s.row_count
    if unclosed:
        note_tag(s, UNCLOSED_TAG, node.start, node.end, OPEN_TAG, node.tag).recovered = node.first_row < node.next_row
    if node.tag == TRACK:
        s.open_tracks -= 1
        close_track(s, level, node)
    else:
        s.open_collections -= 1
        node.valued = node.index > 0 or not (complete or level.children)
    if node.tag == COLLECTION and outer_tag == COLLECTION:
        note_tag(s, INVALID_COLLECTION_CHILD, node.start, node.end, OPEN_TAG, node.tag).recovered = True
    elif outer_tag == TRACK:
        note_tag(s, INVALID_TRACK_CHILD, node.start, node.end, OPEN_TAG, node.tag).recovered = True
    if complete and level.children == 0:
        note_tag(s, EMPTY_CONTAINER, node.start, node.end, OPEN_TAG, node.tag)
    if complete and level.ignored.start >= 0:
        note_piece(s, IGNORED_TEXT, level.ignored.start, level.ignored.end, STRIPPED, level.ignored)
    s.levels[s.depth].children += 1
    add(s, node.start, close_end)


cdef void close_track(Scan* s, Level* level, Node* node) noexcept nogil:
    """Settle whether the waypoints make a track; if not, they stay as loose rows."""
    cdef int32_t row = level.waypoint
    cdef bint valid = (level.kinds & (level.kinds - 1)) == 0 and not level.at_odds
    if (level.kinds & (level.kinds - 1)) != 0:
        note(s, INVALID_TRACK_GEOMETRY, node.start, node.end)
    if level.at_odds:
        note_tag(s, INVALID_TRACK_ASSET, node.start, node.end, ASSETS, node.own.asset_idx).second = row
    node.valued = valid and (level.waypoints > 0 or not (node.closed or level.children))
    if node.valued:
        add_member(s)
        if node.own.asset_idx < 0 and level.asset_idx >= 0:
            node.own.asset_idx = node.context.asset_idx = level.asset_idx
            while row >= 0:
                if s.nodes[s.rows[row].node].own.asset_idx < 0:
                    s.rows[row].given.asset_idx = level.asset_idx
                row = s.rows[row].before
        return
    while row >= 0:
        s.rows[row].track = -1
        add_member(s)
        row = s.rows[row].before


# -- the machine -------------------------------------------------------------------------------------------------------


cdef void tell(Scan* s, Tag* found) noexcept nogil:
    """Take one tag, or a whole leaf, whose end becomes that of the tag."""
    cdef Pending* pending = &s.pending
    cdef int64_t whole, first
    if found.skipped:
        note_piece(s, UNPAIRED_TAG, found.start, found.end, RAW, piece(found.start, found.end))
        return
    if found.closing and pending.tag == found.tag:
        pending.tag = NO_TAG
        element(s, found.tag, pending.attributes, piece(pending.end, found.start), pending.start, found.end)
        s.last_end = found.end
        return
    if pending.tag != NO_TAG:
        leave_unpaired(s, found.start)
    if found.closing:
        if (found.tag == TRACK and s.open_tracks) or (found.tag == COLLECTION and s.open_collections):
            while s.levels[s.depth].tag != found.tag and not s.undecided:
                close_container(s, found.start, found.start, True)
            close_container(s, found.start, found.end, False)
        else:
            stray_close(s, found)
    elif found.self_closing and found.plain:
        plain_clip(s, found)
    elif found.self_closing:
        element(s, CLIP, found.attributes, piece(found.end, found.end), found.start, found.end)
    elif found.tag >= TRACK:
        open_container(s, found)
    else:
        whole = whole_leaf(s, found)
        if whole < 0:
            pending.tag = found.tag
            pending.start = found.start
            pending.end = found.end
            pending.attributes = found.attributes
        else:
            found.end = whole
            first = s.coord_count
            s.coord_count += found.numbers
            leaf(s, found.tag, &found.own if found.plain else NULL, found.attributes, found.start, whole, True, first)
    s.last_end = found.end


cdef void finish(Scan* s) noexcept nogil:
    """The end of the answer: report what is cut, close what is open, and look for a looping model."""
    cdef Level* level
    cdef Node* node
    report_cut(s)
    while s.depth > 0 and not s.undecided:
        s.truncated = True
        node = &s.nodes[s.levels[s.depth].node]
        close_container(s, s.size, s.size, False)
        if s.depth == 0:
            note_tag(s, INCOMPLETE_ANNOTATION, node.start, s.size, OPEN_TAG, node.tag).recovered = (
                s.row_count > node.first_row
            )
    note_repeats(s)


cdef bint same_rows(Scan* s, Row* one, Row* other) noexcept nogil:
    cdef int64_t vertices = one.next_vertex - one.first_vertex
    if (
        s.nodes[one.node].tag != s.nodes[other.node].tag
        or vertices != other.next_vertex - other.first_vertex
        or not same_numbers(s.coords + 2 * one.first_vertex, s.coords + 2 * other.first_vertex, 2 * vertices)
        or one.given.asset_idx != other.given.asset_idx
        or not same_time(one.given.t, other.given.t)
        or not same_time(one.until, other.until)
        or not same_time(one.given.score, other.given.score)
    ):
        return False
    return same_mentions(s, one.given.mention, other.given.mention)


cdef bint same_mentions(Scan* s, Piece one, Piece other) noexcept nogil:
    """Whether two mentions are the same, however they are written."""
    if same_bytes(s, one, other):
        return True
    if one.start < 0 or other.start < 0 or not (holds_reference(s.text, one) or holds_reference(s.text, other)):
        return False
    if not unescaped(s, one) or not copied(s, &s.words, &s.scratch) or not unescaped(s, other):
        return False
    return s.words.used == s.scratch.used and memcmp(s.words.data, s.scratch.data, s.words.used) == 0


cdef inline bint same_numbers(double* one, double* other, int64_t count) noexcept nogil:
    cdef int64_t each
    for each in range(count):
        if one[each] != other[each]:
            return False
    return True


cdef inline bint same_time(double one, double other) noexcept nogil:
    return one == other or (one != one and other != other)


cdef void note_repeats(Scan* s) noexcept nogil:
    """One warning for every run of equal rows."""
    cdef int64_t first = 0, row
    cdef Problem* problem
    for row in range(1, s.row_count + 1):
        if row < s.row_count and same_rows(s, &s.rows[row - 1], &s.rows[row]):
            continue
        if row - first >= REPEAT_RUN:
            problem = note(s, REPEATED_ELEMENT, s.nodes[s.rows[first].node].start, s.nodes[s.rows[row - 1].node].end)
            problem.detail = COUNT
            problem.first = row - first
        first = row


cdef inline bint is_refused(Scan* s, int64_t at) noexcept nogil:
    """Whether the answer stays undecided for what stands behind the ``<`` before ``at``."""
    if s.refuses_specials and at < s.size and s.text[at] == c"|":
        return True
    if not s.refuses_thoughts:
        return False
    at += at < s.size and s.text[at] == c"/"
    return s.size - at >= 6 and memcmp(s.text + at, b"think>", 6) == 0


cdef bint is_refused_within(Scan* s, Tag* tag) noexcept nogil:
    """The same for a ``<`` in the quotes of a tag, which may be prose."""
    cdef int64_t at = tag.start + 1
    cdef Bytes angle
    if tag.plain or not (s.refuses_specials or s.refuses_thoughts):
        return False
    while True:
        angle = <Bytes>memchr(s.text + at, c"<", tag.end - at)
        if angle == NULL:
            return False
        at = angle - s.text + 1
        if is_refused(s, at):
            return True


cdef bint scan(Scan* s, Bytes text, int64_t size, bint ascii) noexcept nogil:
    """Read one answer; false where the pure parser has to do it, or memory ran out (``s.failed``)."""
    cdef Tag found
    cdef Bytes angle
    cdef int64_t at = 0
    s.text, s.size, s.ascii = text, size, ascii
    s.undecided = DECIDED
    s.failed = s.truncated = False
    s.last_angle = -1
    s.last_end = s.row_count = s.node_count = s.problem_count = s.coord_count = s.depth = 0
    s.open_tracks = s.open_collections = 0
    s.pending.tag = NO_TAG
    found.plain = False
    if not (
        room(<void**>&s.levels, &s.level_room, 1, sizeof(Level))
        and room(<void**>&s.problems, &s.problem_room, 1, sizeof(Problem))
    ):
        s.failed = True
        return False
    s.levels[0].tag = NO_TAG
    s.levels[0].collection = s.levels[0].node = -1
    s.levels[0].cursor = s.levels[0].children = 0
    while at < size:
        if at + 1 < size and text[at + 1] == c"<" and text[at] != c"<":
            at += 1  # as between two elements
        elif text[at] != c"<":
            angle = <Bytes>memchr(text + at, c"<", size - at)
            if angle == NULL:
                break
            at = angle - text
        s.last_angle = at
        if not stands_again(s, at, &found) and not read_tag(s, at, &found):
            if is_refused(s, at + 1):
                s.undecided = REFUSED
                return False
            at += 1
            continue
        if is_refused_within(s, &found):
            s.undecided = REFUSED
        elif not (
            room(<void**>&s.rows, &s.row_room, s.row_count + 1, sizeof(Row))
            and room(<void**>&s.nodes, &s.node_room, s.node_count + 1, sizeof(Node))
            and room(<void**>&s.levels, &s.level_room, s.depth + 2, sizeof(Level))
        ):
            s.failed = True
        else:
            tell(s, &found)
        if s.undecided or s.failed:
            return False
        at = found.end
    finish(s)
    if s.row_count == 0 and not (s.undecided or s.failed) and outcome(s) == EMPTY and may_be_other_form(text, size):
        if s.looks_for_forms:
            look_for_other_form(s)
        else:
            s.undecided = OTHER_FORM
    return not (s.undecided or s.failed)
