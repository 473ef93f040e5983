# JSON that is sound beyond doubt: a value is passed over, or a string is read, in one line of UTF-8.
#
# All functions take where a value begins and give where it ends, or -1 for whatever is not valid JSON in valid UTF-8
# and for what decoders disagree about: lone surrogates, numbers that do not fit, deep nesting. Whoever asked reads the
# line by the general way then. A line ends in a byte that no value contains, and may be read up to it.

cdef enum:
    DEEPEST = 32  # values in each other
    LONGEST_NUMBER = 18  # digits that fit into 64 bits

ctypedef struct Json:
    Bytes text
    int64_t end  # of the line
    # Of the string that was read last:
    int64_t size  # bytes
    bint ascii


# The ASCII characters that stand for themselves in a string.
cdef bint IS_ITSELF[256]


cdef void fill_characters() noexcept:
    cdef int c
    for c in range(256):
        IS_ITSELF[c] = 0x20 <= c < 0x80 and c != c'"' and c != c"\\"


fill_characters()


cdef inline bint has_special(uint64_t word) noexcept nogil:
    """Whether one of eight bytes is a quote, a backslash, a control character, or beyond ASCII."""
    cdef uint64_t quote = word ^ 0x2222222222222222U
    cdef uint64_t backslash = word ^ 0x5C5C5C5C5C5C5C5CU
    return (
        (word | (word - 0x2020202020202020U) | (quote - 0x0101010101010101U) | (backslash - 0x0101010101010101U))
        & 0x8080808080808080U
    ) != 0


cdef inline int64_t skip_json_space(Bytes text, int64_t at) noexcept nogil:
    while text[at] == c" " or text[at] == c"\t" or text[at] == c"\r":
        at += 1
    return at


cdef inline bint is_continuation(uint8_t c) noexcept nogil:
    return c & 0xC0 == 0x80


cdef int utf8_length(Bytes text, int64_t left) noexcept nogil:
    """The bytes of the character beyond ASCII that begins here; 0 for none (table 3-7 of the Unicode standard)."""
    cdef uint8_t c = text[0]
    cdef uint8_t low = 0x80, high = 0xBF
    if 0xC2 <= c <= 0xDF:
        return 2 if left >= 2 and is_continuation(text[1]) else 0
    if c == 0xE0 or c == 0xF0:
        low = 0xA0 if c == 0xE0 else 0x90
    elif c == 0xED or c == 0xF4:
        high = 0x9F if c == 0xED else 0x8F
    if 0xE0 <= c <= 0xEF:
        return 3 if left >= 3 and low <= text[1] <= high and is_continuation(text[2]) else 0
    if 0xF0 <= c <= 0xF4 and left >= 4 and low <= text[1] <= high:
        return 4 if is_continuation(text[2]) and is_continuation(text[3]) else 0
    return 0


# -- strings -----------------------------------------------------------------------------------------------------------


cdef int64_t hex_digits(Bytes text, int64_t left) noexcept nogil:
    """The number that four hexadecimal digits are; -1 for none."""
    cdef int64_t value = 0
    cdef int each
    cdef uint8_t c
    if left < 4:
        return -1
    for each in range(4):
        c = lower(text[each])
        if c"0" <= c <= c"9":
            value = 16 * value + (c - c"0")
        elif c"a" <= c <= c"f":
            value = 16 * value + (c - c"a" + 10)
        else:
            return -1
    return value


cdef int put_utf8(uint8_t* target, int64_t character) noexcept nogil:
    """Write a character; the number of its bytes."""
    if character < 0x80:
        target[0] = <uint8_t>character
        return 1
    if character < 0x800:
        target[0] = <uint8_t>(0xC0 | character >> 6)
        target[1] = <uint8_t>(0x80 | character & 0x3F)
        return 2
    if character < 0x10000:
        target[0] = <uint8_t>(0xE0 | character >> 12)
        target[1] = <uint8_t>(0x80 | character >> 6 & 0x3F)
        target[2] = <uint8_t>(0x80 | character & 0x3F)
        return 3
    target[0] = <uint8_t>(0xF0 | character >> 18)
    target[1] = <uint8_t>(0x80 | character >> 12 & 0x3F)
    target[2] = <uint8_t>(0x80 | character >> 6 & 0x3F)
    target[3] = <uint8_t>(0x80 | character & 0x3F)
    return 4


cdef int64_t escaped(Bytes text, int64_t at, int64_t end, int64_t* character) noexcept nogil:
    """Past the escape whose backslash is at ``at``; ``character`` is what it stands for."""
    cdef uint8_t c = text[at + 1]
    cdef int64_t second
    if c == c"u":
        character[0] = hex_digits(text + at + 2, end - at - 2)
        if character[0] < 0 or 0xDC00 <= character[0] <= 0xDFFF:
            return -1
        at += 6
        if character[0] < 0xD800 or character[0] > 0xDBFF:
            return at
        if end - at < 6 or text[at] != c"\\" or text[at + 1] != c"u":
            return -1
        second = hex_digits(text + at + 2, end - at - 2)
        if second < 0xDC00 or second > 0xDFFF:
            return -1
        character[0] = 0x10000 + ((character[0] - 0xD800) << 10) + (second - 0xDC00)
        return at + 6
    if c == c"n":
        character[0] = 0x0A
    elif c == c'"' or c == c"\\" or c == c"/":
        character[0] = c
    elif c == c"t":
        character[0] = 0x09
    elif c == c"r":
        character[0] = 0x0D
    elif c == c"b":
        character[0] = 0x08
    elif c == c"f":
        character[0] = 0x0C
    else:
        return -1
    return at + 2


cdef inline int64_t read_string(Json* json, int64_t at, uint8_t* target) noexcept nogil:
    """Past the string whose quote is at ``at``, which is written to ``target`` unless that is NULL.

    There must be room for all bytes of the line and eight more.
    """
    cdef Bytes text = json.text
    cdef int64_t end = json.end, size = 0, character = 0
    cdef uint64_t word
    cdef uint8_t c
    cdef int length
    json.ascii = True
    at += 1
    while True:
        while end - at >= 8:
            memcpy(&word, text + at, 8)
            if target != NULL:
                memcpy(target + size, &word, 8)
            if has_special(word):
                break
            at += 8
            size += 8
        while at < end and IS_ITSELF[text[at]]:
            if target != NULL:
                target[size] = text[at]
            at += 1
            size += 1
        if at >= end:
            return -1
        c = text[at]
        if c == c'"':
            json.size = size
            return at + 1
        if c == c"\\" and text[at + 1] == c'"':  # as most escapes in answers are
            if target != NULL:
                target[size] = c'"'
            at += 2
            size += 1
            continue
        if c == c"\\":
            at = escaped(text, at, end, &character)
            if at < 0:
                return -1
            if character >= 0x80:
                json.ascii = False
            if target != NULL:
                size += put_utf8(target + size, character)
            continue
        length = utf8_length(text + at, end - at)
        if length == 0:  # a control character, or no UTF-8
            return -1
        json.ascii = False
        if target != NULL:
            memcpy(target + size, text + at, length)
        at += length
        size += length


cdef inline int64_t skip_itself(Bytes text, int64_t at) noexcept nogil:
    """Past characters that stand for themselves."""
    while IS_ITSELF[text[at]]:
        at += 1
    return at


# -- other values ------------------------------------------------------------------------------------------------------


cdef int64_t skip_number(Bytes text, int64_t at) noexcept nogil:
    """Past a number without an exponent."""
    cdef int64_t start
    at += text[at] == c"-"
    start = at
    while CLASS[text[at]] & DIGIT:
        at += 1
    if at == start or (text[start] == c"0" and at > start + 1) or at - start > LONGEST_NUMBER:
        return -1
    if text[at] == c".":
        start = at + 1
        at = start
        while CLASS[text[at]] & DIGIT:
            at += 1
        if at == start or at - start > LONGEST_NUMBER:
            return -1
    return -1 if text[at] == c"e" or text[at] == c"E" else at


cdef inline int64_t skip_word(Json* json, int64_t at, const char* word, int64_t length) noexcept nogil:
    """Past ``true``, ``false`` or ``null``."""
    return at + length if json.end - at >= length and memcmp(json.text + at, word, length) == 0 else -1


cdef int64_t skip_value(Json* json, int64_t at, int depth) noexcept nogil:
    """Past any value."""
    cdef uint8_t c = json.text[at]
    if c == c'"':
        return read_string(json, at, NULL)
    if c == c"{" or c == c"[":
        return -1 if depth == DEEPEST else skip_entries(json, at, depth + 1)
    if c == c"n":
        return skip_word(json, at, "null", 4)
    if c == c"t":
        return skip_word(json, at, "true", 4)
    if c == c"f":
        return skip_word(json, at, "false", 5)
    return skip_number(json.text, at)


cdef int64_t skip_entries(Json* json, int64_t at, int depth) noexcept nogil:
    """Past an object or a list."""
    cdef Bytes text = json.text
    cdef bint is_object = text[at] == c"{"
    cdef uint8_t closer = c"}" if is_object else c"]"
    at = skip_json_space(text, at + 1)
    if text[at] == closer:
        return at + 1
    while True:
        if is_object:
            at = skip_name(json, at)
            if at < 0:
                return -1
        at = skip_value(json, at, depth)
        if at < 0:
            return -1
        at = skip_json_space(text, at)
        if text[at] == closer:
            return at + 1
        if text[at] != c",":
            return -1
        at = skip_json_space(text, at + 1)


cdef inline int64_t skip_name(Json* json, int64_t at) noexcept nogil:
    """Past the name of a field, its colon, and the white space behind it."""
    if json.text[at] != c'"':
        return -1
    at = read_string(json, at, NULL)
    return -1 if at < 0 else skip_colon(json.text, at)


cdef inline int64_t skip_colon(Bytes text, int64_t at) noexcept nogil:
    at = skip_json_space(text, at)
    return skip_json_space(text, at + 1) if text[at] == c":" else -1
