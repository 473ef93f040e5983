# A double as text, with the fewest digits that are read as the same double, nearest to it of all that short.
#
# It is the algorithm of R. Giulietti, "The Schubfach way to render doubles" (2022): the interval of all numbers that
# are read as the double is scaled by a power of ten, rounded to odd, so that all decisions are made on whole numbers.

cdef extern from *:
    """
    #if defined(__SIZEOF_INT128__)
    static inline uint64_t high_product(uint64_t a, uint64_t b) {
        return (uint64_t)(((unsigned __int128)a * b) >> 64);
    }
    #else
    static inline uint64_t high_product(uint64_t a, uint64_t b) {
        uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
        uint64_t middle = a1 * b0 + ((a0 * b0) >> 32), other = a0 * b1 + (uint32_t)middle;
        return a1 * b1 + (middle >> 32) + (other >> 32);
    }
    #endif
    """
    uint64_t high_product(uint64_t, uint64_t) noexcept nogil

# The powers of ten that doubles need, and the bits of a double.
cdef enum:
    LEAST_POWER = -292
    MOST_POWER = 324
    FRACTION_BITS = 52
    BIAS = 1075
    SPECIAL = 0x7FF  # the exponent of infinities and of what is not a number
    DIGITS = 20  # the most that 64 bits have
    LONGEST_NUMBER = 48  # bytes that may be overwritten where a number is written

# The first 128 bits of each, rounded up: high and low.
cdef uint64_t[MOST_POWER - LEAST_POWER + 1][2] POWERS
cdef char[200] PAIRS  # 00 01 … 99

ctypedef struct Decimal:
    uint64_t digits
    int exponent  # of ten


cdef int fill_tables() except -1:
    """Compute the powers of ten, and write down the pairs of digits."""
    cdef int power, pair
    for power in range(LEAST_POWER, MOST_POWER + 1):
        exact = pow(<object>10, abs(power))
        if power < 0:
            first = -(-(1 << exact.bit_length() + 127) // exact)
        else:
            first = -(-(exact << 128) >> exact.bit_length())
        POWERS[power - LEAST_POWER][0] = first >> 64
        POWERS[power - LEAST_POWER][1] = first & 0xFFFFFFFFFFFFFFFF
    for pair in range(100):
        PAIRS[2 * pair] = c"0" + pair // 10
        PAIRS[2 * pair + 1] = c"0" + pair % 10
    return 0


fill_tables()


cdef inline uint64_t scaled(uint64_t* power, uint64_t number) noexcept nogil:
    """The high 64 bits of a product with a power of ten, and a 1 in the last of them if any bit below them is set."""
    cdef uint64_t low = high_product(power[1], number)
    cdef uint64_t middle = power[0] * number
    cdef uint64_t high = high_product(power[0], number)
    middle += low
    high += middle < low
    return high | (middle > 1)


cdef inline Decimal shortest(uint64_t fraction, int exponent) noexcept nogil:
    """The shortest decimal of a finite double above zero, by its bits."""
    cdef Decimal found
    cdef uint64_t number, lower, upper, centre, whole, tens
    cdef uint64_t* power
    cdef bint is_odd, is_closer, down, up
    cdef int two, ten, shift
    number = fraction | (<uint64_t>1 << FRACTION_BITS) if exponent else fraction
    two = (exponent if exponent else 1) - BIAS
    if -FRACTION_BITS <= two <= 0 and not number & ((<uint64_t>1 << -two) - 1):
        found.digits, found.exponent = number >> -two, 0
        return found
    is_odd = number & 1
    is_closer = fraction == 0 and exponent > 1  # the double below it is nearer than the one above
    ten = (two * 1262611 - (524031 if is_closer else 0)) >> 22  # log10 of the interval's length, rounded down
    shift = two + ((-ten * 1741647) >> 19) + 1
    power = POWERS[-ten - LEAST_POWER]
    lower = scaled(power, (4 * number - 2 + is_closer) << shift) + is_odd
    centre = scaled(power, (4 * number) << shift)
    upper = scaled(power, (4 * number + 2) << shift) - is_odd
    whole = centre >> 2
    tens = whole // 10
    if tens:
        down, up = lower <= 40 * tens, 40 * tens + 40 <= upper
        if down != up:
            found.digits, found.exponent = tens + up, ten + 1
            return found
    down, up = lower <= 4 * whole, 4 * whole + 4 <= upper
    if down == up:  # both are as short: the nearer one, or the even one
        up = centre > 4 * whole + 2 or (centre == 4 * whole + 2 and whole & 1)
    found.digits, found.exponent = whole + up, ten
    return found


cdef inline void put_pair(char* out, uint32_t pair) noexcept nogil:
    memcpy(out, PAIRS + 2 * pair, 2)


cdef inline void put_eight(char* out, uint32_t number) noexcept nogil:
    """Write eight digits; the parts of them do not wait for each other."""
    cdef uint32_t high = number // 10000, low = number % 10000
    put_pair(out, high // 100)
    put_pair(out + 2, high % 100)
    put_pair(out + 4, low // 100)
    put_pair(out + 6, low % 100)


cdef inline int put_few(char* out, uint32_t number) noexcept nogil:
    """Write up to eight digits; how many. Up to ``DIGITS`` bytes are overwritten."""
    cdef char[2 * DIGITS] digits
    cdef int zeros = 0
    if number < 10:
        out[0] = c"0" + <char>number
        return 1
    put_eight(digits, number)
    while digits[zeros] == c"0":
        zeros += 1
    memcpy(out, digits + zeros, 8)
    return 8 - zeros


cdef inline int put_whole(char* out, uint64_t number) noexcept nogil:
    """Write digits; how many. Up to ``DIGITS`` bytes are overwritten."""
    cdef int count
    if number < 100000000:
        return put_few(out, <uint32_t>number)
    if number < 10000000000000000ULL:
        count = put_few(out, <uint32_t>(number // 100000000))
    else:
        count = put_few(out, <uint32_t>(number // 10000000000000000ULL))
        put_eight(out + count, <uint32_t>(number // 100000000 % 100000000))
        count += 8
    put_eight(out + count, <uint32_t>(number % 100000000))
    return count + 8


cdef inline int put_integer(char* out, int64_t number) noexcept nogil:
    """Write a whole number; how many bytes it has."""
    if number >= 0:
        return put_whole(out, <uint64_t>number)
    out[0] = c"-"
    return 1 + put_whole(out + 1, -<uint64_t>number)


cdef inline int put_number(char* out, double number, bint as_python) noexcept nogil:
    """Write a double ``as_python`` does, or as msgspec does in JSON; how many bytes it has, at most LONGEST_NUMBER."""
    cdef uint64_t bits
    cdef int exponent, size = 0
    cdef Decimal decimal
    memcpy(&bits, &number, 8)
    exponent = <int>(bits >> FRACTION_BITS) & SPECIAL
    if exponent == SPECIAL:
        return put_special(out, number, as_python)
    if bits >> 63:
        out[0] = c"-"
        size = 1
    bits &= (<uint64_t>1 << 63) - 1
    if bits == 0:
        memcpy(out + size, "0.0", 3)
        return size + 3
    decimal = shortest(bits & ((<uint64_t>1 << FRACTION_BITS) - 1), exponent)
    strip_zeros(&decimal, 100000000, 8)
    strip_zeros(&decimal, 10000, 4)
    strip_zeros(&decimal, 100, 2)
    strip_zeros(&decimal, 10, 1)
    return size + put_decimal(out + size, decimal, as_python)


cdef inline void strip_zeros(Decimal* decimal, uint64_t power, int zeros) noexcept nogil:
    """Strip so many zeros at the end, if there are as many; ``power`` is one with as many."""
    if decimal.digits % power == 0:
        decimal.digits //= power
        decimal.exponent += zeros


cdef int put_special(char* out, double number, bint as_python) noexcept nogil:
    """Write what is not finite: JSON has no word for it."""
    cdef const char* word = "null"
    if as_python:
        word = "nan" if number != number else "inf" if number > 0 else "-inf"
    memcpy(out, word, strlen(word))
    return <int>strlen(word)


cdef inline int put_decimal(char* out, Decimal decimal, bint as_python) noexcept nogil:
    """Write digits with a point among them, or with an exponent if there would be many zeros."""
    cdef char[2 * DIGITS] digits
    cdef int count = put_whole(digits, decimal.digits)
    cdef int point = count + decimal.exponent  # so many digits are before it
    if not (-3 if as_python else -4) <= point <= 16:
        return put_with_exponent(out, digits, count, point - 1, as_python)
    if point <= 0:
        memcpy(out, "0.0000", 6)
        memcpy(out + 2 - point, digits, DIGITS)
        return 2 - point + count
    if point < count:
        memcpy(out, digits, DIGITS)
        out[point] = c"."
        memcpy(out + point + 1, digits + point, DIGITS)
        return count + 1
    memcpy(out, digits, DIGITS)
    memset(out + count, c"0", point - count)
    memcpy(out + point, ".0", 2)
    return point + 2


cdef int put_with_exponent(char* out, const char* digits, int count, int exponent, bint as_python) noexcept nogil:
    """Write ``1.5e-7``, or as Python does ``1.5e-07``."""
    cdef int size = 1
    out[0] = digits[0]
    if count > 1:
        out[1] = c"."
        memcpy(out + 2, digits + 1, count - 1)
        size = count + 1
    out[size] = c"e"
    size += 1
    if exponent < 0 or as_python:
        out[size] = c"-" if exponent < 0 else c"+"
        size += 1
    exponent = abs(exponent)
    if as_python and exponent < 10:
        out[size] = c"0"
        size += 1
    return size + put_whole(out + size, exponent)
