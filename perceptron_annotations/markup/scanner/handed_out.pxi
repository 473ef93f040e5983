# Columns that were read → objects that own them, and back to memory for the next ones. All of it under the GIL.

cdef enum:
    # What is kept of the memory that was given back, in all: the columns of some ten thousand answers.
    MOST_SPARE = 1 << 25
    # As much more than it fills a column may always hold.
    LITTLE = 1 << 12

#: Memory that a column was given back in; pages that are there already cost a fraction of new ones.
cdef Buffer[BUFFERS] SPARE
cdef int64_t spare_bytes = 0


cdef void take_back(int name, char* data, int64_t space) noexcept:
    """Keep the memory of a column for the next one, or free it."""
    global spare_bytes
    cdef Buffer* kept = &SPARE[name]
    if space <= kept.space or spare_bytes - kept.space + space > MOST_SPARE:
        free(data)
        return
    free(kept.data)
    spare_bytes += space - kept.space
    kept.data, kept.space = data, space


cdef bint open_store(Store* store) noexcept:
    """An empty store; false where memory ran out."""
    global spare_bytes
    cdef int name, measure
    memset(store, 0, sizeof(Store))
    for measure in range(MEASURES):
        store.rooms[measure] = MOST_SPARE
    for name in range(BUFFERS):
        store.columns[name] = SPARE[name].data
        store.rooms[MEASURE[name]] = min(store.rooms[MEASURE[name]], SPARE[name].space // ENTRY_BYTES[name] - FROM_ZERO[name])
        spare_bytes -= SPARE[name].space
        memset(&SPARE[name], 0, sizeof(Buffer))
    for measure in range(MEASURES):
        store.rooms[measure] = max(store.rooms[measure], 0)
        if not store.rooms[measure] and not widen_columns(store, measure, 0):
            return False
    for name in range(BUFFERS):
        if FROM_ZERO[name]:
            (<int64_t*>store.columns[name])[0] = 0
    return True


cdef void free_store(Store* store) noexcept:
    cdef int name
    for name in range(BUFFERS):
        if store.columns[name] != NULL:
            take_back(name, store.columns[name], bytes_for(name, store.rooms[MEASURE[name]]))
    free(store.mentions.text.data)
    free(store.mentions.ends.data)
    free(store.mentions.hashes.data)
    free(store.mentions.slots)


cdef class Column:
    """The bytes of one column, which owns them; NumPy and Arrow read it without a copy."""

    cdef int name
    cdef char* data
    cdef Py_ssize_t size
    cdef int64_t space

    def __cinit__(self):
        self.data = NULL

    def __dealloc__(self):
        take_back(self.name, self.data, self.space)

    def __getbuffer__(self, Py_buffer* view, int flags):
        PyBuffer_FillInfo(view, self, self.data, self.size, 1, flags)

    def __releasebuffer__(self, Py_buffer* view):
        pass


cdef Column handed_out(Store* store, int name):
    """A column, without much more memory than it fills; the store has none of it any more."""
    cdef Column column = Column.__new__(Column)
    cdef int measure = MEASURE[name]
    cdef int64_t size = bytes_for(name, store.counts[measure]), space = bytes_for(name, store.rooms[measure])
    if space > 2 * size + LITTLE:
        fit(&store.columns[name], size, &space)
    column.name = name
    column.data, column.size, column.space = store.columns[name], size, space
    store.columns[name] = NULL
    return column


cdef void fit(char** data, int64_t size, int64_t* space) noexcept:
    """Give back what is not used, as far as the system takes it."""
    cdef int64_t wanted = max(size, 1)
    cdef char* fitting = <char*>realloc(data[0], wanted)
    if fitting != NULL:
        data[0], space[0] = fitting, wanted
