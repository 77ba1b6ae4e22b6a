/* `fingerprint.draw`: the pieces of a long text, in the order of keyed hashes of how they begin. */
#include "passes.h"
#include <string.h>

enum { PIECE = 192, LEAST = 12, BEGINNING = 16 };

typedef struct {
    uint64_t hash;
    Py_ssize_t start, end;
} Piece;

typedef struct {
    Piece *all;
    Py_ssize_t count, room;
} Pieces;

static int is_gap(byte c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* What ends a line, 2, or a sentence where space follows, 1. */
static const byte marks[256] = {['\n'] = 2, ['.'] = 1, ['!'] = 1, ['?'] = 1, [':'] = 1, [';'] = 1};

/* Return whether a line or a sentence ends with the byte at `at`. */
static int is_end(const byte *text, Py_ssize_t at, Py_ssize_t size)
{
    byte mark = marks[text[at]];
    return at + 1 == size || mark == 2 || (mark && is_gap(text[at + 1]));
}

/* Hash the bytes with which a piece begins, with ASCII's case folded. */
static uint64_t hash(const byte *text, Py_ssize_t start, Py_ssize_t size, uint64_t seed)
{
    const uint64_t mix = 0x9E3779B97F4A7C15u;
    byte begins[BEGINNING] = {0};
    uint64_t halves[2];
    Py_ssize_t left = size - start;
    memcpy(begins, text + start, (size_t)(left < BEGINNING ? left : BEGINNING));
    for (int i = 0; i < BEGINNING; i++) {
        begins[i] |= 0x20;
    }
    memcpy(halves, begins, sizeof halves);
    uint64_t mixed = (halves[0] ^ seed) * mix;
    mixed ^= mixed >> 32;
    mixed = (mixed + halves[1]) * mix;
    mixed ^= mixed >> 32;
    return mixed * mix;
}

static int add(Pieces *found, const byte *text, Py_ssize_t size, Py_ssize_t start, Py_ssize_t end,
               uint64_t seed)
{
    if (found->count == found->room) {
        Py_ssize_t room = found->room ? 2 * found->room : 256;
        Piece *all = PyMem_Realloc(found->all, (size_t)room * sizeof(Piece));
        if (all == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        found->all = all;
        found->room = room;
    }
    found->all[found->count++] = (Piece){hash(text, start, size, seed), start, end};
    return 0;
}

/* Add the parts of a line or sentence that are worth it. */
static int add_parts(Pieces *found, const byte *text, Py_ssize_t size, Py_ssize_t start,
                     Py_ssize_t stop, uint64_t seed)
{
    for (; start < stop; start += PIECE) {
        Py_ssize_t end = start + PIECE < stop ? start + PIECE : stop;
        /* White space before a piece would make equal ones differ. */
        Py_ssize_t from = start + (is_gap(text[start]) && start + 1 < end);
        if (end - from >= LEAST && add(found, text, size, from, end, seed) < 0) {
            return -1;
        }
    }
    return 0;
}

static int cut(Pieces *found, const byte *text, Py_ssize_t size, uint64_t seed)
{
    Py_ssize_t start = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        if (!is_end(text, at, size)) {
            continue;
        }
        if (at + 1 - start >= LEAST && add_parts(found, text, size, start, at + 1, seed) < 0) {
            return -1;
        }
        start = at + 1;
    }
    /* Nothing but ends: cut anywhere. */
    for (start = found->count ? size : 0; start < size; start += PIECE) {
        Py_ssize_t end = start + PIECE < size ? start + PIECE : size;
        if (add(found, text, size, start, end, seed) < 0) {
            return -1;
        }
    }
    return 0;
}

static int before(const Piece *one, const Piece *other)
{
    return one->hash != other->hash ? one->hash < other->hash : one->start < other->start;
}

/* Let the piece at `at` sink to its place in a heap whose first piece is the next in order. */
static void sink(Piece *heap, Py_ssize_t count, Py_ssize_t at)
{
    Piece moved = heap[at];
    for (Py_ssize_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        child += child + 1 < count && before(&heap[child + 1], &heap[child]);
        if (!before(&heap[child], &moved)) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

/* Return the first `most` pieces in order, as a list of pairs. */
static PyObject *first(Pieces *found, Py_ssize_t most)
{
    Piece *heap = found->all;
    Py_ssize_t count = found->count;
    for (Py_ssize_t at = count / 2; at-- > 0;) {
        sink(heap, count, at);
    }
    PyObject *order = PyList_New(0);
    for (; order != NULL && count > 0 && most > 0; most--) {
        PyObject *pair = Py_BuildValue("(nn)", heap[0].start, heap[0].end);
        if (pair == NULL || PyList_Append(order, pair) < 0) {
            Py_CLEAR(order);
        }
        Py_XDECREF(pair);
        heap[0] = heap[--count];
        if (count) {
            sink(heap, count, 0);
        }
    }
    return order;
}

PyObject *drawn(PyObject *module, PyObject *args)
{
    (void)module;
    const char *text;
    Py_ssize_t size, most;
    unsigned long long seed;
    if (!PyArg_ParseTuple(args, "y#Kn", &text, &size, &seed, &most)) {
        return NULL;
    }
    Pieces found = {NULL, 0, 0};
    PyObject *order = NULL;
    if (cut(&found, (const byte *)text, size, seed) == 0) {
        order = first(&found, most);
    }
    PyMem_Free(found.all);
    return order;
}
