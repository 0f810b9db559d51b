/* Counting what was delivered, cheaply and so that it can be believed.
 *
 * A room at 50 million deliveries a second leaves 20 ns for each, too little to look at every line.
 * So all names and texts have equal length, which makes all delivered lines equally long, and
 * before a measurement everything else was awaited. Then
 *   - each member's newlines are counted (32 bytes at a time), and its bytes;
 *   - one member, the witness, is read in full: each line must be a measured one (a marker, talker
 *     and number in it), each talker's in order with none missing;
 *   - at the end every member must have exactly its number of lines, and its bytes must be that
 *     number times the length the witness saw, or the result is an error.
 *
 * Must not know: why lines were said, or when.
 */
#pragma once
#include "members.h"

enum {
    TALKERS = 100,          /* two digits in the marker */
    BATCH = 255,            /* newlines that one byte can count */
};

static uint64_t newlines;           /* counted over all members in this measurement */

/* =TTNNNNNNN= and letters: talker, the talker's line; always TEXT bytes. */
static size_t said(char *to, int member, int talker, long number)
{
    char text[TEXT + 1];
    int length = sprintf(text, "=%02d%07ld=", talker, number);
    for (int i = length; i < TEXT; i++)
        text[i] = i % 6 ? (char)('a' + i % 26) : ' ';
    text[TEXT - 1] = 'z';
    text[TEXT] = 0;
    return fill(to, dialect->say, member, text);
}

typedef uint8_t block __attribute__((vector_size(32), aligned(1)));

/* A comparison gives 0 or -1 in each byte, so subtracting counts. */
static uint64_t count_newlines(const char *data, size_t length)
{
    const block newline = (block){} + '\n';
    uint64_t total = 0;
    while (length >= sizeof(block)) {
        block sum = {};
        size_t blocks = length / sizeof(block);
        if (blocks > BATCH)
            blocks = BATCH;
        for (size_t i = 0; i < blocks; i++)
            sum -= (block)(((const block *)data)[i] == newline);
        for (size_t i = 0; i < sizeof(block); i++)
            total += sum[i];
        data += blocks * sizeof(block);
        length -= blocks * sizeof(block);
    }
    while (length--)
        total += *data++ == '\n';
    return total;
}

/* The witness: the last member that reads, and never one that talks. */
static struct {
    struct member *member;
    char line[1024];
    size_t length;              /* of the line so far */
    size_t delivered;           /* bytes of a delivered line, learned from the first */
    int breaks;                 /* newlines in the line so far */
    long next[TALKERS], strange;
    char first_strange[TAIL + 1];
} witness;

static void call_strange(void)
{
    if (!witness.strange++)
        printable(witness.first_strange, witness.line, witness.length);
}

static void testify(void)
{
    int talker;
    long number;
    const char *mark = memchr(witness.line, '=', witness.length);
    witness.line[witness.length] = 0;
    if (!witness.delivered)
        witness.delivered = witness.length;
    if (!mark || sscanf(mark, "=%2d%7ld=", &talker, &number) != 2
        || number != witness.next[talker] || witness.length != witness.delivered)
        call_strange();
    else
        witness.next[talker]++;
}

static void hear(const char *data, size_t length)
{
    while (length) {
        const char *end = memchr(data, '\n', length);
        size_t piece = end ? (size_t)(end + 1 - data) : length;
        if (witness.length + piece >= sizeof witness.line) {
            call_strange();
            witness.length = 0;
        }
        if (piece < sizeof witness.line) {
            memcpy(witness.line + witness.length, data, piece);
            witness.length += piece;
        }
        if (end && ++witness.breaks == dialect->newlines) {
            testify();
            witness.length = 0;
            witness.breaks = 0;
        }
        data += piece;
        length -= piece;
    }
}

static void count(struct member *m, char *data, size_t length)
{
    uint64_t n = count_newlines(data, length);
    m->newlines += n;
    m->bytes += length;
    newlines += n;
    if (m == witness.member)
        hear(data, length);
}

static void begin(reader how)
{
    for (int i = 0; i < opened; i++)
        members[i].newlines = members[i].bytes = 0;
    newlines = 0;
    spare = 0;
    memset(&witness, 0, sizeof witness);
    witness.member = &members[opened - 1 - deaf];
    take = how;
}

/* Why the measurement cannot be believed, or "". `due` is what member i should have got. */
static const char *doubt(uint64_t (*due)(int member))
{
    static char text[200];
    if (gone) {
        sprintf(text, "dropped by the server: %d of %d (%.*s)", gone, opened, TAIL, why);
        return text;
    }
    if (witness.strange) {
        sprintf(text, "%ld lines came out of order, twice, or were not ours: %s", witness.strange,
                witness.first_strange);
        return text;
    }
    for (int i = 0; i < opened - deaf; i++) {
        struct member *m = &members[i];
        uint64_t lines = m->newlines / (uint64_t)dialect->newlines;
        if (lines != due(i) || m->bytes != lines * witness.delivered) {
            sprintf(text, "member %d got %lu lines in %lu bytes, due %lu of %zu bytes", i, lines,
                    m->bytes, due(i), witness.delivered);
            return text;
        }
    }
    return "";
}
