# Answers that were read → the columns of a store, and stores into one another.

cdef bint space_for_answer(Store* store, Scan* s) noexcept nogil:
    cdef Buffer* column = store.columns
    cdef int64_t rows = s.row_count, nodes = s.node_count, issues = s.problem_count
    return (
        space_for(&column[KIND], rows)
        and space_for(&column[MENTION], 4 * rows)
        and space_for(&column[T], 8 * rows)
        and space_for(&column[UNTIL], 8 * rows)
        and space_for(&column[ASSET_IDX], 4 * rows)
        and space_for(&column[SCORE], 8 * rows)
        and space_for(&column[TRACK_OF], 4 * rows)
        and space_for(&column[COLLECTION_OF], 4 * rows)
        and space_for(&column[OFFSETS], 8 * rows)
        and space_for(&column[COORDS], 8 * s.coord_count)
        and space_for(&column[SPAN], 16 * rows)
        and space_for(&column[ROW_OFFSETS], 8)
        and space_for(&column[CONTAINER_OFFSETS], 8)
        and space_for(&column[ISSUE_OFFSETS], 8)
        and space_for(&column[STATUS], 1)
        and space_for(&column[IS_TRUNCATED], 1)
        and (
            nodes == rows  # nothing but rows
            or (
                space_for(&column[CONTAINER_KIND], nodes)
                and space_for(&column[CONTAINER_MENTION], 4 * nodes)
                and space_for(&column[CONTAINER_T], 8 * nodes)
                and space_for(&column[CONTAINER_ASSET_IDX], 4 * nodes)
                and space_for(&column[CONTAINER_COLLECTION], 4 * nodes)
                and space_for(&column[CONTAINER_COMPLETE], nodes)
                and space_for(&column[CONTAINER_SPAN], 16 * nodes)
            )
        )
        and space_for(&column[ISSUE_CODE], issues)
        and space_for(&column[ISSUE_SPAN], 16 * issues)
        and space_for(&column[ISSUE_RECOVERED], issues)
        and space_for(&column[DETAIL_OFFSETS], 8 * issues)
    )


cdef bint commit(Store* store, Scan* s, bint cut) noexcept nogil:
    """Append what was read. False where memory ran out."""
    cdef Buffer* column = store.columns
    if not space_for_answer(store, s) or not count_points(s):
        return False
    if s.node_count > s.row_count:
        number_containers(s)
    if not commit_rows(store, s):
        return False
    if s.node_count > s.row_count and not commit_containers(store, s):
        return False
    put_byte(&column[STATUS], outcome(s))
    put_byte(&column[IS_TRUNCATED], s.truncated or cut)
    if s.problem_count and not commit_issues(store, s):
        return False
    put_int64(&column[ROW_OFFSETS], store.rows)
    put_int64(&column[CONTAINER_OFFSETS], store.containers)
    put_int64(&column[ISSUE_OFFSETS], store.issues)
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
    cdef Buffer* column = store.columns
    cdef int64_t count = s.row_count
    cdef uint8_t* kind = <uint8_t*>claimed(&column[KIND], count)
    cdef int32_t* mention = <int32_t*>claimed(&column[MENTION], 4 * count)
    cdef double* t = <double*>claimed(&column[T], 8 * count)
    cdef double* until = <double*>claimed(&column[UNTIL], 8 * count)
    cdef int32_t* asset_idx = <int32_t*>claimed(&column[ASSET_IDX], 4 * count)
    cdef double* score = <double*>claimed(&column[SCORE], 8 * count)
    cdef int32_t* track = <int32_t*>claimed(&column[TRACK_OF], 4 * count)
    cdef int32_t* collection = <int32_t*>claimed(&column[COLLECTION_OF], 4 * count)
    cdef int64_t* offsets = <int64_t*>claimed(&column[OFFSETS], 8 * count)
    cdef int64_t* span = <int64_t*>claimed(&column[SPAN], 16 * count)
    cdef Piece last = piece(-1, -1)
    cdef int32_t number = -1
    cdef int64_t each
    cdef Row* row
    cdef Node* node
    for each in range(count):
        row = &s.rows[each]
        node = &s.nodes[row.node]
        if not same_bytes(s, row.given.mention, last):
            last = row.given.mention
            number = mention_number(store, s, last)
            if number < 0 and last.start >= 0:
                return False
        kind[each] = node.tag
        mention[each] = number
        t[each] = row.given.t
        until[each] = row.until
        asset_idx[each] = row.given.asset_idx
        score[each] = row.given.score
        track[each] = -1 if row.track < 0 else s.nodes[row.track].index
        collection[each] = -1 if row.collection < 0 else s.nodes[row.collection].index
        offsets[each] = store.vertices + row.next_vertex
        span[2 * each] = code_point(s, node.start)
        span[2 * each + 1] = code_point(s, node.end)
    put_bytes(&column[COORDS], s.coords, 8 * s.coord_count)
    store.vertices += s.coord_count // 2
    store.rows += s.row_count
    return True


cdef inline bint same_bytes(Scan* s, Piece one, Piece other) noexcept nogil:
    if one.start == other.start or one.start < 0 or other.start < 0:
        return one.start == other.start and one.end == other.end
    return (
        one.end - one.start == other.end - other.start
        and memcmp(s.text + one.start, s.text + other.start, one.end - one.start) == 0
    )


cdef bint commit_containers(Store* store, Scan* s) noexcept nogil:
    cdef Buffer* column = store.columns
    cdef int64_t each
    cdef int32_t number
    cdef Node* node
    for each in range(s.node_count):
        node = &s.nodes[each]
        if node.tag < TRACK or not node.valued:
            continue
        number = mention_number(store, s, node.context.mention)
        if number < 0 and node.context.mention.start >= 0:
            return False
        put_byte(&column[CONTAINER_KIND], node.tag - TRACK)
        put_int32(&column[CONTAINER_MENTION], number)
        put_double(&column[CONTAINER_T], node.context.t)
        put_int32(&column[CONTAINER_ASSET_IDX], node.context.asset_idx)
        put_int32(&column[CONTAINER_COLLECTION], -1 if node.collection < 0 else s.nodes[node.collection].index)
        put_byte(&column[CONTAINER_COMPLETE], node.closed)
        put_int64(&column[CONTAINER_SPAN], code_point(s, node.start))
        put_int64(&column[CONTAINER_SPAN], code_point(s, node.end))
        store.containers += 1
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
    cdef Buffer* column = store.columns
    cdef int64_t each
    cdef Problem* problem
    sort_problems(s)
    for each in range(s.problem_count):
        problem = &s.problems[each]
        put_byte(&column[ISSUE_CODE], problem.code)
        put_int64(&column[ISSUE_SPAN], code_point(s, problem.start))
        put_int64(&column[ISSUE_SPAN], code_point(s, problem.end))
        put_byte(&column[ISSUE_RECOVERED], problem.recovered)
        if not write_detail(s, problem, &column[DETAIL_TEXT]):
            return False
        put_int64(&column[DETAIL_OFFSETS], column[DETAIL_TEXT].used)
    store.issues += s.problem_count
    return True


# -- from one store into another ---------------------------------------------------------------------------------------


cdef inline bint is_offsets(int name) noexcept nogil:
    """Whether a column counts from 0 and has one entry more than what it counts."""
    return name in (OFFSETS, ROW_OFFSETS, CONTAINER_OFFSETS, ISSUE_OFFSETS, DETAIL_OFFSETS)


cdef bint append_column(
    Store* store, int name, const char* data, int64_t size, const int32_t* numbers
) noexcept nogil:
    """Append one column; offsets count on from what is there, and mentions get their ``numbers`` here."""
    cdef Buffer* buffer = &store.columns[name]
    if not space_for(buffer, size):
        return False
    if is_offsets(name):
        append_offsets(buffer, <const int64_t*>data + 1, size // 8 - 1)  # the first is 0
    elif name == MENTION or name == CONTAINER_MENTION:
        append_numbers(buffer, <const int32_t*>data, size // 4, numbers)
    else:
        put_bytes(buffer, data, size)
    return True


cdef void append_offsets(Buffer* buffer, const int64_t* offsets, int64_t count) noexcept nogil:
    cdef int64_t base = (<int64_t*>(buffer.data + buffer.used))[-1]
    cdef int64_t* target = <int64_t*>claimed(buffer, 8 * count)
    cdef int64_t each
    for each in range(count):
        target[each] = offsets[each] + base


cdef void append_numbers(Buffer* buffer, const int32_t* there, int64_t count, const int32_t* here) noexcept nogil:
    cdef int32_t* target = <int32_t*>claimed(buffer, 4 * count)
    cdef int64_t each
    for each in range(count):
        target[each] = -1 if there[each] < 0 else here[there[each]]


cdef bint append_store(Store* store, Store* other) noexcept nogil:
    """Append all of another store; false where memory ran out."""
    cdef Mentions* m = &other.mentions
    cdef int32_t* numbers = <int32_t*>malloc(max(m.count, 1) * sizeof(int32_t))
    cdef int64_t start = 0, end
    cdef int32_t each
    cdef int name
    cdef bint done = numbers != NULL
    for each in range(m.count):
        if done:
            end = (<int64_t*>m.ends.data)[each]
            numbers[each] = intern(&store.mentions, <Bytes>m.text.data + start, end - start)
            done = numbers[each] >= 0
            start = end
    for name in range(BUFFERS):
        done = done and append_column(store, name, other.columns[name].data, other.columns[name].used, numbers)
    free(numbers)
    count_again(store)
    return done


cdef void clear_store(Store* store) noexcept nogil:
    """Empty, and ready to be filled again without new memory."""
    cdef int name
    for name in range(BUFFERS):
        store.columns[name].used = 8 if is_offsets(name) else 0
    store.mentions.text.used = store.mentions.ends.used = store.mentions.hashes.used = 0
    store.mentions.count = 0
    if store.mentions.slot_count:
        memset(store.mentions.slots, 0xFF, store.mentions.slot_count * sizeof(int32_t))  # all -1
    count_again(store)


cdef void count_again(Store* store) noexcept nogil:
    store.rows = store.columns[KIND].used
    store.vertices = store.columns[COORDS].used // 16
    store.containers = store.columns[CONTAINER_KIND].used
    store.issues = store.columns[ISSUE_CODE].used
