# Answers that were read → columns: one growing buffer each, and the mentions interned.

ctypedef struct Buffer:
    char* data
    int64_t used  # bytes
    int64_t space

ctypedef struct Mentions:
    # Every mention once, in order of first appearance; ``slots`` is an open-addressed hash table of their numbers.
    Buffer text
    Buffer ends  # int64, of each mention in ``text``
    Buffer hashes  # uint64
    int32_t* slots
    int64_t slot_count
    int32_t count

# In the order of the fields of ``columns.Columns``.
cdef enum:
    KIND
    MENTION
    T
    UNTIL
    ASSET_IDX
    TRACK_OF
    COLLECTION_OF
    OFFSETS
    COORDS
    SPAN
    ROW_OFFSETS
    CONTAINER_OFFSETS
    ISSUE_OFFSETS
    STATUS
    IS_TRUNCATED
    CONTAINER_KIND
    CONTAINER_MENTION
    CONTAINER_T
    CONTAINER_ASSET_IDX
    CONTAINER_COLLECTION
    CONTAINER_COMPLETE
    CONTAINER_SPAN
    ISSUE_CODE
    ISSUE_SPAN
    ISSUE_RECOVERED
    BUFFERS

ctypedef struct Store:
    Buffer[BUFFERS] columns
    Mentions mentions
    Buffer scratch  # a mention with its references read
    int64_t rows, vertices, containers, issues


cdef inline bint space_for(Buffer* buffer, int64_t more) noexcept nogil:
    return buffer.used + more <= buffer.space or room(
        <void**>&buffer.data, &buffer.space, buffer.used + more, 1
    )


cdef inline void put_int32(Buffer* buffer, int32_t value) noexcept nogil:
    (<int32_t*>(buffer.data + buffer.used))[0] = value
    buffer.used += 4


cdef inline void put_int64(Buffer* buffer, int64_t value) noexcept nogil:
    (<int64_t*>(buffer.data + buffer.used))[0] = value
    buffer.used += 8


cdef inline void put_double(Buffer* buffer, double value) noexcept nogil:
    (<double*>(buffer.data + buffer.used))[0] = value
    buffer.used += 8


cdef inline void put_byte(Buffer* buffer, uint8_t value) noexcept nogil:
    (<uint8_t*>(buffer.data + buffer.used))[0] = value
    buffer.used += 1


cdef inline char* claimed(Buffer* buffer, int64_t size) noexcept nogil:
    """The next bytes, for the caller to fill."""
    buffer.used += size
    return buffer.data + buffer.used - size


cdef inline void put_bytes(Buffer* buffer, const void* data, int64_t size) noexcept nogil:
    if size:  # an empty array may have no address
        memcpy(buffer.data + buffer.used, data, size)
        buffer.used += size


# -- mentions ----------------------------------------------------------------------------------------------------------

cdef uint64_t KEY[2]


cdef inline uint64_t rotated(uint64_t x, int bits) noexcept nogil:
    return (x << bits) | (x >> (64 - bits))


cdef inline void sip_round(uint64_t* v) noexcept nogil:
    v[0] += v[1]
    v[1] = rotated(v[1], 13) ^ v[0]
    v[0] = rotated(v[0], 32)
    v[2] += v[3]
    v[3] = rotated(v[3], 16) ^ v[2]
    v[0] += v[3]
    v[3] = rotated(v[3], 21) ^ v[0]
    v[2] += v[1]
    v[1] = rotated(v[1], 17) ^ v[2]
    v[2] = rotated(v[2], 32)


cdef uint64_t keyed_hash(Bytes data, int64_t size) noexcept nogil:
    """SipHash-1-3 (Aumasson and Bernstein, 2012) under this process's key: nobody can write mentions that collide."""
    cdef uint64_t[4] v
    cdef uint64_t word
    cdef int64_t at = 0
    v[0] = KEY[0] ^ 0x736F6D6570736575U
    v[1] = KEY[1] ^ 0x646F72616E646F6DU
    v[2] = KEY[0] ^ 0x6C7967656E657261U
    v[3] = KEY[1] ^ 0x7465646279746573U
    while size - at >= 8:
        memcpy(&word, data + at, 8)
        v[3] ^= word
        sip_round(v)
        v[0] ^= word
        at += 8
    word = <uint64_t>size << 56
    memcpy(&word, data + at, size - at)
    v[3] ^= word
    sip_round(v)
    v[0] ^= word
    v[2] ^= 0xFF
    sip_round(v)
    sip_round(v)
    sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


cdef bint widen(Mentions* m) noexcept nogil:
    """Twice as many slots."""
    cdef int64_t count = max(64, 2 * m.slot_count)
    cdef int32_t* slots = <int32_t*>malloc(count * sizeof(int32_t))
    cdef int64_t slot
    cdef int32_t each
    if slots == NULL:
        return False
    for slot in range(count):
        slots[slot] = -1
    for each in range(m.count):
        slot = (<uint64_t*>m.hashes.data)[each] & (count - 1)
        while slots[slot] >= 0:
            slot = (slot + 1) & (count - 1)
        slots[slot] = each
    free(m.slots)
    m.slots, m.slot_count = slots, count
    return True


cdef int32_t intern(Mentions* m, Bytes mention, int64_t size) noexcept nogil:
    """The number of a mention, a new one for one not seen before; -1 where memory ran out."""
    cdef uint64_t hashed
    cdef int64_t slot, start
    cdef int32_t each
    if 2 * m.count >= m.slot_count and not widen(m):
        return -1
    hashed = keyed_hash(mention, size)
    slot = hashed & (m.slot_count - 1)
    while m.slots[slot] >= 0:
        each = m.slots[slot]
        if (<uint64_t*>m.hashes.data)[each] == hashed:
            start = (<int64_t*>m.ends.data)[each - 1] if each else 0
            if (<int64_t*>m.ends.data)[each] - start == size and memcmp(m.text.data + start, mention, size) == 0:
                return each
        slot = (slot + 1) & (m.slot_count - 1)
    if not (space_for(&m.text, size) and space_for(&m.ends, 8) and space_for(&m.hashes, 8)):
        return -1
    put_bytes(&m.text, mention, size)
    put_int64(&m.ends, m.text.used)
    put_int64(&m.hashes, <int64_t>hashed)
    m.slots[slot] = m.count
    m.count += 1
    return m.count - 1


cdef int32_t mention_number(Store* store, Scan* s, Piece raw) noexcept nogil:
    cdef int64_t size = raw.end - raw.start
    if raw.start < 0:
        return -1
    if memchr(s.text + raw.start, c"&", size) == NULL:
        return intern(&store.mentions, s.text + raw.start, size)
    store.scratch.used = 0
    if not space_for(&store.scratch, size + 1):
        s.failed = True
        return -1
    size = unescape_into(s.text, raw, <uint8_t*>store.scratch.data)
    return intern(&store.mentions, <Bytes>store.scratch.data, size)


# -- an answer into the store ------------------------------------------------------------------------------------------


cdef bint space_for_answer(Store* store, Scan* s) noexcept nogil:
    cdef Buffer* column = store.columns
    cdef int64_t rows = s.row_count, nodes = s.node_count, issues = s.problem_count
    return (
        space_for(&column[KIND], rows)
        and space_for(&column[MENTION], 4 * rows)
        and space_for(&column[T], 8 * rows)
        and space_for(&column[UNTIL], 8 * rows)
        and space_for(&column[ASSET_IDX], 4 * rows)
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
    if s.node_count > s.row_count:
        commit_containers(store, s)
    put_byte(&column[STATUS], outcome(s))
    put_byte(&column[IS_TRUNCATED], s.truncated or cut)
    if s.problem_count:
        commit_issues(store, s)
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
    if one.start < 0 or other.start < 0:
        return one.start < 0 and other.start < 0
    return (
        one.end - one.start == other.end - other.start
        and memcmp(s.text + one.start, s.text + other.start, one.end - one.start) == 0
    )


cdef void commit_containers(Store* store, Scan* s) noexcept nogil:
    cdef Buffer* column = store.columns
    cdef int64_t each
    cdef Node* node
    for each in range(s.node_count):
        node = &s.nodes[each]
        if node.tag < TRACK or not node.valued:
            continue
        put_byte(&column[CONTAINER_KIND], node.tag - TRACK)
        put_int32(&column[CONTAINER_MENTION], mention_number(store, s, node.context.mention))
        put_double(&column[CONTAINER_T], node.context.t)
        put_int32(&column[CONTAINER_ASSET_IDX], node.context.asset_idx)
        put_int32(&column[CONTAINER_COLLECTION], -1 if node.collection < 0 else s.nodes[node.collection].index)
        put_byte(&column[CONTAINER_COMPLETE], node.closed)
        put_int64(&column[CONTAINER_SPAN], code_point(s, node.start))
        put_int64(&column[CONTAINER_SPAN], code_point(s, node.end))
        store.containers += 1


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
        if IS_ERROR[s.problems[each].code] and not s.problems[each].recovered:
            return PARTIAL if s.row_count else UNREADABLE
    return OK if s.row_count else EMPTY


cdef void commit_issues(Store* store, Scan* s) noexcept nogil:
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
    store.issues += s.problem_count


# -- from one store into another ---------------------------------------------------------------------------------------


cdef bint append_column(
    Store* store, int name, const char* data, int64_t size, const int32_t* numbers
) noexcept nogil:
    """Append one column; offsets count on from what is there, and mentions get their ``numbers`` here."""
    cdef Buffer* buffer = &store.columns[name]
    if not space_for(buffer, size):
        return False
    if name == OFFSETS or name == ROW_OFFSETS or name == CONTAINER_OFFSETS or name == ISSUE_OFFSETS:
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
        store.columns[name].used = (
            8 if name == OFFSETS or name == ROW_OFFSETS or name == CONTAINER_OFFSETS or name == ISSUE_OFFSETS else 0
        )
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


# -- handing out -------------------------------------------------------------------------------------------------------


cdef class Column:
    """The bytes of one column, which owns them; NumPy and Arrow read it without a copy."""

    cdef char* data
    cdef Py_ssize_t size

    def __cinit__(self):
        self.data = NULL

    def __dealloc__(self):
        free(self.data)

    def __getbuffer__(self, Py_buffer* view, int flags):
        PyBuffer_FillInfo(view, self, self.data, self.size, 1, flags)

    def __releasebuffer__(self, Py_buffer* view):
        pass


cdef Column handed_out(Buffer* buffer):
    cdef Column column = Column.__new__(Column)
    cdef char* fitting = <char*>realloc(buffer.data, max(buffer.used, 1))
    column.data = buffer.data if fitting == NULL else fitting
    column.size = buffer.used
    buffer.data = NULL
    buffer.used = buffer.space = 0
    if column.data == NULL:
        raise MemoryError
    return column


cdef bint open_store(Store* store) noexcept:
    """An empty store; false where memory ran out."""
    cdef int each
    memset(store, 0, sizeof(Store))
    for each in (OFFSETS, ROW_OFFSETS, CONTAINER_OFFSETS, ISSUE_OFFSETS):
        if not space_for(&store.columns[each], 8):
            return False
        put_int64(&store.columns[each], 0)
    return True


cdef void free_store(Store* store) noexcept nogil:
    cdef int each
    for each in range(BUFFERS):
        free(store.columns[each].data)
    free(store.mentions.text.data)
    free(store.mentions.ends.data)
    free(store.mentions.hashes.data)
    free(store.mentions.slots)
    free(store.scratch.data)
