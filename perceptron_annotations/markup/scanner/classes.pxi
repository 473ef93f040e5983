# The classes of characters beyond ASCII, as Python has them: a page of 256 is asked once in a process.

cdef enum:
    PAGE = 256
    PAGES = 0x110000 // 256

#: The classes of the characters that were met by any scan.
cdef dict KNOWN_PAGES = {}


cdef inline uint8_t class_of(Scan* s, int64_t at) noexcept nogil:
    """The class of the character at ``at``, whatever it is."""
    return CLASS[s.text[at]] if s.text[at] < 0x80 else class_beyond_ascii(s, s.text + at)


cdef uint8_t class_beyond_ascii(Scan* s, Bytes here) noexcept nogil:
    cdef uint32_t code = here[0]
    if code < 0xE0:
        code = (code & 0x1F) << 6 | (here[1] & 0x3F)
    elif code < 0xF0:
        code = (code & 0x0F) << 12 | <uint32_t>(here[1] & 0x3F) << 6 | (here[2] & 0x3F)
    else:
        code = (
            (code & 0x07) << 18 | <uint32_t>(here[1] & 0x3F) << 12 | <uint32_t>(here[2] & 0x3F) << 6 | (here[3] & 0x3F)
        )
    if (s.pages == NULL or s.pages[code // PAGE] == NULL) and not look_up(s, code // PAGE):
        s.failed = True
        return 0
    return s.pages[code // PAGE][code % PAGE]


cdef bint look_up(Scan* s, uint32_t page) noexcept with gil:
    """Enter a page of classes; false where memory ran out."""
    cdef bytes classes
    if s.pages == NULL:
        s.pages = <uint8_t**>malloc(PAGES * sizeof(uint8_t*))
        if s.pages == NULL:
            return False
        memset(s.pages, 0, PAGES * sizeof(uint8_t*))
    if page not in KNOWN_PAGES:
        KNOWN_PAGES[page] = bytes([python_class(chr(code)) for code in range(PAGE * page, PAGE * (page + 1))])
    classes = KNOWN_PAGES[page]
    s.pages[page] = <uint8_t*><char*>classes
    return True


cdef int python_class(str char) except -1:
    if char.isspace():
        return SPACE | CUT
    if char.isdecimal():
        return DIGIT | WORD | CUT | int(char) << DIGIT_SHIFT
    return WORD if char.isalnum() else 0


cdef int64_t skip_any_digits(Scan* s, int64_t at, int64_t end) noexcept nogil:
    """Past digits, be they beyond ASCII."""
    while at < end and class_of(s, at) & DIGIT:
        at += char_length(s.text[at])
    return at
