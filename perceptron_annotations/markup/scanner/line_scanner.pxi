# Lines of files of recordings → columns: found, read and appended in one pass without the GIL.

# What a service says of the endings, in their order.
cdef tuple FINISH_REASONS = (None, "stop", "length")

ctypedef struct Entry:
    # What is kept of a line beside the columns: where the bytes of its key end, which the names of its assets follow.
    # If texts are wanted, its model (-1 for none) and its text come first.
    int64_t model_end
    int64_t text_end
    int64_t key_end
    int64_t asset_count
    uint8_t ending

ctypedef struct Entries:
    Buffer texts
    Buffer lines  # Entry
    Buffer names  # int64: where the name of each asset ends, -1 for none
    Buffer sizes  # double: width, height, width, height, …
    Buffer counts  # int64: the assets of each line
    Buffer endings  # uint8: the code of the ending of each line


cdef bint append_entry(Entries* e, Line* line, int body, Piece key, int ending, bint keeps_text) noexcept nogil:
    """Keep what a line says beside its answer; false where memory ran out."""
    cdef Entry* entry
    cdef int64_t each
    cdef Piece model = value_of(line, body, MODEL)
    cdef int64_t texts = model.end - model.start + line.answer_size + key.end - key.start + 3 * SLACK
    for each in range(line.asset_count):
        texts += line.assets[each].name.end - line.assets[each].name.start + SLACK
    if not (
        space_for(&e.texts, texts)
        and space_for(&e.lines, sizeof(Entry))
        and space_for(&e.names, 8 * line.asset_count)
        and space_for(&e.sizes, 16 * line.asset_count)
        and space_for(&e.counts, 8)
        and space_for(&e.endings, 1)
    ):
        return False
    entry = <Entry*>claimed(&e.lines, sizeof(Entry))
    if keeps_text:
        entry.model_end = append_text(e, line, model)
        put_bytes(&e.texts, line.answer.data, line.answer_size)
    entry.text_end = e.texts.used
    entry.key_end = append_text(e, line, key)
    entry.asset_count = line.asset_count
    entry.ending = ending
    put_int64(&e.counts, line.asset_count)
    for each in range(line.asset_count):
        put_int64(&e.names, append_text(e, line, line.assets[each].name))
        put_side(&e.sizes, line.assets[each].width)
        put_side(&e.sizes, line.assets[each].height)
    return True


cdef inline void put_side(Buffer* sizes, int64_t side) noexcept nogil:
    put_double(sizes, NAN if side < 0 else <double>side)


cdef int64_t append_text(Entries* e, Line* line, Piece place) noexcept nogil:
    """Append a text, or digits; where it ends, or -1 if there is none."""
    if place.start < 0:
        return -1
    if line.json.text[place.start] == c'"':
        read_string(&line.json, place.start, <uint8_t*>e.texts.data + e.texts.used)
        e.texts.used += line.json.size
    else:
        put_bytes(&e.texts, line.json.text + place.start, place.end - place.start)
    return e.texts.used


cdef bytes taken_out(Buffer* buffer):
    """The bytes of a buffer, which is empty after that."""
    cdef bytes taken = PyBytes_FromStringAndSize(buffer.data, buffer.used)
    buffer.used = 0
    return taken


cdef class LineScanner:
    """Reads lines of recordings: the answers by ``scanner``, and their keys, endings and assets beside them.

    ``endings`` are the codes of an ending that is not stated, of a complete one, and of one cut by the length.
    The names of assets are kept if ``keeps_names``, their sizes always. Texts, models and reasons to finish are kept if
    ``keeps_texts``.
    """

    cdef readonly Scanner scanner
    cdef Line line
    cdef Entries entries
    cdef uint8_t[3] ending_codes
    cdef bint keeps_names
    cdef bint keeps_texts

    def __cinit__(self, Scanner scanner not None, endings, *, bint keeps_names, bint keeps_texts):
        self.scanner = scanner
        self.ending_codes = endings
        self.keeps_names = keeps_names
        self.keeps_texts = keeps_texts

    def __dealloc__(self):
        free(self.line.assets)
        free(self.line.answer.data)
        free(self.entries.texts.data)
        free(self.entries.lines.data)
        free(self.entries.names.data)
        free(self.entries.sizes.data)
        free(self.entries.counts.data)
        free(self.entries.endings.data)

    def feed_lines(self, bytes data, int64_t start, found):
        """Read lines of ``data``, the first at ``start``: where the first begins that has to be read by another way.

        ``found`` is a ``LineColumns``, to which all is added but the columns.
        """
        cdef Bytes text = <Bytes><const char*>data
        cdef Bytes newline
        cdef int64_t size = len(data), at = start, end
        with nogil:
            while at < size:
                newline = <Bytes>memchr(text + at, c"\n", size - at)
                end = size if newline == NULL else newline - text
                if not self.take_line(text, at, end):
                    break
                at = end + 1
        if self.scanner.state.scan.failed:
            raise MemoryError
        self.hand_out(found)
        return min(at, size)

    cdef bint take_line(self, Bytes text, int64_t start, int64_t end) noexcept nogil:
        """Read and append a line; false where it has to be read by another way."""
        cdef Line* line = &self.line
        cdef Piece key
        cdef int body, ending
        if not read_line(line, text, start, end):
            return False
        body, ending = body_of(line), ending_of(line)
        if ending == OTHER_END or not holds_one_answer(line, body):
            return False
        key = key_of(line, body)
        if key.start < 0:
            return False
        if not self.scanner.take(<Bytes>line.answer.data, line.answer_size, line.answer_is_ascii, ending == LENGTH_END, 0):
            return False
        if not append_entry(&self.entries, line, body, key, ending, self.keeps_texts):
            self.scanner.state.scan.failed = True
            return False
        put_byte(&self.entries.endings, self.ending_codes[ending])
        return True

    cdef int hand_out(self, found) except -1:
        """Add what is kept of the lines to ``found``."""
        cdef Entries* e = &self.entries
        cdef Entry* entry = <Entry*>e.lines.data
        cdef const int64_t* name_ends = <const int64_t*>e.names.data
        cdef int64_t each, count = e.lines.used // <int64_t>sizeof(Entry), start = 0
        cdef list keys = found.keys, names = found.assets.names
        for each in range(count):
            if self.keeps_texts:
                self.hand_out_text(entry, start, found.sent)
                start = entry.text_end
            keys.append(PyUnicode_DecodeUTF8(e.texts.data + start, entry.key_end - start, NULL))
            start = entry.key_end
            start = self.hand_out_names(name_ends, entry.asset_count, start, names)
            name_ends += entry.asset_count
            entry += 1
        found.endings.extend(taken_out(&e.endings))
        found.assets.counts.frombytes(taken_out(&e.counts))
        found.assets.sizes.frombytes(taken_out(&e.sizes))
        e.texts.used = e.lines.used = e.names.used = 0
        return 0

    cdef int hand_out_text(self, Entry* entry, int64_t start, sent) except -1:
        """Add what a service sent to ``sent``; its model begins at ``start``."""
        cdef char* texts = self.entries.texts.data
        model = None
        if entry.model_end >= 0:
            model = PyUnicode_DecodeUTF8(texts + start, entry.model_end - start, NULL)
            start = entry.model_end
        sent.texts.append(PyUnicode_DecodeUTF8(texts + start, entry.text_end - start, NULL))
        sent.choices.append(0)
        sent.models.append(model)
        sent.finish_reasons.append(FINISH_REASONS[entry.ending])
        return 0

    cdef int64_t hand_out_names(self, const int64_t* ends, int64_t count, int64_t start, list names) except -1:
        """Add the names of some assets to ``names``, if they are wanted; where they end."""
        cdef int64_t each
        for each in range(count):
            if self.keeps_names:
                names.append(
                    None
                    if ends[each] < 0
                    else PyUnicode_DecodeUTF8(self.entries.texts.data + start, ends[each] - start, NULL)
                )
            if ends[each] >= 0:
                start = ends[each]
        return start
