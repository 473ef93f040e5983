# cython: language_level=3, boundscheck=False, cdivision=True, initializedcheck=False
# cython: infer_types=False, binding=True, embedsignature=False
"""Rows of text from columns, compiled: every row has the same parts, and they are written without the GIL.

A writer of a format says the parts once, and nothing is made for a single row: neither an object nor a piece of text.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy, memset, strlen

include "shortest_numbers.pxi"

cdef enum PartKind:
    TEXT
    INTEGERS
    NUMBERS
    TEXTS
    LISTS
    ONLY  # skip the parts up to ``next`` in rows for which the column has 0

cdef enum:
    MOST_PARTS = 48
    MOST_VIEWS = 3 * MOST_PARTS
    ROOM = 1 << 16  # the least that a buffer grows

ctypedef struct Part:
    PartKind kind
    const void* data  # the text, or a column with an entry for each row
    int64_t size  # of a text
    const int64_t* offsets  # of texts and of lists: where each begins and ends
    int64_t offset_count
    const void* items  # what the offsets count: bytes, or doubles
    int64_t item_count
    int next


def runs(tuple values, rows, numbers):
    """The values of some rows, without each that is the same object as the one before it.

    ``rows`` are places in ``values``; ``numbers`` gets for each of them the place of its value among those returned.
    Both are int64.
    """
    cdef Py_buffer places, found
    cdef int64_t each, place, count = len(values)
    cdef list distinct = []
    last = None
    PyObject_GetBuffer(rows, &places, PyBUF_SIMPLE)
    PyObject_GetBuffer(numbers, &found, PyBUF_WRITABLE)
    try:
        if found.len < places.len:
            raise ValueError("there is no room for the numbers")
        for each in range(places.len // 8):
            place = (<const int64_t*>places.buf)[each]
            if not 0 <= place < count:
                raise IndexError("there is no such row")
            value = values[place]
            if value is not last or each == 0:
                distinct.append(value)
                last = value
            (<int64_t*>found.buf)[each] = len(distinct) - 1
    finally:
        PyBuffer_Release(&places)
        PyBuffer_Release(&found)
    return distinct


cdef class Rows:
    """Writes ``count`` rows, whose parts are added first. Columns are arrays without gaps, of the types named.

    Numbers are written as msgspec does in JSON, or ``as_python`` does by ``repr``, and lists with a ``separator``.
    """

    cdef Part[MOST_PARTS] parts
    cdef Py_buffer[MOST_VIEWS] views
    cdef int part_count, view_count
    cdef list open_parts
    cdef int64_t count
    cdef bint as_python
    cdef char separator
    cdef char* data
    cdef int64_t used, space

    def __cinit__(self, int64_t count, *, bint as_python=False, bytes separator=b","):
        self.count = count
        self.as_python = as_python
        self.separator = (<const char*>separator)[0]
        self.open_parts = []

    def __dealloc__(self):
        cdef int each
        for each in range(self.view_count):
            PyBuffer_Release(&self.views[each])
        free(self.data)

    # -- parts -------------------------------------------------------------------------------------------------------

    def text(self, bytes text):
        """The same in every row."""
        cdef Part* part = self.new_part(TEXT)
        part.data = self.viewed(text, 0)
        part.size = len(text)

    def integers(self, column):
        """An int64 column."""
        self.new_part(INTEGERS).data = self.viewed(column, 8 * self.count)

    def numbers(self, column):
        """A float64 column."""
        self.new_part(NUMBERS).data = self.viewed(column, 8 * self.count)

    def texts(self, texts, offsets, column):
        """Text ``i`` is ``texts[offsets[i] : offsets[i + 1]]``; the int64 column has the ``i`` of each row."""
        self.ragged(TEXTS, texts, 1, offsets, column)

    def lists(self, numbers, offsets, column):
        """The like with lists of float64 numbers, without brackets."""
        self.ragged(LISTS, numbers, 8, offsets, column)

    def begin(self, column):
        """What follows, up to :meth:`end`, is in the rows for which a bool column is true."""
        self.new_part(ONLY).data = self.viewed(column, self.count)
        self.open_parts.append(self.part_count - 1)

    def end(self):
        """See :meth:`begin`."""
        self.parts[<int>self.open_parts.pop()].next = self.part_count

    cdef Part* new_part(self, PartKind kind) except NULL:
        if self.part_count == MOST_PARTS:
            raise ValueError("a row has too many parts")
        self.part_count += 1
        self.parts[self.part_count - 1].kind = kind
        return &self.parts[self.part_count - 1]

    cdef int ragged(self, PartKind kind, items, int64_t size, offsets, column) except -1:
        cdef Part* part = self.new_part(kind)
        part.items = self.viewed(items, 0)
        part.item_count = self.views[self.view_count - 1].len // size
        part.offsets = <const int64_t*>self.viewed(offsets, 0)
        part.offset_count = self.views[self.view_count - 1].len // 8
        part.data = self.viewed(column, 8 * self.count)
        return 0

    cdef const void* viewed(self, array, int64_t least) except? NULL:
        """The memory of an array, which stays as long as this does."""
        PyObject_GetBuffer(array, &self.views[self.view_count], PyBUF_SIMPLE)
        self.view_count += 1
        if self.views[self.view_count - 1].len < least:
            raise ValueError("a column is too short")
        return self.views[self.view_count - 1].buf

    # -- rows --------------------------------------------------------------------------------------------------------

    def written(self, int64_t start, int64_t stop, ends=None):
        """The rows from ``start`` to before ``stop``. ``ends``, int64, gets where each of them ends in the text."""
        cdef Py_buffer view
        cdef int64_t* row_ends = NULL
        cdef int64_t row
        cdef bint is_sound = True
        if not 0 <= start <= stop <= self.count or self.open_parts:
            raise ValueError("there are no such rows")
        if ends is not None:
            PyObject_GetBuffer(ends, &view, PyBUF_WRITABLE)
            if view.len < 8 * (stop - start):
                PyBuffer_Release(&view)
                raise ValueError("there is no room for the ends of the rows")
            row_ends = <int64_t*>view.buf
        self.used = 0
        with nogil:
            for row in range(start, stop):
                if not self.write_row(row):
                    is_sound = False
                    break
                if row_ends != NULL:
                    row_ends[row - start] = self.used
        if ends is not None:
            PyBuffer_Release(&view)
        if not is_sound:
            raise ValueError("a text or a list is beyond the end, or memory ran out")
        return PyBytes_FromStringAndSize(self.data, self.used)

    cdef bint write_row(self, int64_t row) noexcept nogil:
        """Append a row; false if a part of it does not exist, or if memory ran out."""
        cdef Part* part
        cdef int at = 0
        while at < self.part_count:
            part = &self.parts[at]
            at += 1
            if part.kind == TEXT:
                if not self.put(part.data, part.size):
                    return False
            elif part.kind == NUMBERS:
                if not self.has_room(LONGEST_NUMBER):
                    return False
                self.used += put_number(self.data + self.used, (<const double*>part.data)[row], self.as_python)
            elif part.kind == INTEGERS:
                if not self.has_room(LONGEST_NUMBER):
                    return False
                self.used += put_integer(self.data + self.used, (<const int64_t*>part.data)[row])
            elif part.kind == ONLY:
                if not (<const uint8_t*>part.data)[row]:
                    at = part.next
            elif not self.put_ragged(part, (<const int64_t*>part.data)[row]):
                return False
        return True

    cdef bint put_ragged(self, Part* part, int64_t index) noexcept nogil:
        cdef const double* numbers = <const double*>part.items
        cdef int64_t start, stop, each
        if not 0 <= index < part.offset_count - 1:
            return False
        start, stop = part.offsets[index], part.offsets[index + 1]
        if not 0 <= start <= stop <= part.item_count:
            return False
        if part.kind == TEXTS:
            return self.put(<const char*>part.items + start, stop - start)
        if not self.has_room((stop - start) * LONGEST_NUMBER):
            return False
        for each in range(start, stop):
            if each > start:
                self.data[self.used] = self.separator
                self.used += 1
            self.used += put_number(self.data + self.used, numbers[each], self.as_python)
        return True

    cdef inline bint put(self, const void* text, int64_t size) noexcept nogil:
        if not self.has_room(size):
            return False
        if size:
            memcpy(self.data + self.used, text, size)
            self.used += size
        return True

    cdef inline bint has_room(self, int64_t more) noexcept nogil:
        cdef void* moved
        if self.used + more <= self.space:
            return True
        moved = realloc(self.data, 2 * self.space + more + ROOM)
        if moved == NULL:
            return False
        self.data = <char*>moved
        self.space = 2 * self.space + more + ROOM
        return True
