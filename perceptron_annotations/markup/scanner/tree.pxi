# Tags → rows, the tape of the tree, and issues: what ``tokens.py`` and ``tree.py`` do, done again.

cdef enum:
    BEHIND_WINDOW = 80
    CUT_TAG_LETTERS = 2
    REPEAT_RUN = 3

cdef const char* NAMES[6]
NAMES[:] = [b"point", b"point_box", b"polygon", b"clip", b"track", b"collection"]
cdef int[6] NAME_LENGTHS = [5, 9, 7, 4, 5, 10]

ctypedef struct Tag:
    uint8_t tag
    bint closing
    bint skipped  # it can take part in no element, but takes its text
    bint self_closing
    int64_t start
    int64_t end
    int64_t numbers  # of a whole leaf
    Piece attributes


cdef inline int named(Bytes text, int64_t at, int64_t end, int tag, const char* name, int64_t length) noexcept nogil:
    """``tag`` where its name stands at ``at``, in any case; NO_TAG where it does not."""
    cdef int64_t letter
    if end - at < length:
        return NO_TAG
    if memcmp(text + at, name, length) == 0:
        return tag
    for letter in range(length):
        if lower(text[at + letter]) != name[letter]:
            return NO_TAG
    return tag


cdef inline int tag_name(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """The tag whose name stands at ``at``, in any case; NO_TAG for none."""
    cdef uint8_t first
    if end - at < 4:
        return NO_TAG
    first = lower(text[at])
    if first == c"p":
        if end - at > 5 and text[at + 5] == c"_":
            return named(text, at, end, BOX, "point_box", 9)
        if lower(text[at + 1]) == c"o" and lower(text[at + 2]) == c"l":
            return named(text, at, end, POLYGON, "polygon", 7)
        return named(text, at, end, POINT, "point", 5)
    if first == c"c":
        if lower(text[at + 1]) == c"l":
            return named(text, at, end, CLIP, "clip", 4)
        return named(text, at, end, COLLECTION, "collection", 10)
    return named(text, at, end, TRACK, "track", 5) if first == c"t" else NO_TAG


cdef int64_t attributes_end(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """The first byte after ``at`` that no attributes can hold: < or >, a quote without a partner, or the end."""
    cdef Bytes close
    while at < end:
        if text[at] == c'"' or text[at] == c"'":
            close = <Bytes>memchr(text + at + 1, text[at], end - at - 1)
            if close == NULL:
                return at
            at = close - text
        elif text[at] == c"<" or text[at] == c">":
            return at
        at += 1
    return end


cdef bint read_tag(Scan* s, int64_t start, Tag* found) noexcept nogil:
    """The tag at the ``<`` at ``start``; false where there is none."""
    cdef Bytes text = s.text
    cdef int64_t at = start + 1
    cdef int64_t stop, last
    cdef int tag
    found.closing = at < s.size and text[at] == c"/"
    at += found.closing
    tag = tag_name(text, at, s.size)
    if tag == NO_TAG:
        return False
    at += NAME_LENGTHS[tag]
    if at == s.size or CLASS[text[at]] & WORD:
        return False
    if text[at] >= 0x80:
        s.undecided = True
        return False
    stop = attributes_end(text, at, s.size)
    if stop == s.size or text[stop] != c">":
        return False
    last = stop
    while last > at and CLASS[text[last - 1]] & SPACE:
        last -= 1
    if last > at and text[last - 1] >= 0x80:  # it may be white space
        s.undecided = True
        return False
    found.tag = tag
    found.start = start
    found.end = stop + 1
    found.attributes = piece(at, stop)
    found.self_closing = False
    found.skipped = found.closing and last > at
    if not found.closing and last > at and text[last - 1] == c"/":
        found.attributes.end = last - 1
        found.self_closing = tag == CLIP
        found.skipped = tag != CLIP
    return True


# -- leaves and clips --------------------------------------------------------------------------------------------------


cdef bint read_clip(Scan* s, Piece attributes, Piece body, int64_t start, int64_t end, Own* own, double* until) noexcept nogil:
    """A clip: its start is ``own.t``; false, with an issue, where it cannot be read."""
    cdef Attributes found
    cdef Piece value, culprit
    cdef int64_t at, second
    cdef int code
    no_attributes(own)
    until[0] = NAN
    if not is_blank(s.text, body.start, body.end):
        note_piece(s, INVALID_CLIP_BODY, start, end, STRIPPED, body)
        return False
    read_attributes(s, attributes, start, end, &found)
    if s.undecided:
        return False
    own.mention = read_mention(s, found.mention)
    if found.t.end <= found.t.start:
        note_piece(s, INVALID_CLIP_TIMESTAMP, start, end, STRIPPED, attributes)
        return False
    if not is_plain(s, found.t):
        return False
    value = stripped(s.text, found.t)
    at = decimal(s.text, value.start, value.end, &own.t)
    if at >= 0:
        at = skip_unit(s.text, at, value.end)
        if at < value.end:
            second = skip_space(s.text, at, value.end)
            if second < value.end and s.text[second] in (c"-", c","):
                second = skip_space(s.text, second + 1, value.end)
            elif second == at:
                second = value.end
            at = decimal(s.text, second, value.end, until)
            if at >= 0 and skip_unit(s.text, at, value.end) != value.end:
                at = -1
    if at == -2:
        s.undecided = True
        return False
    if at == -1:
        note_piece(s, INVALID_CLIP_TIMESTAMP, start, end, RAW, found.t)
        return False
    code = read_asset_idx(s, found.asset_idx, &own.asset_idx, &culprit)
    if code >= 0:
        note_piece(s, code, start, end, RAW, culprit)
        return False
    if until[0] < own.t:
        note_times(s, start, end, own.t, until[0])
    return True


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
        leaf(s, tag, attributes, start, end, valued, first)


cdef void leaf(
    Scan* s, int tag, Piece attributes, int64_t start, int64_t end, bint readable, int64_t first
) noexcept nogil:
    """Enter a point, box or polygon, whose coordinates are there from ``first`` on if they are ``readable``."""
    cdef Own own
    if readable and read_context(s, attributes, start, end, &own):
        note_shape(s, tag, first, start, end)
    else:
        readable = False
        s.coord_count = first
    enter(s, tag, start, end, readable, &own, first, NAN)


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


# -- containers --------------------------------------------------------------------------------------------------------


cdef void open_container(Scan* s, Tag* found) noexcept nogil:
    cdef Level* outer = &s.levels[s.depth]
    cdef Own* given = NULL if s.depth == 0 else &s.nodes[outer.node].context
    cdef int32_t collection = outer.collection
    cdef Node* node
    cdef Level* level
    cdef Own own
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
        s.undecided = True  # the issue lists all assets
        return
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


# -- tags without a partner --------------------------------------------------------------------------------------------


cdef Piece weigh(Scan* s, Pending* tag, int64_t end) noexcept nogil:
    """What an open tag loses without a close tag before ``end``; an empty piece for nothing."""
    cdef int64_t at = tag.end
    cdef int64_t ahead
    while at < end and (CLASS[s.text[at]] & SPACE or s.text[at] == c"(" or s.text[at] == c"["):
        at += 1
    ahead = two_numbers(s.text, at, end)
    if ahead == -2 or (at < end and s.text[at] >= 0x80):
        s.undecided = True
    if ahead < 0 and not (tag.tag == CLIP and reads_as_clip(s, tag)):
        return piece(tag.start, tag.start)
    s.last_end = end  # these coordinates are spoken for
    if ahead < 0:
        return piece(tag.start, tag.end)
    if ahead < end and (s.text[ahead] == c")" or s.text[ahead] == c"]"):
        ahead += 1
    return piece(tag.start, ahead)


cdef bint reads_as_clip(Scan* s, Pending* tag) noexcept nogil:
    cdef Own own
    cdef double until
    cdef int64_t before = s.problem_count
    cdef bint readable = read_clip(s, tag.attributes, piece(tag.end, tag.end), tag.start, tag.end, &own, &until)
    s.problem_count = before
    return readable


cdef void leave_unpaired(Scan* s, int64_t end) noexcept nogil:
    """A tag was opened, and the next tag, at ``end``, does not close it."""
    cdef Pending tag = s.pending
    cdef Piece lost
    s.pending.tag = NO_TAG
    lost = weigh(s, &tag, end)
    if s.depth > 0:
        note_tag(s, UNCLOSED_TAG, tag.start, tag.end, OPEN_TAG, tag.tag).recovered = lost.start == lost.end
    else:
        note_unpaired(s, &tag, lost)


cdef void note_unpaired(Scan* s, Pending* tag, Piece lost) noexcept nogil:
    if lost.start < lost.end:
        note_piece(s, MISSING_TAG, lost.start, lost.end, RAW, lost)
    else:
        note_tag(s, UNPAIRED_TAG, tag.start, tag.end, OPEN_TAG, tag.tag)


cdef Piece coordinates_behind(Scan* s, int64_t end) noexcept nogil:
    """Two numbers right before ``end``; none in most cases."""
    cdef Bytes text = s.text
    cdef int64_t start = max(s.last_end, end - BEHIND_WINDOW)
    cdef int64_t at, stop
    if not s.ascii and not is_ascii(text, start, end):
        s.undecided = True
        return piece(-1, -1)
    while start < end:
        at = start + (text[start] == c"(" or text[start] == c"[")
        stop = two_numbers(text, at, end)
        if stop > 0:
            while stop < end and (CLASS[text[stop]] & SPACE or text[stop] == c")" or text[stop] == c"]"):
                stop += 1
            if stop == end:
                return piece(start, end)
        start += 1
    return piece(-1, -1)


cdef void stray_close(Scan* s, Tag* found) noexcept nogil:
    cdef Piece behind = coordinates_behind(s, found.start)
    if s.depth > 0:
        note_tag(s, UNEXPECTED_CLOSE_TAG, found.start, found.end, CLOSE_TAG, found.tag).recovered = behind.start < 0
    elif behind.start >= 0 and found.tag <= POLYGON:
        note_piece(s, MISSING_TAG, behind.start, found.end, RAW, behind)
    else:
        note_tag(s, UNPAIRED_TAG, found.start, found.end, CLOSE_TAG, found.tag)
    if found.tag >= TRACK:
        add(s, found.start, found.end)
        new_node(s, found.tag, found.start, found.end).closed = False


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
            leaf(s, found.tag, found.attributes, found.start, whole, True, first)
    s.last_end = found.end


cdef int64_t whole_leaf(Scan* s, Tag* found) noexcept nogil:
    """The end of a leaf that is written as the models write it, its coordinates left behind the others; else -1.

    Whatever this does not take is read tag by tag, with the same result.
    """
    cdef Bytes text = s.text
    cdef int64_t at = found.end
    cdef Body body
    if found.tag == CLIP:
        return -1
    body.numbers = 0
    body.too_large.start = -1
    while True:
        at = skip_space(text, at, s.size)
        if at == s.size or text[at] != c"(":
            break
        if not room(<void**>&s.coords, &s.coord_room, s.coord_count + body.numbers + 4, sizeof(double)):
            s.failed = True
            return -1
        at = pair(s, at, s.size, &body)
        if at < 0:
            return -1
    if body.too_large.start >= 0 or (
        body.numbers != 2 * (found.tag + 1) if found.tag < POLYGON else body.numbers < 6
    ):
        return -1
    if s.size - at < NAME_LENGTHS[found.tag] + 3 or text[at] != c"<" or text[at + 1] != c"/":
        return -1
    if tag_name(text, at + 2, s.size) != found.tag:
        return -1
    at = skip_space(text, at + 2 + NAME_LENGTHS[found.tag], s.size)
    if at == s.size or text[at] != c">":
        return -1
    found.numbers = body.numbers
    return at + 1


cdef bint is_name_start(Bytes text, int64_t at, int64_t end) noexcept nogil:
    """Whether ``at … end`` is the start of a tag's name, or nothing."""
    cdef int tag
    cdef int64_t letter
    for tag in range(NO_TAG):
        if end - at <= NAME_LENGTHS[tag]:
            letter = 0
            while at + letter < end and lower(text[at + letter]) == NAMES[tag][letter]:
                letter += 1
            if at + letter == end:
                return True
    return False


cdef bint is_cut(Scan* s, int64_t start) noexcept nogil:
    """Whether the ``<`` at ``start`` begins a tag that the end cuts, be it one that is more likely prose."""
    cdef Bytes text = s.text
    cdef int64_t at = start + 1
    cdef int64_t stop
    cdef int tag
    at += at < s.size and text[at] == c"/"
    tag = tag_name(text, at, s.size)
    if tag != NO_TAG:
        stop = at + NAME_LENGTHS[tag]
        if stop == s.size:
            return True
        if text[stop] >= 0x80:
            s.undecided = True
        if not CLASS[text[stop]] & WORD:
            stop = attributes_end(text, stop, s.size)
            return stop == s.size or text[stop] == c'"' or text[stop] == c"'"
    return s.size - at <= NAME_LENGTHS[COLLECTION] and is_name_start(text, at, s.size)


cdef int64_t cut_tag(Scan* s, int64_t start) noexcept nogil:
    """Where a tag that the end cuts begins, at or after ``start``; -1 for none. ``<p`` is more likely prose."""
    cdef Bytes found
    cdef int64_t at
    while start < s.size:
        found = <Bytes>memchr(s.text + start, c"<", s.size - start)
        if found == NULL:
            return -1
        start = found - s.text
        if is_cut(s, start):
            at = start
            while at < s.size and (s.text[at] == c"<" or s.text[at] == c"/"):
                at += 1
            return start if s.size - at >= CUT_TAG_LETTERS else -1
        start += 1
    return -1


cdef bint is_cut_body(Scan* s, int64_t at, int64_t end) noexcept nogil:
    """Whether ``at … end`` may be the body of a leaf that the end cuts."""
    cdef Bytes text = s.text
    while at < end and CLASS[text[at]] & CUT:
        at += 1
    if at < end and text[at] == c"<":
        at += 1
        at += at < end and text[at] == c"/"
        while at < end and CLASS[text[at]] & WORD and not CLASS[text[at]] & DIGIT:
            at += 1
        return at == end
    if at < end and text[at] >= 0x80:
        s.undecided = True
    return at == end


cdef void report_cut(Scan* s) noexcept nogil:
    """What a cut-off answer leaves behind its last whole tag: an open leaf, the start of a tag, or both."""
    cdef Pending tag = s.pending
    cdef int64_t cut, body_end
    cdef bint cut_body
    cdef Piece lost
    cut = cut_tag(s, s.last_end)
    if tag.tag != NO_TAG:
        s.pending.tag = NO_TAG
        body_end = s.size if cut < 0 else cut
        cut_body = is_cut_body(s, tag.end, body_end)
        lost = weigh(s, &tag, body_end)
        if cut_body:
            s.truncated = True
            note_tag(s, TRUNCATED_ELEMENT, tag.start, s.size, OPEN_TAG, tag.tag)
            return
        note_unpaired(s, &tag, lost)
    if cut >= 0:
        s.truncated = True
        if s.text[cut + 1] != c"/":
            note_piece(s, TRUNCATED_ELEMENT, cut, s.size, RAW, piece(cut, s.size))


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
    cdef int64_t length = one.given.mention.end - one.given.mention.start
    cdef Bytes mention = s.text + one.given.mention.start
    if (
        s.nodes[one.node].tag != s.nodes[other.node].tag
        or vertices != other.next_vertex - other.first_vertex
        or not same_numbers(s.coords + 2 * one.first_vertex, s.coords + 2 * other.first_vertex, 2 * vertices)
        or one.given.asset_idx != other.given.asset_idx
        or not same_time(one.given.t, other.given.t)
        or not same_time(one.until, other.until)
        or (one.given.mention.start < 0) != (other.given.mention.start < 0)
    ):
        return False
    if one.given.mention.start < 0:
        return True
    if length == other.given.mention.end - other.given.mention.start:
        if memcmp(mention, s.text + other.given.mention.start, length) == 0:
            return True
    # Written differently; with references in them they may be the same all the same.
    if memchr(mention, c"&", length) != NULL or memchr(
        s.text + other.given.mention.start, c"&", other.given.mention.end - other.given.mention.start
    ) != NULL:
        s.undecided = True
    return False


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
    """Whether the answer stays undecided for what stands behind a ``<`` that opens no tag."""
    if s.refuses_specials and at < s.size and s.text[at] == c"|":
        return True
    if not s.refuses_thoughts:
        return False
    at += at < s.size and s.text[at] == c"/"
    return s.size - at >= 6 and memcmp(s.text + at, b"think>", 6) == 0


cdef bint scan(Scan* s, Bytes text, int64_t size, bint ascii) noexcept nogil:
    """Read one answer; false where the pure parser has to do it, or memory ran out (``s.failed``)."""
    cdef Tag found
    cdef Bytes angle
    cdef int64_t at = 0
    s.text, s.size, s.ascii = text, size, ascii
    s.undecided = s.failed = s.truncated = False
    s.last_end = s.row_count = s.node_count = s.problem_count = s.coord_count = s.depth = 0
    s.open_tracks = s.open_collections = 0
    s.pending.tag = NO_TAG
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
        angle = <Bytes>memchr(text + at, c"<", size - at)
        if angle == NULL:
            break
        at = angle - text
        if not read_tag(s, at, &found):
            if s.undecided or is_refused(s, at + 1):
                return False
            at += 1
            continue
        if not (
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
    return not (s.undecided or s.failed)
