# Mentions interned: each is known by a number, and its bytes stand once.

cdef enum:
    RECENT = 64

ctypedef struct Mentions:
    # Every mention once, in order of first appearance; ``slots`` is an open-addressed hash table of their numbers.
    Buffer text
    Buffer ends  # int64, of each mention in ``text``
    Buffer hashes  # uint64
    int32_t* slots
    int64_t slot_count
    int32_t count
    int32_t[RECENT] recent  # some number that each short hash had last, be it of another mention

cdef uint64_t KEY[2]


cdef inline uint64_t rotated(uint64_t x, int bits) noexcept nogil:
    return (x << bits) | (x >> (64 - bits))


cdef inline void sip_round(uint64_t* v) noexcept nogil:
    v[0] += v[1]
    v[1] = rotated(v[1], 13) ^ v[0]
    v[0] = rotated(v[0], 32)
    v[2] += v[3]
    v[3] = rotated(v[3], 16) ^ v[2]
    v[0] += v[3]
    v[3] = rotated(v[3], 21) ^ v[0]
    v[2] += v[1]
    v[1] = rotated(v[1], 17) ^ v[2]
    v[2] = rotated(v[2], 32)


cdef uint64_t keyed_hash(Bytes data, int64_t size) noexcept nogil:
    """SipHash-1-3 (Aumasson and Bernstein, 2012) under this process's key: nobody can write mentions that collide."""
    cdef uint64_t[4] v
    cdef uint64_t word
    cdef int64_t at = 0
    v[0] = KEY[0] ^ 0x736F6D6570736575U
    v[1] = KEY[1] ^ 0x646F72616E646F6DU
    v[2] = KEY[0] ^ 0x6C7967656E657261U
    v[3] = KEY[1] ^ 0x7465646279746573U
    while size - at >= 8:
        memcpy(&word, data + at, 8)
        v[3] ^= word
        sip_round(v)
        v[0] ^= word
        at += 8
    word = <uint64_t>size << 56
    memcpy(&word, data + at, size - at)
    v[3] ^= word
    sip_round(v)
    v[0] ^= word
    v[2] ^= 0xFF
    sip_round(v)
    sip_round(v)
    sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


cdef bint widen(Mentions* m) noexcept nogil:
    """Twice as many slots."""
    cdef int64_t count = max(64, 2 * m.slot_count)
    cdef int32_t* slots = <int32_t*>malloc(count * sizeof(int32_t))
    cdef int64_t slot
    cdef int32_t each
    if slots == NULL:
        return False
    for slot in range(count):
        slots[slot] = -1
    for each in range(m.count):
        slot = (<uint64_t*>m.hashes.data)[each] & (count - 1)
        while slots[slot] >= 0:
            slot = (slot + 1) & (count - 1)
        slots[slot] = each
    free(m.slots)
    m.slots, m.slot_count = slots, count
    return True


cdef inline bint is_mention(Mentions* m, int32_t number, Bytes mention, int64_t size) noexcept nogil:
    """Whether a mention has this number."""
    cdef int64_t start
    if number >= m.count:
        return False
    start = (<int64_t*>m.ends.data)[number - 1] if number else 0
    return (<int64_t*>m.ends.data)[number] - start == size and memcmp(m.text.data + start, mention, size) == 0


cdef int32_t known_mention(Mentions* m, Bytes mention, int64_t size) noexcept nogil:
    """``intern``; a mention that was met a moment ago is found without the keyed hash."""
    cdef int32_t* recent
    cdef int32_t number
    if size == 0:
        return intern(m, mention, size)
    recent = &m.recent[(7 * size + 3 * mention[0] + 5 * mention[size // 2] + mention[size - 1]) % RECENT]
    if is_mention(m, recent[0], mention, size):
        return recent[0]
    number = intern(m, mention, size)
    recent[0] = max(number, 0)
    return number


cdef int32_t intern(Mentions* m, Bytes mention, int64_t size) noexcept nogil:
    """The number of a mention, a new one for one not seen before; -1 where memory ran out."""
    cdef uint64_t hashed
    cdef int64_t slot
    cdef int32_t each
    if 2 * m.count >= m.slot_count and not widen(m):
        return -1
    hashed = keyed_hash(mention, size)
    slot = hashed & (m.slot_count - 1)
    while m.slots[slot] >= 0:
        each = m.slots[slot]
        if (<uint64_t*>m.hashes.data)[each] == hashed and is_mention(m, each, mention, size):
            return each
        slot = (slot + 1) & (m.slot_count - 1)
    if not (space_for(&m.text, size) and space_for(&m.ends, 8) and space_for(&m.hashes, 8)):
        return -1
    put_bytes(&m.text, mention, size)
    put_int64(&m.ends, m.text.used)
    put_int64(&m.hashes, <int64_t>hashed)
    m.slots[slot] = m.count
    m.count += 1
    return m.count - 1


cdef int32_t mention_number(Store* store, Scan* s, Piece raw) noexcept nogil:
    cdef int64_t size = raw.end - raw.start
    if raw.start < 0:
        return -1
    if memchr(s.text + raw.start, c"&", size) == NULL:
        return known_mention(&store.mentions, s.text + raw.start, size)
    if not unescaped(s, raw):
        return -1
    return known_mention(&store.mentions, <Bytes>s.scratch.data, s.scratch.used)
