/* `fingerprint.segments`: a text cut into lines and sentences, normalised and hashed. */
#include "passes.h"
#include <string.h>

#define XXH_INLINE_ALL
#include "xxhash.h"

enum { ENDS = 256 }; /* bytes at either end in which anchors are looked for */

typedef struct {
    Py_ssize_t start, end;
} Span;

/* Lower case, digits as 0, tabs and returns as spaces: every byte stays in its place. */
static void normalise(byte *normal, const byte *raw, Py_ssize_t size)
{
    for (Py_ssize_t i = 0; i < size; i++) {
        byte c = lower(raw[i]);
        c = c >= '1' && c <= '9' ? '0' : c;
        normal[i] = c == '\t' || c == '\r' ? ' ' : c;
    }
}

/* What may end a segment: few bytes are more than looked up. 0x82 ends an ideographic full stop. */
static const byte marks[256] = {['\n'] = 1, ['.'] = 1, ['!'] = 1, ['?'] = 1,
                                [':'] = 1,  [';'] = 1, [0x82] = 1};

/* Return whether the byte at `at` is the last one of an ideographic full stop. */
static int is_full_stop(const byte *text, Py_ssize_t at)
{
    return at >= 2 && text[at] == 0x82 && text[at - 1] == 0x80 && text[at - 2] == 0xE3;
}

/* Return where the piece after a mark starts, or -1 where the mark ends no piece; `until` is where
 * the white space behind it ends. */
static Py_ssize_t following(const byte *text, Py_ssize_t mark, Py_ssize_t until)
{
    Py_ssize_t end = mark + 1;
    if (text[mark] == '\n' || memchr(text + end, '\n', (size_t)(until - end)) != NULL) {
        return until;
    }
    if (text[mark] == 0x82) {
        return is_full_stop(text, mark) ? end : -1;
    }
    Py_ssize_t at = end;
    while (at < until && text[at] == ' ') {
        at++;
    }
    return at > end ? at : -1;
}

/* Find at most `most` segments of at least `shortest` bytes; return how many. */
static Py_ssize_t find(const byte *text, Py_ssize_t size, Py_ssize_t shortest, Py_ssize_t most,
                       Span *found)
{
    Py_ssize_t count = 0, at = 0, place = 0;
    while (place < size) {
        Py_ssize_t mark = place++;
        if (!marks[text[mark]] ||
            !((place < size && is_space(text[place])) || text[mark] == '\n' ||
              is_full_stop(text, mark))) {
            continue;
        }
        while (place < size && is_space(text[place])) {
            place++;
        }
        Py_ssize_t next = following(text, mark, place), end = mark + 1;
        if (next < 0) {
            continue;
        }
        if (text[mark] == '\n') { /* space round line ends is neither's */
            end = mark;
            while (end > at && is_space(text[end - 1])) {
                end--;
            }
        }
        if (end - at >= shortest) {
            found[count++] = (Span){at, end};
            if (count == most) {
                return count;
            }
        }
        at = next;
    }
    if (size - at >= shortest) {
        found[count++] = (Span){at, size};
    }
    return count;
}

/* Hash a piece; runs of zeros and of spaces count as one. `scratch` has room for it. */
static PyObject *hash(const byte *piece, Py_ssize_t size, byte *scratch, uint64_t seed)
{
    Py_ssize_t length = 0, start = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        byte c = piece[i];
        if (length && c == scratch[length - 1] && (c == '0' || c == ' ')) {
            continue;
        }
        scratch[length++] = c;
    }
    while (start < length && is_space(scratch[start])) {
        start++;
    }
    while (length > start && is_space(scratch[length - 1])) {
        length--;
    }
    return PyLong_FromUnsignedLongLong(
        XXH3_64bits_withSeed(scratch + start, (size_t)(length - start), seed));
}

/* Write the first or last `words` words of a text, a space between two, into `anchor`; return how
 * many bytes that is, 0 where the text has no more words than those. `step` is 1 or -1. */
static Py_ssize_t gather(const byte *text, Py_ssize_t size, Py_ssize_t words, int step,
                         byte *anchor)
{
    Py_ssize_t length = 0, at = step > 0 ? 0 : size - 1;
    for (Py_ssize_t word = 0;; word++) {
        while (at >= 0 && at < size && is_space(text[at])) {
            at += step;
        }
        if (at < 0 || at >= size) {
            return 0;
        }
        if (word == words) {
            break;
        }
        if (word) {
            anchor[length++] = ' ';
        }
        while (at >= 0 && at < size && !is_space(text[at])) {
            anchor[length++] = text[at];
            at += step;
        }
    }
    if (step < 0) {
        for (Py_ssize_t i = 0, j = length - 1; i < j; i++, j--) {
            byte swapped = anchor[i];
            anchor[i] = anchor[j];
            anchor[j] = swapped;
        }
    }
    return length;
}

/* Append the hashes of a text's two anchors to a list; -1 for an error. */
static int add_anchors(PyObject *list, const byte *text, Py_ssize_t size, Py_ssize_t words,
                       Py_ssize_t shortest, uint64_t seed)
{
    byte first[ENDS + 2] = "^", last[ENDS + 2], scratch[ENDS + 2];
    Py_ssize_t read = size < ENDS ? size : ENDS;
    if (size / 2 < shortest) { /* and not 2 * shortest, which may be too large a number */
        return 0;
    }
    Py_ssize_t head = gather(text, read, words, 1, first + 1);
    Py_ssize_t tail = gather(text + size - read, read, words, -1, last);
    if (!head || !tail || head < shortest || tail < shortest) {
        return 0;
    }
    last[tail] = '$';
    PyObject *values[] = {hash(first, head + 1, scratch, seed),
                          hash(last, tail + 1, scratch, seed)};
    int failed = 0;
    for (int i = 0; i < 2; i++) {
        failed |= values[i] == NULL || PyList_Append(list, values[i]) < 0;
        Py_XDECREF(values[i]);
    }
    return failed ? -1 : 0;
}

/* Return the segments found as a tuple of pairs. */
static PyObject *pairs(const Span *found, Py_ssize_t count)
{
    PyObject *all = PyTuple_New(count);
    for (Py_ssize_t i = 0; all != NULL && i < count; i++) {
        PyObject *pair = Py_BuildValue("(nn)", found[i].start, found[i].end);
        if (pair == NULL || PyTuple_SetItem(all, i, pair) < 0) {
            Py_CLEAR(all);
        }
    }
    return all;
}

/* Return the hashes of what was found, and of the anchors where `words` is not 0. */
static PyObject *hashed(const byte *normal, Py_ssize_t size, const Span *found, Py_ssize_t count,
                        byte *scratch, Py_ssize_t shortest, Py_ssize_t words, uint64_t seed)
{
    PyObject *list = PyList_New(0), *all = NULL;
    if (list == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *value = hash(normal + found[i].start, found[i].end - found[i].start, scratch, seed);
        if (value == NULL || PyList_Append(list, value) < 0) {
            Py_XDECREF(value);
            goto done;
        }
        Py_DECREF(value);
    }
    if (!words || add_anchors(list, normal, size, words, shortest, seed) == 0) {
        all = PyList_AsTuple(list);
    }
done:
    Py_DECREF(list);
    return all;
}

PyObject *segments(PyObject *module, PyObject *args)
{
    (void)module;
    const char *raw;
    Py_ssize_t size, shortest, most, words;
    unsigned long long seed;
    if (!PyArg_ParseTuple(args, "y#Knnn", &raw, &size, &seed, &shortest, &most, &words)) {
        return NULL;
    }
    if (shortest < 1 || most < 1 || words < 0) {
        PyErr_SetString(PyExc_ValueError, "a segment has at least one byte");
        return NULL;
    }
    /* Segments do not overlap, so there cannot be more than bytes. */
    most = most < size ? most : size + 1;
    byte *normal = PyMem_Malloc(2 * (size_t)size + 1);
    Span *found = PyMem_Malloc((size_t)most * sizeof(Span));
    PyObject *result = NULL;
    if (normal == NULL || found == NULL) {
        PyErr_NoMemory();
    } else {
        normalise(normal, (const byte *)raw, size);
        Py_ssize_t count = find(normal, size, shortest, most, found);
        PyObject *spans = pairs(found, count);
        PyObject *values = spans == NULL ? NULL
                                         : hashed(normal, size, found, count, normal + size,
                                                  shortest, words, seed);
        if (values != NULL) {
            result = PyTuple_Pack(2, spans, values);
        }
        Py_XDECREF(spans);
        Py_XDECREF(values);
    }
    PyMem_Free(found);
    PyMem_Free(normal);
    return result;
}

/* Hash one piece that is bytes; a line's end in it counts as a space. */
static PyObject *hash_piece(PyObject *piece, uint64_t seed)
{
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(piece, &data, &size) < 0) {
        return NULL;
    }
    byte *normal = PyMem_Malloc(2 * (size_t)size + 1);
    if (normal == NULL) {
        return PyErr_NoMemory();
    }
    normalise(normal, (const byte *)data, size);
    for (Py_ssize_t i = 0; i < size; i++) {
        normal[i] = normal[i] == '\n' ? ' ' : normal[i];
    }
    PyObject *value = hash(normal, size, normal + size, seed);
    PyMem_Free(normal);
    return value;
}

PyObject *hashes(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *pieces;
    unsigned long long seed;
    if (!PyArg_ParseTuple(args, "O!K", &PyList_Type, &pieces, &seed)) {
        return NULL;
    }
    Py_ssize_t count = PyList_Size(pieces);
    PyObject *all = PyTuple_New(count);
    for (Py_ssize_t i = 0; all != NULL && i < count; i++) {
        PyObject *value = hash_piece(PyList_GetItem(pieces, i), seed);
        if (value == NULL || PyTuple_SetItem(all, i, value) < 0) {
            Py_CLEAR(all);
        }
    }
    return all;
}
