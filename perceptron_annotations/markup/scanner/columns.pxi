# An answer that was read → the columns of a store.

cdef bint commit(Store* store, Scan* s, bint cut) noexcept nogil:
    """Append what was read. False where memory ran out."""
    cdef char** column = store.columns
    cdef int64_t answer = store.counts[ANSWERS]
    if not (
        has_room(store, ANSWERS, 1)
        and has_room(store, ROWS, s.row_count)
        and has_room(store, PAIRS, s.coord_count // 2)
        and count_points(s)
    ):
        return False
    (<uint8_t*>column[STATUS])[answer] = outcome(s)
    (<uint8_t*>column[IS_TRUNCATED])[answer] = s.truncated or cut
    if s.node_count > s.row_count:
        number_containers(s)
    if not commit_rows(store, s):
        return False
    if s.node_count > s.row_count and not commit_containers(store, s):
        return False
    if s.problem_count and not commit_issues(store, s):
        return False
    (<int64_t*>column[ROW_OFFSETS])[answer + 1] = store.counts[ROWS]
    (<int64_t*>column[CONTAINER_OFFSETS])[answer + 1] = store.counts[CONTAINERS]
    (<int64_t*>column[ISSUE_OFFSETS])[answer + 1] = store.counts[ISSUES]
    store.counts[ANSWERS] += 1
    return True


cdef void number_containers(Scan* s) noexcept nogil:
    """Count the containers that have a value, those of each kind by themselves, as they open."""
    cdef int32_t tracks = 0, collections = 0
    cdef int64_t each
    cdef Node* node
    for each in range(s.node_count):
        node = &s.nodes[each]
        if node.inner_start < 0:
            continue
        # A collection that came to nothing holds nothing; what it stands in was settled before it.
        if node.collection >= 0 and not s.nodes[node.collection].valued:
            node.collection = s.nodes[node.collection].collection
        if node.valued and node.tag == TRACK:
            node.index = tracks
            tracks += 1
        elif node.valued and node.tag == COLLECTION:
            node.index = collections
            collections += 1


cdef bint commit_rows(Store* store, Scan* s) noexcept nogil:
    cdef char** column = store.columns
    cdef int64_t first = store.counts[ROWS], vertices = store.counts[PAIRS], answer = store.counts[ANSWERS]
    cdef int64_t* response = <int64_t*>column[ANSWER_OF] + first
    cdef uint8_t* kind = <uint8_t*>column[KIND] + first
    cdef int32_t* mention = <int32_t*>column[MENTION] + first
    cdef double* t = <double*>column[T] + first
    cdef double* until = <double*>column[UNTIL] + first
    cdef int32_t* asset_idx = <int32_t*>column[ASSET_IDX] + first
    cdef double* score = <double*>column[SCORE] + first
    cdef int32_t* track = <int32_t*>column[TRACK_OF] + first
    cdef int32_t* collection = <int32_t*>column[COLLECTION_OF] + first
    cdef int64_t* offsets = <int64_t*>column[OFFSETS] + first + 1
    cdef int64_t* span = <int64_t*>column[SPAN] + 2 * first
    cdef Piece last = piece(-1, -1)
    cdef int32_t number = -1
    cdef int64_t each
    cdef Row* row
    cdef Node* node
    for each in range(s.row_count):
        row = &s.rows[each]
        node = &s.nodes[row.node]
        if not same_bytes(s, row.given.mention, last):
            last = row.given.mention
            number = mention_number(store, s, last)
            if number < 0 and last.start >= 0:
                return False
        response[each] = answer
        kind[each] = node.tag
        mention[each] = number
        t[each] = row.given.t
        until[each] = row.until
        asset_idx[each] = row.given.asset_idx
        score[each] = row.given.score
        track[each] = -1 if row.track < 0 else s.nodes[row.track].index
        collection[each] = -1 if row.collection < 0 else s.nodes[row.collection].index
        offsets[each] = vertices + row.next_vertex
        span[2 * each] = code_point(s, node.start)
        span[2 * each + 1] = code_point(s, node.end)
    if s.coord_count:  # without one there may be no address
        memcpy(<double*>column[COORDS] + 2 * vertices, s.coords, 8 * s.coord_count)
    store.counts[ROWS] += s.row_count
    store.counts[PAIRS] += s.coord_count // 2
    return True


cdef inline bint same_bytes(Scan* s, Piece one, Piece other) noexcept nogil:
    if one.start == other.start or one.start < 0 or other.start < 0:
        return one.start == other.start and one.end == other.end
    return (
        one.end - one.start == other.end - other.start
        and memcmp(s.text + one.start, s.text + other.start, one.end - one.start) == 0
    )


cdef bint commit_containers(Store* store, Scan* s) noexcept nogil:
    cdef char** column = store.columns
    cdef int64_t each, at = store.counts[CONTAINERS]
    cdef int32_t number
    cdef Node* node
    if not has_room(store, CONTAINERS, s.node_count - s.row_count):
        return False
    for each in range(s.node_count):
        node = &s.nodes[each]
        if node.tag < TRACK or not node.valued:
            continue
        number = mention_number(store, s, node.context.mention)
        if number < 0 and node.context.mention.start >= 0:
            return False
        (<uint8_t*>column[CONTAINER_KIND])[at] = node.tag - TRACK
        (<int32_t*>column[CONTAINER_MENTION])[at] = number
        (<double*>column[CONTAINER_T])[at] = node.context.t
        (<int32_t*>column[CONTAINER_ASSET_IDX])[at] = node.context.asset_idx
        (<int32_t*>column[CONTAINER_COLLECTION])[at] = -1 if node.collection < 0 else s.nodes[node.collection].index
        (<uint8_t*>column[CONTAINER_COMPLETE])[at] = node.closed
        (<int64_t*>column[CONTAINER_SPAN])[2 * at] = code_point(s, node.start)
        (<int64_t*>column[CONTAINER_SPAN])[2 * at + 1] = code_point(s, node.end)
        at += 1
    store.counts[CONTAINERS] = at
    return True


cdef int compare_problems(const void* one, const void* other) noexcept nogil:
    cdef const Problem* a = <const Problem*>one
    cdef const Problem* b = <const Problem*>other
    if a.start != b.start:
        return -1 if a.start < b.start else 1
    if IS_ERROR[a.code] != IS_ERROR[b.code]:
        return -1 if IS_ERROR[a.code] else 1
    if RANK[a.code] != RANK[b.code]:
        return -1 if RANK[a.code] < RANK[b.code] else 1
    return -1 if a.sequence < b.sequence else 1


cdef void sort_problems(Scan* s) noexcept nogil:
    qsort(s.problems, s.problem_count, sizeof(Problem), compare_problems)


cdef int outcome(Scan* s) noexcept nogil:
    """The number of the answer's Status."""
    cdef int64_t each
    for each in range(s.problem_count):
        if is_failure(&s.problems[each]):
            return PARTIAL if s.row_count else UNREADABLE
    return OK if s.row_count else EMPTY


cdef inline bint is_failure(Problem* problem) noexcept nogil:
    """Whether something of the answer was lost by it."""
    return problem.code == FOREIGN_MARKUP or (IS_ERROR[problem.code] and not problem.recovered)


cdef bint commit_issues(Store* store, Scan* s) noexcept nogil:
    cdef char** column = store.columns
    cdef int64_t each, at = store.counts[ISSUES]
    cdef Problem* problem
    if not has_room(store, ISSUES, s.problem_count):
        return False
    sort_problems(s)
    for each in range(s.problem_count):
        problem = &s.problems[each]
        if not commit_detail(store, s, problem):
            return False
        (<uint8_t*>column[ISSUE_CODE])[at] = problem.code
        (<int64_t*>column[ISSUE_SPAN])[2 * at] = code_point(s, problem.start)
        (<int64_t*>column[ISSUE_SPAN])[2 * at + 1] = code_point(s, problem.end)
        (<uint8_t*>column[ISSUE_RECOVERED])[at] = problem.recovered
        (<int64_t*>column[DETAIL_OFFSETS])[at + 1] = store.counts[LETTERS]
        at += 1
    store.counts[ISSUES] = at
    return True


cdef bint commit_detail(Store* store, Scan* s, Problem* problem) noexcept nogil:
    """Append the words of an issue."""
    s.words.used = 0
    if not (write_detail(s, problem, &s.words) and has_room(store, LETTERS, s.words.used)):
        return False
    if s.words.used:
        memcpy(store.columns[DETAIL_TEXT] + store.counts[LETTERS], s.words.data, s.words.used)
    store.counts[LETTERS] += s.words.used
    return True
