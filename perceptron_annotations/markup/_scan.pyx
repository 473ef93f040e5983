# cython: language_level=3, boundscheck=False, cdivision=True, initializedcheck=False
# cython: infer_types=False, binding=True, embedsignature=False
r"""The compiled scanner: answers as UTF-8 → columns, or the Document of one answer.

It reads the grammar of ``grammar.py`` byte by byte, in one pass and without the GIL, and gives what the pure parser
gives, in every field and issue. What it cannot decide it says so, and the pure parser takes that answer whole:

- ``other_form``: JSON of our own schema and the second form of Mk1, if all of the answer is that, and outside lenient
  mode any answer without an element that may be in another form;
- ``foreign_digit``: coordinates of more than fifteen digits beyond ASCII;
- ``foreign_time``: digits or spaces beyond ASCII, or the long s, in a time, an index or a score;
- ``reference_in_number``: character references other than the usual few in one of those;
- ``many_attributes``: more than 16 attributes without a meaning in one tag;
- ``refused``: special tokens and reasoning, if the caller wants them set apart.

``scanner/`` holds it in the order of its pipeline: ``buffers``, ``memory``, ``chars``, ``state``, ``classes`` and
``places``; ``tags``, ``attributes``, ``bodies``, ``plain``, ``elements``, ``tree``, ``unpaired`` and ``other_forms``,
which read an answer into arrays that are used again for the next one; ``details``, ``mentions``, ``store``, ``columns``
and ``handed_out``, or ``structs``, ``values`` and ``objects``, which give it away. ``json_values``, ``line_fields`` and
``line_scanner`` find the answers in lines of recordings, so that a file is read in one pass too. ``json_boxes`` reads
answers of other models in JSON, if they are plain boxes. A state belongs to one
call or one thread; the hash of mentions has a key of its own in every process.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.object cimport Py_TYPE, PyObject, PyTypeObject
from cpython.ref cimport Py_INCREF, Py_XDECREF, Py_XINCREF
from libc.math cimport INFINITY, NAN
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, qsort, realloc
from libc.string cimport memchr, memcmp, memcpy, memset, strlen

import os

from ..frames import Frame
from ..geometry import Box, Clip, Collection, Point, Polygon, Track
from ..issues import CATALOG, Issue, IssueCode, Severity, Span, reading_rank
from .attributes import unescape
from .columns import Columns
from .foreign import ForeignFamily
from .document import Document, Mode
from .other_forms import find_other_form
from .nodes import Element, Outside, Text

ctypedef const uint8_t* Bytes

cdef extern from "Python.h":
    int Py_tp_alloc
    void* PyType_GetSlot(PyTypeObject*, int)
    const char* PyUnicode_AsUTF8AndSize(object, Py_ssize_t*) except NULL
    void PyErr_SetInterrupt()
    object PyUnicode_DecodeUTF8(const char*, Py_ssize_t, const char*)
    Py_ssize_t PyUnicode_GetLength(object) except -1
    tuple PyTuple_New(Py_ssize_t)
    int PyTuple_SetItem(PyObject*, Py_ssize_t, object) except -1
    int PyBuffer_FillInfo(Py_buffer*, object, void*, Py_ssize_t, int, int) except -1

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define fetch_early(address) __builtin_prefetch(address)
    #define lowest_bit(word) __builtin_ctzll(word)
    #else
    #define fetch_early(address) ((void)(address))
    static int lowest_bit(uint64_t word) {
        int bit = 0;
        for (; !(word & 1); word >>= 1) bit++;
        return bit;
    }
    #endif
    #if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    #define lowest_first(word) __builtin_bswap64(word)
    #else
    #define lowest_first(word) (word)
    #endif
    """
    void fetch_early(const void*) noexcept nogil
    int lowest_bit(uint64_t) noexcept nogil  # the place of the lowest bit that is set, of a word that is not 0
    uint64_t lowest_first(uint64_t) noexcept nogil  # a word from memory, its first byte the lowest

cdef const char* SURROGATES = "surrogatepass"

# What the issue codes mean, by their number.
cdef list CODE_NAMES = list(IssueCode)
cdef bint IS_ERROR[64]
cdef int RANK[64]

cdef object LENIENT = Mode.LENIENT
cdef object SALVAGE = Mode.SALVAGE

# The outcomes, in the order of ``document.Status``.
cdef enum:
    EMPTY
    OK
    PARTIAL
    UNREADABLE

include "scanner/buffers.pxi"
include "scanner/memory.pxi"
include "scanner/chars.pxi"
include "scanner/state.pxi"
include "scanner/classes.pxi"
include "scanner/places.pxi"
include "scanner/tags.pxi"
include "scanner/attributes.pxi"
include "scanner/bodies.pxi"
include "scanner/plain.pxi"
include "scanner/elements.pxi"
include "scanner/tree.pxi"
include "scanner/unpaired.pxi"
include "scanner/other_forms.pxi"
include "scanner/details.pxi"
include "scanner/mentions.pxi"
include "scanner/store.pxi"
include "scanner/columns.pxi"
include "scanner/handed_out.pxi"
include "scanner/structs.pxi"
include "scanner/values.pxi"
include "scanner/objects.pxi"
include "scanner/json_values.pxi"
include "scanner/line_fields.pxi"


cdef enum:
    # Answers between two looks at the GIL; their texts are held, and nothing else of them.
    BLOCK = 256
    # A state that has grown beyond this is not kept for the next answer.
    KEPT_BYTES = 1 << 20
    FETCHED = 4096
    CACHE_LINE = 64


cdef inline void fetch_text(Bytes text, int64_t size) noexcept nogil:
    """Ask for the first lines of the cache that hold a text."""
    cdef int64_t at = 0
    while at < size and at < FETCHED:
        fetch_early(text + at)
        at += CACHE_LINE


cdef class State:
    """A Scan that is freed with its owner, and what makes objects of it."""

    cdef Scan scan
    cdef Reading reading
    cdef State next

    def __cinit__(self):
        memset(&self.scan, 0, sizeof(Scan))
        self.reading = Reading.__new__(Reading)

    def __dealloc__(self):
        free_scan(&self.scan)


cdef void read_catalog() except *:
    cdef int code
    if [code.name for code in CODE_NAMES] != ISSUE_NAMES:
        raise ImportError("the compiled scanner was built from another version: build it again")
    for code in range(CODES):
        IS_ERROR[code] = CATALOG[CODE_NAMES[code]].severity is Severity.ERROR
        RANK[code] = reading_rank(CODE_NAMES[code])


cdef void draw_key() except *:
    cdef bytes drawn = os.urandom(16)
    memcpy(KEY, <const char*>drawn, 16)


read_catalog()
draw_key()


#: The first of the states that wait for an answer; each knows the next. Taking and giving back happens under the GIL.
cdef State idle = None


def read(str source, mode, int64_t start=0, int64_t end=-1, bint cut=False):
    """The Document of the answer ``start … end`` of ``source``, of all of it by default; ``cut`` says that the service
    cut it off.

    None if the pure parser has to read it: what is not decided here, and in a mode other than lenient what has an
    error, or in salvage mode a special token. Without them the three modes give the same.
    """
    global idle
    cdef Py_ssize_t size
    cdef const char* utf8
    cdef State state = idle
    cdef str text = source
    cdef bytes encoded
    cdef Scan* s
    if end < 0:
        end = PyUnicode_GetLength(source)
    elif start > 0 or end < PyUnicode_GetLength(source):
        text = source[start:end]
    utf8 = as_utf8(text, &size)
    if utf8 == NULL:
        encoded = text.encode("utf-8", "surrogatepass")
        utf8, size = encoded, len(encoded)
    if state is None:
        state = State()
    idle = state.next
    s = &state.scan
    s.looks_for_forms = mode is LENIENT
    s.refuses_specials = mode is SALVAGE
    found = None
    if scan(s, <Bytes>utf8, size, end - start == size):
        if mode is LENIENT or not has_error(s):
            if not count_points(s):
                raise MemoryError
            found = state.reading.document(s, source, start, end, mode, cut)
    elif s.failed:
        raise MemoryError
    if held_bytes(s) <= KEPT_BYTES:
        state.next = idle
        idle = state
    return found


cdef const char* as_utf8(str text, Py_ssize_t* size) except? NULL:
    """The UTF-8 of a text; NULL if it has lone surrogates."""
    try:
        return PyUnicode_AsUTF8AndSize(text, size)
    except UnicodeEncodeError:
        return NULL


def reason(str text):
    """Why the pure parser has to read an answer, whatever the mode; ``"decided"`` if it need not."""
    cdef State state = State()
    cdef bytes encoded = text.encode("utf-8", "surrogatepass")
    state.scan.looks_for_forms = True
    scan(&state.scan, <Bytes><const char*>encoded, len(encoded), len(encoded) == len(text))
    return REASON_NAMES[state.scan.undecided]


cdef bint has_error(Scan* s) noexcept nogil:
    cdef int64_t each
    for each in range(s.problem_count):
        if IS_ERROR[s.problems[each].code]:
            return True
    return False


cdef class Scanner:
    """Reads many answers into columns. One thread at a time may use it; several may run side by side."""

    cdef State state
    cdef Store store
    cdef bint refuses_errors
    cdef object read_purely

    def __cinit__(self, read_purely, *, bint refuses_errors=False, bint refuses_specials=False, bint refuses_thoughts=False):
        """``read_purely(index)`` gives the Columns of one answer of the list that is fed. It takes what is not decided
        here, and what is refused: answers with an error, with ``<|``, with ``<think>`` or ``</think>``.
        """
        if not open_store(&self.store):
            raise MemoryError
        self.state = State()
        self.refuses_errors = refuses_errors
        self.state.scan.looks_for_forms = not refuses_errors
        self.state.scan.refuses_specials = refuses_specials
        self.state.scan.refuses_thoughts = refuses_thoughts
        self.read_purely = read_purely

    def __dealloc__(self):
        free_store(&self.store)

    def feed(self, list texts, cuts=None):
        """Append the answers ``texts``; ``cuts`` says which the service cut off."""
        cdef Bytes[BLOCK] utf8
        cdef int64_t[BLOCK] sizes
        cdef bint[BLOCK] ascii
        cdef bint[BLOCK] cut
        cdef Py_ssize_t size
        cdef int64_t first, at, count
        cdef bytes encoded
        for first in range(0, len(texts), BLOCK):
            if first == BLOCK:
                self.expect(len(texts) - first)
            block = texts[first : first + BLOCK]  # holds the texts
            held = []
            count = len(block)
            for at in range(count):
                text = block[at]
                if not isinstance(text, str):
                    raise TypeError(f"texts must be str, but number {first + at} is {type(text).__name__}")
                try:
                    utf8[at] = <Bytes>PyUnicode_AsUTF8AndSize(text, &size)
                except UnicodeEncodeError:
                    encoded = text.encode("utf-8", "surrogatepass")
                    held.append(encoded)
                    utf8[at], size = <Bytes><const char*>encoded, len(encoded)
                sizes[at] = size
                ascii[at] = PyUnicode_GetLength(text) == size
                cut[at] = cuts is not None and cuts[first + at]
            self.prepare(first, count)
            at = 0
            while at < count:
                with nogil:
                    while at < count and self.take(utf8[at], sizes[at], ascii[at], cut[at], at):
                        at += 1
                        if at + 1 < count:
                            fetch_text(utf8[at + 1], sizes[at + 1])
                if self.state.scan.failed:
                    raise MemoryError
                if at < count:
                    self.append(self.read_purely(first + at))
                    at += 1

    cdef int prepare(self, int64_t first, int64_t count) except -1:
        """Look at some answers of the list that is fed before they are taken."""
        return 0

    cdef bint take(self, Bytes utf8, int64_t size, bint ascii, bint cut, int64_t place) noexcept nogil:
        """Read and append one answer, of which ``place`` is the place among those prepared; false where the pure
        parser has to."""
        cdef Scan* s = &self.state.scan
        if not scan(s, utf8, size, ascii) or (self.refuses_errors and has_error(s)):
            return False
        if not commit(&self.store, s, cut):
            s.failed = True
            return False
        return True

    cdef int append(self, columns) except -1:
        """Append what the pure parser read."""
        cdef list mentions = columns.mentions
        cdef int32_t* numbers = <int32_t*>malloc(max(len(mentions), 1) * sizeof(int32_t))
        if numbers == NULL:
            raise MemoryError
        try:
            for at, mention in enumerate(mentions):
                numbers[<Py_ssize_t>at] = self.number_of(mention)
            append_buffers(&self.store, columns, numbers)
        finally:
            free(numbers)
        return 0

    def absorb(self, Scanner other):
        """Append what ``other`` has read, which is then empty and may read on."""
        cdef bint done
        with nogil:
            done = append_read(&self.store, &other.store)
        if not done:
            raise MemoryError
        clear_store(&other.store)

    def expect(self, int64_t more):
        """Make room for ``more`` answers like those that were read."""
        if self.store.counts[ANSWERS]:
            expect(&self.store, more)

    cdef int32_t number_of(self, str mention) except -1:
        cdef bytes encoded = mention.encode("utf-8", "surrogatepass")
        cdef int32_t number = intern(&self.store.mentions, <Bytes><const char*>encoded, len(encoded))
        if number < 0:
            raise MemoryError
        return number

    def columns(self):
        """All that was read. The scanner gives it away and must not be used again."""
        cdef int name
        mentions = self.mentions()
        return Columns(*[handed_out(&self.store, name) for name in range(BUFFERS)], mentions)

    cdef list mentions(self):
        cdef Mentions* m = &self.store.mentions
        cdef int64_t start = 0
        cdef int32_t each
        found = []
        for each in range(m.count):
            end = (<int64_t*>m.ends.data)[each]
            found.append(PyUnicode_DecodeUTF8(m.text.data + start, end - start, "surrogatepass"))
            start = end
        return found


cdef int append_buffers(Store* store, columns, const int32_t* numbers) except -1:
    """Append columns that any objects hold."""
    cdef Store other
    cdef Py_buffer[BUFFERS] views
    cdef int name, held = 0
    cdef bint done
    try:
        for name in range(BUFFERS):
            PyObject_GetBuffer(columns[name], &views[name], PyBUF_SIMPLE)
            held += 1
            other.columns[name] = <char*>views[name].buf
            other.counts[MEASURE[name]] = views[name].len // ENTRY_BYTES[name] - FROM_ZERO[name]
        done = append_store(store, &other, numbers)
    finally:
        for name in range(held):
            PyBuffer_Release(&views[name])
    if not done:
        raise MemoryError
    return 0


include "scanner/json_boxes.pxi"
include "scanner/line_scanner.pxi"
