# The memory of columns.
#
# A page that is met for the first time costs the system a third of the time in which the scanner fills it, so a large
# column asks for large pages, as NumPy's arrays do.

cdef enum:
    # A column of so many bytes is large; an array is for NumPy, too.
    LARGE = 1 << 22
    LARGE_PAGE = 1 << 21

cdef extern from *:
    """
    #if defined(__linux__)
    #include <sys/mman.h>
    #endif
    #if defined(__linux__) && defined(MADV_HUGEPAGE)
    static void* in_large_pages(size_t size, size_t page) {
        void* memory = NULL;
        if (posix_memalign(&memory, page, size)) return NULL;
        madvise(memory, size, MADV_HUGEPAGE);
        return memory;
    }
    #else
    #define in_large_pages(size, page) NULL
    #endif
    """
    void* in_large_pages(size_t, size_t) noexcept nogil


cdef char* resized(char* data, int64_t used, int64_t size) noexcept nogil:
    """Memory with what is in the first ``used`` bytes of ``data``, which is freed; NULL, and nothing is freed, where
    memory ran out."""
    cdef char* moved = NULL
    if size >= LARGE:
        moved = <char*>in_large_pages(size, LARGE_PAGE)
    if moved == NULL:
        return <char*>realloc(data, size)
    if data != NULL:
        memcpy(moved, data, used)
    free(data)
    return moved
