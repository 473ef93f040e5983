# Growing buffers of bytes.

ctypedef struct Buffer:
    char* data
    int64_t used  # bytes
    int64_t space


cdef bint room(void** items, int64_t* capacity, int64_t needed, size_t size) noexcept nogil:
    """Whether there is room for ``needed`` items, made if there was not."""
    cdef int64_t larger
    cdef void* moved
    if needed <= capacity[0]:
        return True
    larger = max(2 * capacity[0], needed + 64)
    moved = realloc(items[0], larger * size)
    if moved == NULL:
        return False
    items[0] = moved
    capacity[0] = larger
    return True


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
