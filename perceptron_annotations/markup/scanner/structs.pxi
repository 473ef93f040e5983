# Instances of frozen structs, made without their constructors.
#
# An instance is cast from a mould, which holds the defaults, and its other fields are written into its memory: neither
# the checks of the public constructors, which the grammar has made, nor the reading of arguments takes part. Where in
# an instance a field lies is found out once, by looking for what was put there.

ctypedef object (*Allocate)(PyTypeObject*, Py_ssize_t)

ctypedef struct Mould:
    PyTypeObject* kind
    Allocate allocate
    PyObject** words  # of an instance without the fields that have no default
    int64_t size  # in words
    # What is not a field: the count of references, and the class.
    int64_t first


cdef Mould mould_of(kind) except *:
    """The mould of a struct whose instances are fields and nothing else. It holds the class and the defaults for good."""
    cdef Mould mould
    cdef object empty
    if kind.__struct_config__.gc or kind.__dictoffset__ or kind.__weakrefoffset__ or kind.__itemsize__:
        raise ImportError(f"the instances of {kind.__name__} hold more than their fields")
    mould.kind = <PyTypeObject*>kind
    mould.allocate = <Allocate>PyType_GetSlot(mould.kind, Py_tp_alloc)
    mould.first = object.__basicsize__ // sizeof(PyObject*)
    mould.size = kind.__basicsize__ // sizeof(PyObject*)
    empty = mould.allocate(mould.kind, 0)
    names, defaults = kind.__struct_fields__, kind.__struct_defaults__
    for name, default in zip(names[len(names) - len(defaults) :], defaults):
        getattr(kind, name).__set__(empty, default)
    Py_INCREF(kind)
    Py_INCREF(empty)
    mould.words = <PyObject**><PyObject*>empty
    return mould


cdef int64_t place_in(Mould* mould, str name) except -1:
    """Which word of an instance is the field ``name``."""
    cdef object marker = object(), marked = mould.allocate(mould.kind, 0)
    cdef int64_t place
    getattr(<object>mould.kind, name).__set__(marked, marker)
    for place in range(mould.first, mould.size):
        if (<PyObject**><PyObject*>marked)[place] == <PyObject*>marker:
            return place
    raise ImportError(f"{name} does not lie in the memory of its struct")


cdef inline object cast(Mould* mould):
    """A new instance; the caller writes the fields that have no default."""
    return new_instance(mould, mould.words)


cdef inline object recast(Mould* mould, object instance):
    """A copy of an instance."""
    return new_instance(mould, <PyObject**><PyObject*>instance)


cdef inline object new_instance(Mould* mould, PyObject** words):
    cdef object made = mould.allocate(mould.kind, 0)
    cdef int64_t place
    for place in range(mould.first, mould.size):
        Py_XINCREF(words[place])
        (<PyObject**><PyObject*>made)[place] = words[place]
    return made


cdef inline void put(object made, int64_t place, object value) noexcept:
    """Write a field of an instance that nobody else has seen yet."""
    cdef PyObject** field = <PyObject**><PyObject*>made + place
    cdef PyObject* before = field[0]
    Py_INCREF(value)
    field[0] = <PyObject*>value
    Py_XDECREF(before)


cdef inline object field(object made, int64_t place):
    """A field that was written."""
    return <object>(<PyObject**><PyObject*>made)[place]


#: Of the values, by their tags.
cdef Mould[6] MOULDS
MOULDS[:] = [mould_of(Point), mould_of(Box), mould_of(Polygon), mould_of(Clip), mould_of(Track), mould_of(Collection)]
cdef Mould SPAN_MOULD = mould_of(Span)
cdef Mould TEXT_MOULD = mould_of(Text)
cdef Mould OUTSIDE_MOULD = mould_of(Outside)
cdef Mould ELEMENT_MOULD = mould_of(Element)
cdef Mould ISSUE_MOULD = mould_of(Issue)
cdef Mould DOCUMENT_MOULD = mould_of(Document)

cdef int64_t POINT_X = place_in(&MOULDS[POINT], "x")
cdef int64_t POINT_Y = place_in(&MOULDS[POINT], "y")
cdef int64_t BOX_X1 = place_in(&MOULDS[BOX], "x1")
cdef int64_t BOX_Y1 = place_in(&MOULDS[BOX], "y1")
cdef int64_t BOX_X2 = place_in(&MOULDS[BOX], "x2")
cdef int64_t BOX_Y2 = place_in(&MOULDS[BOX], "y2")
cdef int64_t VERTICES = place_in(&MOULDS[POLYGON], "vertices")
cdef int64_t CLIP_START = place_in(&MOULDS[CLIP], "start")
cdef int64_t CLIP_END = place_in(&MOULDS[CLIP], "end")
cdef int64_t CLIP_SCORE = place_in(&MOULDS[CLIP], "score")
cdef int64_t WAYPOINTS = place_in(&MOULDS[TRACK], "waypoints")
cdef int64_t CHILDREN = place_in(&MOULDS[COLLECTION], "children")
cdef int64_t COLLECTION_T = place_in(&MOULDS[COLLECTION], "t")
# Of the base classes, which lie at the same place in each class.
cdef int64_t MENTION_OF = place_in(&MOULDS[POINT], "mention")
cdef int64_t ASSET_IDX_OF = place_in(&MOULDS[POINT], "asset_idx")
cdef int64_t SHAPE_T = place_in(&MOULDS[POINT], "t")
cdef int64_t SHAPE_SCORE = place_in(&MOULDS[POINT], "score")
cdef int64_t COMPLETE = place_in(&MOULDS[TRACK], "complete")

cdef int64_t SPAN_START = place_in(&SPAN_MOULD, "start")
cdef int64_t SPAN_END = place_in(&SPAN_MOULD, "end")
cdef int64_t STRETCH_START = place_in(&TEXT_MOULD, "start")
cdef int64_t STRETCH_END = place_in(&TEXT_MOULD, "end")
cdef int64_t ELEMENT_TAG = place_in(&ELEMENT_MOULD, "tag")
cdef int64_t ELEMENT_SPAN = place_in(&ELEMENT_MOULD, "span")
cdef int64_t ELEMENT_VALUE = place_in(&ELEMENT_MOULD, "value")
cdef int64_t ELEMENT_FIRST_ROW = place_in(&ELEMENT_MOULD, "first_row")
cdef int64_t ELEMENT_NEXT_ROW = place_in(&ELEMENT_MOULD, "next_row")
cdef int64_t ELEMENT_CHILDREN = place_in(&ELEMENT_MOULD, "children")
cdef int64_t ELEMENT_CLOSED = place_in(&ELEMENT_MOULD, "closed")
cdef int64_t ELEMENT_ATTRIBUTES = place_in(&ELEMENT_MOULD, "attributes")

cdef int64_t ISSUE_CODE_OF = place_in(&ISSUE_MOULD, "code")
cdef int64_t ISSUE_SPAN_OF = place_in(&ISSUE_MOULD, "span")
cdef int64_t ISSUE_DETAIL_OF = place_in(&ISSUE_MOULD, "detail")
cdef int64_t ISSUE_RECOVERED_OF = place_in(&ISSUE_MOULD, "recovered")

cdef int64_t DOCUMENT_SOURCE = place_in(&DOCUMENT_MOULD, "source")
cdef int64_t DOCUMENT_MODE = place_in(&DOCUMENT_MOULD, "mode")
cdef int64_t DOCUMENT_ANSWER = place_in(&DOCUMENT_MOULD, "answer")
cdef int64_t DOCUMENT_NODES = place_in(&DOCUMENT_MOULD, "nodes")
cdef int64_t DOCUMENT_ANNOTATIONS = place_in(&DOCUMENT_MOULD, "annotations")
cdef int64_t DOCUMENT_SPANS = place_in(&DOCUMENT_MOULD, "spans")
#: By kind.
cdef int64_t[4] DOCUMENT_VIEWS
DOCUMENT_VIEWS[:] = [place_in(&DOCUMENT_MOULD, name) for name in ("points", "boxes", "polygons", "clips")]
cdef int64_t DOCUMENT_TRACKS = place_in(&DOCUMENT_MOULD, "tracks")
cdef int64_t DOCUMENT_COLLECTIONS = place_in(&DOCUMENT_MOULD, "collections")
cdef int64_t DOCUMENT_ISSUES = place_in(&DOCUMENT_MOULD, "issues")
cdef int64_t DOCUMENT_TRUNCATED = place_in(&DOCUMENT_MOULD, "truncated")
