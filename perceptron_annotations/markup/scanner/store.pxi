# The columns of many answers, which grow together by what they have entries for, and the mentions interned.

# In the order of the fields of ``columns.Columns``.
cdef enum:
    ANSWER_OF
    KIND
    MENTION
    T
    UNTIL
    ASSET_IDX
    SCORE
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
    DETAIL_OFFSETS
    DETAIL_TEXT
    BUFFERS

# What a column has an entry for.
cdef enum:
    ROWS
    PAIRS
    ANSWERS
    CONTAINERS
    ISSUES
    LETTERS  # of the details, in bytes
    MEASURES

ctypedef struct Store:
    char* columns[BUFFERS]
    int64_t[MEASURES] counts
    int64_t[MEASURES] rooms  # for so many there is memory, in every column that has entries for them
    Mentions mentions

#: For each column: what it has an entry for, how many bytes, and 1 if it has an entry more, as it counts from 0.
cdef int[BUFFERS] MEASURE
cdef int64_t[BUFFERS] ENTRY_BYTES
cdef int64_t[BUFFERS] FROM_ZERO


cdef void describe(int measure, widths) except *:
    """Enter columns that have an entry for the same."""
    cdef int name
    for name, width in widths.items():
        MEASURE[name], ENTRY_BYTES[name] = measure, width
        FROM_ZERO[name] = name in (OFFSETS, ROW_OFFSETS, CONTAINER_OFFSETS, ISSUE_OFFSETS, DETAIL_OFFSETS)


describe(ROWS, {ANSWER_OF: 8, KIND: 1, MENTION: 4, T: 8, UNTIL: 8, ASSET_IDX: 4, SCORE: 8})
describe(ROWS, {TRACK_OF: 4, COLLECTION_OF: 4, OFFSETS: 8, SPAN: 16})
describe(PAIRS, {COORDS: 16})
describe(ANSWERS, {ROW_OFFSETS: 8, CONTAINER_OFFSETS: 8, ISSUE_OFFSETS: 8, STATUS: 1, IS_TRUNCATED: 1})
describe(CONTAINERS, {CONTAINER_KIND: 1, CONTAINER_MENTION: 4, CONTAINER_T: 8, CONTAINER_ASSET_IDX: 4})
describe(CONTAINERS, {CONTAINER_COLLECTION: 4, CONTAINER_COMPLETE: 1, CONTAINER_SPAN: 16})
describe(ISSUES, {ISSUE_CODE: 1, ISSUE_SPAN: 16, ISSUE_RECOVERED: 1, DETAIL_OFFSETS: 8})
describe(LETTERS, {DETAIL_TEXT: 1})


cdef inline int64_t bytes_for(int name, int64_t entries) noexcept nogil:
    """The bytes of a column with so many entries."""
    return (entries + FROM_ZERO[name]) * ENTRY_BYTES[name]


cdef inline bint has_room(Store* store, int measure, int64_t more) noexcept nogil:
    """Whether all columns have room for ``more`` entries, made if they had not: one look for all of them."""
    return store.counts[measure] + more <= store.rooms[measure] or widen_columns(
        store, measure, store.counts[measure] + more
    )


cdef bint widen_columns(Store* store, int measure, int64_t needed) noexcept nogil:
    cdef int64_t entries = max(2 * store.rooms[measure], needed + 64)
    cdef int name
    cdef char* moved
    for name in range(BUFFERS):
        if MEASURE[name] == measure:
            moved = resized(store.columns[name], bytes_for(name, store.counts[measure]), bytes_for(name, entries))
            if moved == NULL:
                return False
            store.columns[name] = moved
    store.rooms[measure] = entries
    return True


cdef void expect(Store* store, int64_t more) noexcept nogil:
    """Make room for ``more`` answers like those that are there, so that no column moves again and again as it grows;
    if there is not so much memory, they may still need less."""
    cdef int measure
    for measure in range(MEASURES):
        has_room(store, measure, <int64_t>(1.1 * store.counts[measure] / store.counts[ANSWERS] * more))


cdef bint append_store(Store* store, Store* other, const int32_t* numbers) noexcept nogil:
    """Append all of another store, whose mentions have these ``numbers`` here; false where memory ran out."""
    cdef int measure, name
    for measure in range(MEASURES):
        if not has_room(store, measure, other.counts[measure]):
            return False
    for name in range(BUFFERS):
        append_column(store, name, other.columns[name], other.counts[MEASURE[name]], numbers)
    for measure in range(MEASURES):
        store.counts[measure] += other.counts[measure]
    return True


cdef bint append_read(Store* store, Store* other) noexcept nogil:
    """Append all of another store, its mentions too; false where memory ran out."""
    cdef Mentions* m = &other.mentions
    cdef int32_t* numbers = <int32_t*>malloc(max(m.count, 1) * sizeof(int32_t))
    cdef int64_t start = 0, end
    cdef int32_t each
    cdef bint done = numbers != NULL
    for each in range(m.count):
        if done:
            end = (<int64_t*>m.ends.data)[each]
            numbers[each] = intern(&store.mentions, <Bytes>m.text.data + start, end - start)
            done = numbers[each] >= 0
            start = end
    done = done and append_store(store, other, numbers)
    free(numbers)
    return done


cdef void append_column(
    Store* store, int name, const char* data, int64_t count, const int32_t* numbers
) noexcept nogil:
    """Append a column; answers and offsets are counted on from what is there."""
    cdef char* target = store.columns[name] + bytes_for(name, store.counts[MEASURE[name]])
    if name == ANSWER_OF:
        count_on(<int64_t*>target, <const int64_t*>data, count, store.counts[ANSWERS])
    elif FROM_ZERO[name]:
        count_on(<int64_t*>target, <const int64_t*>data + 1, count, (<int64_t*>target)[-1])
    elif name == MENTION or name == CONTAINER_MENTION:
        append_numbers(<int32_t*>target, <const int32_t*>data, count, numbers)
    elif count:  # an empty column may have no address
        memcpy(target, data, count * ENTRY_BYTES[name])


cdef void count_on(int64_t* target, const int64_t* numbers, int64_t count, int64_t base) noexcept nogil:
    cdef int64_t each
    for each in range(count):
        target[each] = numbers[each] + base


cdef void append_numbers(int32_t* target, const int32_t* there, int64_t count, const int32_t* here) noexcept nogil:
    cdef int64_t each
    for each in range(count):
        target[each] = -1 if there[each] < 0 else here[there[each]]


cdef void clear_store(Store* store) noexcept nogil:
    """Empty, and ready to be filled again without new memory."""
    memset(store.counts, 0, sizeof(store.counts))
    store.mentions.text.used = store.mentions.ends.used = store.mentions.hashes.used = 0
    store.mentions.count = 0
    if store.mentions.slot_count:
        memset(store.mentions.slots, 0xFF, store.mentions.slot_count * sizeof(int32_t))  # all -1
