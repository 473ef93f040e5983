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
    cdef int each
    memset(store, 0, sizeof(Store))
    for each in range(BUFFERS):
        store.columns[each] = SPARE[each]
        spare_bytes -= SPARE[each].space
        memset(&SPARE[each], 0, sizeof(Buffer))
    for each in range(BUFFERS):
        if is_offsets(each):
            if not space_for(&store.columns[each], 8):
                return False
            put_int64(&store.columns[each], 0)
    return True


cdef void free_store(Store* store) noexcept:
    cdef int each
    for each in range(BUFFERS):
        take_back(each, store.columns[each].data, store.columns[each].space)
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


cdef Column handed_out(int name, Buffer* buffer):
    """The column, without much more memory than it fills."""
    cdef Column column = Column.__new__(Column)
    if (buffer.data == NULL or buffer.space > 2 * buffer.used + LITTLE) and not fit(buffer):
        raise MemoryError
    column.name = name
    column.data, column.size, column.space = buffer.data, buffer.used, buffer.space
    memset(buffer, 0, sizeof(Buffer))
    return column


cdef bint fit(Buffer* buffer) noexcept:
    """Give back what is not used; false where memory ran out."""
    cdef int64_t wanted = max(buffer.used, 1)
    cdef char* fitting = <char*>realloc(buffer.data, wanted)
    if fitting != NULL:
        buffer.data, buffer.space = fitting, wanted
    return buffer.data != NULL
