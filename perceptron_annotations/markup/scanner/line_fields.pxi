# A line of a file of recordings → where its key, its answer and its assets are, if it holds one answer and nothing else
# to tell, as most lines do. These are the rules of `plain_lines.py`, and stricter: a line that breaks one is not read
# here, and read by the general way it comes to the same.

# Objects whose fields are known.
cdef enum:
    LINE
    RESPONSE
    BODY
    CHOICE
    MESSAGE
    THOUGHT  # an entry of reasoning_details
    USAGE
    TOKENS  # the details of a usage
    ASSET
    OBJECTS

# What the value of a field has to be. All but the answer, ``IS_ANY`` and ``IS_TRUE`` may be null.
cdef enum:
    IS_ANY
    IS_NULL
    IS_TRUE
    IS_TEXT
    IS_NAME  # a text or digits
    IS_WHOLE  # digits
    IS_NUMBER
    IS_ANSWER  # the text of the answer
    OBJECT_OF  # + the object
    LIST_OF = OBJECT_OF + OBJECTS  # + the object

# The fields that are looked at again when the line has been read; all others are only checked.
cdef enum:
    ID
    OBJECT
    CUSTOM_ID
    KEY_FIELD
    STATUS_CODE
    FINISH_REASON
    FILE_NAME
    WIDTH
    HEIGHT
    RESPONSE_FIELD
    BODY_FIELD
    TEXT
    MODEL
    KEPT_FIELDS
    MOST_FIELDS = 64  # as many as a set of bits holds

cdef list FIELD_NAMES = """
    id object custom_id key status_code finish_reason file_name width height response body text model
    provider created choices usage error message results ended assets content refusal tool_calls function_call
    reasoning_content reasoning reasoning_details delta native_finish_reason logprobs summary
    prompt_tokens completion_tokens total_tokens prompt_tokens_details completion_tokens_details cost
    cached_tokens audio_tokens reasoning_tokens sent_width sent_height
""".split()

cdef dict BODY_RULES = {
    "id": IS_NAME, "object": IS_TEXT, "model": IS_NAME, "provider": IS_NAME, "created": IS_WHOLE,
    "choices": LIST_OF + CHOICE, "usage": OBJECT_OF + USAGE, "error": IS_NULL,
}
cdef list FIELD_RULES = [
    BODY_RULES | {
        "custom_id": IS_TEXT, "key": IS_NAME, "response": OBJECT_OF + RESPONSE, "text": IS_ANSWER,
        "finish_reason": IS_TEXT, "assets": LIST_OF + ASSET, "results": IS_NULL, "ended": IS_TRUE,
    },
    BODY_RULES | {"body": OBJECT_OF + BODY, "status_code": IS_WHOLE},
    BODY_RULES,
    {
        "message": OBJECT_OF + MESSAGE, "delta": IS_NULL, "text": IS_NULL, "finish_reason": IS_TEXT,
        "native_finish_reason": IS_TEXT, "error": IS_NULL, "logprobs": IS_NULL,
    },
    {
        "content": IS_ANSWER, "refusal": IS_NULL, "tool_calls": IS_NULL, "function_call": IS_NULL,
        "reasoning_content": IS_TEXT, "reasoning": IS_TEXT, "reasoning_details": LIST_OF + THOUGHT,
    },
    {"text": IS_TEXT, "summary": IS_TEXT},
    {
        "prompt_tokens": IS_WHOLE, "completion_tokens": IS_WHOLE, "total_tokens": IS_WHOLE, "cost": IS_NUMBER,
        "prompt_tokens_details": OBJECT_OF + TOKENS, "completion_tokens_details": OBJECT_OF + TOKENS,
    },
    {"cached_tokens": IS_WHOLE, "audio_tokens": IS_WHOLE, "reasoning_tokens": IS_WHOLE},
    # A size that was sent is of few assets: their lines are left to the reader that keeps it.
    {"file_name": IS_TEXT, "width": IS_WHOLE, "height": IS_WHOLE, "sent_width": IS_NULL, "sent_height": IS_NULL},
]

cdef enum:
    LONGEST_NAME = 32
    LONGEST_SIDE = 15  # digits that a float holds
    TOO_LARGE = -2
    SLACK = 16  # bytes that ``read_string`` may write beyond a text
    FIRST_ERROR = 400  # the status of a response

# How an answer ended, as far as it is told here.
cdef enum:
    UNSTATED_END
    COMPLETE_END
    LENGTH_END
    OTHER_END

cdef const char* FIELD_TEXTS[MOST_FIELDS]
cdef int FIELD_SIZES[MOST_FIELDS]
# The fields whose names have so many bytes: the first of them, and the next of each.
cdef int FIRST_OF_SIZE[LONGEST_NAME]
cdef int NEXT_OF_SIZE[MOST_FIELDS]
cdef uint8_t RULES[OBJECTS][MOST_FIELDS]
cdef list ENCODED_NAMES = [name.encode() for name in FIELD_NAMES]  # holds what FIELD_TEXTS points to


cdef void fill_rules() noexcept:
    cdef int each, object_
    for each in range(LONGEST_NAME):
        FIRST_OF_SIZE[each] = -1
    for each in range(len(FIELD_NAMES)):
        FIELD_TEXTS[each] = <const char*><bytes>ENCODED_NAMES[each]
        FIELD_SIZES[each] = len(<bytes>ENCODED_NAMES[each])
        NEXT_OF_SIZE[each] = FIRST_OF_SIZE[FIELD_SIZES[each]]
        FIRST_OF_SIZE[FIELD_SIZES[each]] = each
        for object_ in range(OBJECTS):
            RULES[object_][each] = FIELD_RULES[object_].get(FIELD_NAMES[each], IS_ANY)


fill_rules()

ctypedef struct Asset:
    Piece name
    int64_t width  # -1 for none
    int64_t height

ctypedef struct Line:
    Json json
    uint64_t[OBJECTS] seen  # the fields of each object, one bit each
    Piece[OBJECTS][KEPT_FIELDS] places  # of the values; no place for null
    int choices
    int choices_in  # the object that has them
    int answers
    int answer_in
    int64_t answer_size
    bint answer_is_ascii
    Asset* assets
    int64_t asset_count, asset_room
    Buffer answer


cdef int known_field(Bytes name, int64_t size) noexcept nogil:
    """The number of a field, -1 for one that nobody looks at."""
    cdef int each = FIRST_OF_SIZE[size] if size < LONGEST_NAME else -1
    while each >= 0 and memcmp(FIELD_TEXTS[each], name, size) != 0:
        each = NEXT_OF_SIZE[each]
    return each


cdef int64_t read_object(Line* line, int64_t at, int object_) noexcept nogil:
    """Past an object whose fields are known; -1 if the line is not to be read here."""
    cdef Bytes text = line.json.text
    cdef int64_t start
    cdef int field
    line.seen[object_] = 0
    if text[at] != c"{":
        return -1
    at = skip_json_space(text, at + 1)
    if text[at] == c"}":
        return at + 1
    while text[at] == c'"':
        start = at + 1
        at = skip_itself(text, start)
        if text[at] != c'"':  # a name with an escape in it may be that of any field
            return -1
        field = known_field(text + start, at - start)
        at = skip_colon(text, at + 1)
        if at >= 0:
            at = read_field(line, at, object_, field)
        if at < 0:
            return -1
        at = skip_json_space(text, at)
        if text[at] == c"}":
            return at + 1
        if text[at] != c",":
            return -1
        at = skip_json_space(text, at + 1)
    return -1


cdef int64_t read_field(Line* line, int64_t at, int object_, int field) noexcept nogil:
    """Past the value of a field; -1 if it is not what it has to be, or comes twice."""
    cdef Json* json = &line.json
    cdef uint64_t bit
    cdef int64_t start = at
    cdef int rule
    if field < 0:
        return skip_value(json, at, 1)
    bit = <uint64_t>1 << field
    rule = RULES[object_][field]
    if line.seen[object_] & bit:
        return -1
    line.seen[object_] |= bit
    if rule == IS_ANY:
        return skip_value(json, at, 1)
    if rule == IS_TRUE:
        return skip_word(json, at, "true", 4)
    if json.text[at] == c"n":
        keep_place(line, object_, field, piece(-1, -1))
        return skip_word(json, at, "null", 4)
    if rule >= LIST_OF:
        at = read_list(line, at, object_, rule - LIST_OF)
    elif rule >= OBJECT_OF:
        at = read_object(line, at, rule - OBJECT_OF)
    elif rule == IS_ANSWER:
        at = read_answer(line, at, object_)
    else:
        at = skip_plain(json, at, rule)
    keep_place(line, object_, field, piece(start, at))
    return at


cdef inline void keep_place(Line* line, int object_, int field, Piece place) noexcept nogil:
    if field < KEPT_FIELDS:
        line.places[object_][field] = place


cdef int64_t skip_plain(Json* json, int64_t at, int rule) noexcept nogil:
    """Past a text or a number."""
    cdef int64_t end
    if json.text[at] == c'"':
        return read_string(json, at, NULL) if rule == IS_TEXT or rule == IS_NAME else -1
    if rule == IS_NUMBER:
        return skip_number(json.text, at)
    if rule != IS_WHOLE and rule != IS_NAME:
        return -1
    end = skip_number(json.text, at)
    return end if end == skip_digits(json.text, at, json.end) else -1


cdef int64_t read_list(Line* line, int64_t at, int holder, int object_) noexcept nogil:
    """Past a list of objects whose fields are known."""
    cdef Bytes text = line.json.text
    if text[at] != c"[":
        return -1
    at = skip_json_space(text, at + 1)
    if text[at] == c"]":
        return at + 1
    while True:
        at = read_object(line, at, object_)
        if at < 0 or not take_object(line, holder, object_):
            return -1
        at = skip_json_space(text, at)
        if text[at] == c"]":
            return at + 1
        if text[at] != c",":
            return -1
        at = skip_json_space(text, at + 1)


cdef bint take_object(Line* line, int holder, int object_) noexcept nogil:
    """Take the object that was read last; false if there must not be another."""
    cdef Asset* asset
    if object_ == CHOICE:
        line.choices += 1
        line.choices_in = holder
        return line.choices == 1
    if object_ == ASSET:
        if not room(<void**>&line.assets, &line.asset_room, line.asset_count + 1, sizeof(Asset)):
            return False
        asset = &line.assets[line.asset_count]
        asset.name = value_of(line, ASSET, FILE_NAME)
        asset.width = number_at(line, value_of(line, ASSET, WIDTH))
        asset.height = number_at(line, value_of(line, ASSET, HEIGHT))
        line.asset_count += 1
        return asset.width != TOO_LARGE and asset.height != TOO_LARGE
    return True


cdef int64_t read_answer(Line* line, int64_t at, int object_) noexcept nogil:
    """Read the text of the answer; there must be one."""
    line.answers += 1
    line.answer_in = object_
    line.answer.used = 0
    if line.json.text[at] != c'"' or line.answers > 1 or not space_for(&line.answer, line.json.end - at + SLACK):
        return -1
    at = read_string(&line.json, at, <uint8_t*>line.answer.data)
    line.answer_size = line.json.size
    line.answer_is_ascii = line.json.ascii
    return at


# -- what the fields say -----------------------------------------------------------------------------------------------


cdef inline bint has_field(Line* line, int object_, int field) noexcept nogil:
    return line.seen[object_] >> field & 1


cdef inline Piece value_of(Line* line, int object_, int field) noexcept nogil:
    """Where the value of a field is, if it has one that is not null."""
    return line.places[object_][field] if has_field(line, object_, field) else piece(-1, -1)


cdef int64_t number_at(Line* line, Piece place) noexcept nogil:
    """A whole number that a float holds; -1 for none."""
    cdef int64_t number = 0, at
    if place.end - place.start > LONGEST_SIDE:
        return TOO_LARGE
    if place.start < 0:
        return -1
    for at in range(place.start, place.end):
        number = 10 * number + (line.json.text[at] - c"0")
    return number


cdef bint says(Line* line, Piece place, const char* word, int64_t length) noexcept nogil:
    """Whether a text is ``word``, written without escapes."""
    return spells(line.json.text, place.start + 1, place.end - 1, word, length)


cdef int ending_of(Line* line) noexcept nogil:
    """How the answer ended; ``OTHER_END`` if that has to be found out elsewhere."""
    cdef Piece reason = value_of(line, LINE if line.answer_in == LINE else CHOICE, FINISH_REASON)
    if reason.start < 0:
        return UNSTATED_END
    if says(line, reason, "stop", 4):
        return COMPLETE_END
    return LENGTH_END if says(line, reason, "length", 6) else OTHER_END


cdef int body_of(Line* line) noexcept nogil:
    """The object that is the body: the line, its response, or the body of that; -1 for none."""
    if value_of(line, LINE, RESPONSE_FIELD).start < 0:
        return LINE
    if not has_field(line, RESPONSE, BODY_FIELD):
        return RESPONSE
    return BODY if value_of(line, RESPONSE, BODY_FIELD).start >= 0 else -1


cdef bint holds_one_answer(Line* line, int body) noexcept nogil:
    """Whether the line holds one answer, where it belongs, and no error."""
    cdef int each
    cdef Piece place
    if line.answers != 1 or body < 0 or number_at(line, value_of(line, RESPONSE, STATUS_CODE)) >= FIRST_ERROR:
        return False
    if line.answer_in == LINE:
        if line.choices or body != LINE:
            return False
    elif line.choices != 1 or line.choices_in != body:
        return False
    for each in range(LINE, BODY + 1):
        place = value_of(line, each, OBJECT)
        if place.start >= 0 and not says(line, place, "chat.completion", 15):
            return False
    return True


cdef Piece key_of(Line* line, int body) noexcept nogil:
    """The first of the names that the line may go by."""
    cdef Piece name = value_of(line, LINE, CUSTOM_ID)
    if name.start < 0:
        name = value_of(line, LINE, KEY_FIELD)
    if name.start < 0:
        name = value_of(line, body, ID)
    return value_of(line, LINE, ID) if name.start < 0 else name


cdef bint may_think(Bytes text, int64_t size) noexcept nogil:
    """Whether a tag of reasoning may be in an answer."""
    return has_thought(text, size, b"hink", b"ing") or has_thought(text, size, b"HINK", b"ING")


cdef bint has_thought(Bytes text, int64_t size, const char* word, const char* tail) noexcept nogil:
    """Whether ``word``, or it and ``tail``, stands before the end of a tag; the last letter of it is rare."""
    cdef Bytes found = text
    cdef Bytes end = text + size
    while found < end:  # an empty answer has no place in memory
        found = <Bytes>memchr(found, word[3], end - found)
        if found == NULL:
            return False
        found += 1
        if found - text < 4 or memcmp(found - 4, word, 4) != 0:
            continue
        if end - found > 3 and memcmp(found, tail, 3) == 0:
            found += 3
        if found < end and (found[0] == c">" or found[0] >= 0x80):
            return True
    return False


cdef bint read_line(Line* line, Bytes text, int64_t start, int64_t end) noexcept nogil:
    """Read a line; false if it has to be read by the general way."""
    cdef int64_t at
    line.json.text = text
    line.json.end = end
    memset(line.seen, 0, sizeof(line.seen))
    line.choices = line.answers = 0
    line.asset_count = 0
    at = read_object(line, start, LINE)
    if at < 0 or skip_json_space(text, at) != end:
        return False
    return not may_think(<Bytes>line.answer.data, line.answer_size)
