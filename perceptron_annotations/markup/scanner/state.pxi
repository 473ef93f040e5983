# What is known while one answer is read: its rows, its tree as a tape, its issues, and the containers that are open.
#
# The arrays grow and are used again for the next answer; a struct of them belongs to one call or one thread.

# The tags; those up to CLIP are the kinds of a row as well.
cdef enum:
    POINT = 0
    BOX = 1
    POLYGON = 2
    CLIP = 3
    TRACK = 4
    COLLECTION = 5
    NO_TAG = 6

# In the order of IssueCode, which is checked when the module is imported.
cdef enum:
    INVALID_POINT_COORDS
    INVALID_BOX_COORDS
    INVALID_POLYGON_COORDS
    INVALID_TIME
    INVALID_ASSET_IDX
    INVALID_CLIP_TIMESTAMP
    INVALID_CLIP_BODY
    INVALID_TRACK_CHILD
    INVALID_TRACK_GEOMETRY
    INVALID_TRACK_ASSET
    INVALID_COLLECTION_CHILD
    UNEXPECTED_CLOSE_TAG
    UNCLOSED_TAG
    INCOMPLETE_ANNOTATION
    NUMBER_OVERFLOW
    MISSING_TAG
    TRUNCATED_ELEMENT
    INVALID_ITEM
    SWAPPED_CORNERS
    OUT_OF_RANGE
    ZERO_AREA
    REVERSED_CLIP
    DUPLICATE_ATTRIBUTE
    UNKNOWN_ATTRIBUTE
    MARKUP_IN_ATTRIBUTE
    IGNORED_MENTION
    IGNORED_TIME
    IGNORED_TEXT
    EMPTY_CONTAINER
    UNPAIRED_TAG
    REPEATED_ELEMENT
    SPECIAL_TOKEN
    REPR_FORM
    FOREIGN_MARKUP
    CODES

#: Their names.
cdef list ISSUE_NAMES = """
    INVALID_POINT_COORDS INVALID_BOX_COORDS INVALID_POLYGON_COORDS INVALID_TIME INVALID_ASSET_IDX
    INVALID_CLIP_TIMESTAMP INVALID_CLIP_BODY INVALID_TRACK_CHILD INVALID_TRACK_GEOMETRY
    INVALID_TRACK_ASSET INVALID_COLLECTION_CHILD UNEXPECTED_CLOSE_TAG UNCLOSED_TAG INCOMPLETE_ANNOTATION
    NUMBER_OVERFLOW MISSING_TAG TRUNCATED_ELEMENT INVALID_ITEM SWAPPED_CORNERS OUT_OF_RANGE ZERO_AREA REVERSED_CLIP
    DUPLICATE_ATTRIBUTE UNKNOWN_ATTRIBUTE MARKUP_IN_ATTRIBUTE IGNORED_MENTION IGNORED_TIME IGNORED_TEXT
    EMPTY_CONTAINER UNPAIRED_TAG REPEATED_ELEMENT SPECIAL_TOKEN
    REPR_FORM FOREIGN_MARKUP
""".split()

# How the words of an issue are made of the bytes or numbers that it holds; ``write_detail`` does it.
cdef enum:
    NOTHING
    RAW
    STRIPPED
    UNESCAPED
    BESIDE_PAIRS  # of a body; ``first`` is the tag
    BESIDE_ATTRIBUTES
    OPEN_TAG  # ``first`` is the tag
    CLOSE_TAG
    LENGTH  # ``first`` is a coordinate
    TIMES  # ``first`` and ``second`` are times
    COUNT
    FAMILY  # ``first`` is the number of a family of foreign markup
    ASSETS  # ``first`` is the asset of a track, ``second`` the row of its last waypoint

# Why the pure parser has to take an answer; the docstring of the module says it in words.
cdef enum:
    DECIDED
    FOREIGN_DIGIT
    FOREIGN_TIME
    REFERENCE_IN_NUMBER
    MANY_ATTRIBUTES
    OTHER_FORM
    REFUSED
    REASONS

#: Their names.
cdef list REASON_NAMES = """
    decided foreign_digit foreign_time reference_in_number many_attributes other_form refused
""".split()

ctypedef struct Piece:
    # Bytes of the text; none where start is -1.
    int64_t start
    int64_t end

ctypedef struct Own:
    # Attributes: NaN and -1 stand for none.
    Piece mention
    double t
    double score
    int32_t asset_idx

ctypedef struct Node:
    # A step of the tape: an element, a container before what it holds.
    uint8_t tag
    bint valued
    bint closed
    int32_t first_row
    int32_t next_row
    int32_t next  # the step after all that it holds
    int32_t collection  # the step of the collection around a container
    int32_t index  # of a container with a value among those of its kind; while a collection is open, its members
    int64_t start
    int64_t end
    int64_t inner_start  # what a container holds lies between its tags; -1 for all else
    int64_t inner_end
    Own own
    Own context  # of a container: what it says with what it takes from those around it

ctypedef struct Row:
    int32_t node
    int32_t track  # steps of the containers, -1 for none
    int32_t collection
    int32_t before  # the waypoint before it in its track
    int64_t first_vertex
    int64_t next_vertex
    double until
    Own given  # with what it takes from its containers

ctypedef struct Level:
    uint8_t tag
    int32_t node
    int32_t collection  # the innermost collection here: the level itself, or one around it; -1 for none
    int32_t children
    int32_t waypoint  # the last; each knows the one before it
    int32_t waypoints
    uint8_t kinds  # of the waypoints, one bit each
    bint at_odds  # about the asset
    int32_t asset_idx  # that the waypoints share
    int64_t cursor
    Piece ignored

ctypedef struct Problem:
    uint8_t code
    uint8_t detail
    bint recovered
    int32_t sequence
    int64_t start
    int64_t end
    Piece quoted
    double first
    double second

ctypedef struct Pending:
    uint8_t tag
    int64_t start
    int64_t end
    Piece attributes

ctypedef struct Scan:
    Bytes text
    int64_t size
    bint ascii
    bint looks_for_forms  # as lenient does; the other modes leave that to the pure parser
    bint refuses_specials  # the answers that stay undecided: those with <|
    bint refuses_thoughts  # those with <think> or </think>
    int undecided  # why the pure parser has to take this answer
    bint failed  # out of memory
    bint truncated
    int64_t last_angle  # the last ``<`` of the answer so far
    int64_t last_end
    Pending pending
    Row* rows
    int64_t row_count, row_room
    Node* nodes
    int64_t node_count, node_room
    Level* levels
    int64_t depth, level_room
    Problem* problems
    int64_t problem_count, problem_room
    double* coords
    int64_t coord_count, coord_room
    int64_t* points  # the number of code points before every eighth byte
    int64_t point_room
    int32_t open_tracks, open_collections
    uint8_t** pages  # the classes of characters, 256 to a page; NULL for those that were not met
    Buffer scratch  # a piece of the text with its references read, or without its pairs
    Buffer words  # of one issue


cdef void free_scan(Scan* s) noexcept nogil:
    free(s.rows)
    free(s.nodes)
    free(s.levels)
    free(s.problems)
    free(s.coords)
    free(s.points)
    free(s.pages)
    free(s.scratch.data)
    free(s.words.data)


cdef int64_t held_bytes(Scan* s) noexcept nogil:
    return (
        s.row_room * <int64_t>sizeof(Row)
        + s.node_room * <int64_t>sizeof(Node)
        + s.level_room * <int64_t>sizeof(Level)
        + s.problem_room * <int64_t>sizeof(Problem)
        + 8 * (s.coord_room + s.point_room)
        + s.scratch.space
        + s.words.space
    )


cdef inline void no_attributes(Own* own) noexcept nogil:
    own.mention.start = own.mention.end = -1
    own.t = own.score = NAN
    own.asset_idx = -1


cdef Problem* note(Scan* s, int code, int64_t start, int64_t end) noexcept nogil:
    """A new issue; the caller adds its detail. There is always one to write to."""
    cdef Problem* problem
    if not room(<void**>&s.problems, &s.problem_room, s.problem_count + 1, sizeof(Problem)):
        s.failed = True
        s.problem_count -= 1  # the last one is overwritten; the scan has failed
    problem = &s.problems[s.problem_count]
    problem.code = code
    problem.detail = NOTHING
    problem.recovered = False
    problem.sequence = <int32_t>s.problem_count
    problem.start = start
    problem.end = end
    s.problem_count += 1
    return problem


cdef void note_piece(Scan* s, int code, int64_t start, int64_t end, int detail, Piece quoted) noexcept nogil:
    cdef Problem* problem = note(s, code, start, end)
    problem.detail = detail
    problem.quoted = quoted


cdef Problem* note_tag(Scan* s, int code, int64_t start, int64_t end, int detail, int tag) noexcept nogil:
    cdef Problem* problem = note(s, code, start, end)
    problem.detail = detail
    problem.first = tag
    return problem


cdef inline Piece piece(int64_t start, int64_t end) noexcept nogil:
    cdef Piece made
    made.start = start
    made.end = end
    return made


cdef inline Piece stripped(Bytes text, Piece raw) noexcept nogil:
    """``raw`` without the white space at its ends."""
    cdef int length
    while raw.start < raw.end:
        length = space_length(text, raw.start)
        if length == 0:
            break
        raw.start += length
    raw.end = end_of_words(text, raw.start, raw.end)
    return raw
