/* `fingerprint.words`, `.sketch` and `.grams`: a text's words, and what is made of them. */
#include "passes.h"
#include <math.h>
#include <string.h>

enum { LIMIT = 2048, TOPIC = 64, STYLE = 16, KEPT = 8, SLOTS = 4096, LANES = 4 };

/* The classes of bytes, as `words.KINDS` and `sketch._CLASSES` number them. */
enum { UPPER = 2, DIGIT = 3, PUNCTUATION = 4, NEWLINE = 5, HIGH = 6 };
enum { COMMA = 128, QUESTION, BRACKET, QUOTE, STOP };

typedef struct {
    const byte *text;
    Py_ssize_t size;
    Py_ssize_t count;
    uint64_t hashes[LIMIT];
    uint16_t starts[LIMIT], lengths[LIMIT];
} Words;

static uint64_t mixed(uint64_t hash)
{
    hash ^= hash >> 31;
    hash *= 0xBF58476D1CE4E5B9u;
    return hash ^ hash >> 29;
}

/* Find the words; `table` has a value for each byte, 0 for those outside of words. */
static void read_words(Words *found, const uint64_t *table)
{
    const byte *text = found->text;
    Py_ssize_t at = 0;
    found->count = 0;
    while (at < found->size) {
        uint64_t value = table[text[at]];
        if (!value) {
            at++;
            continue;
        }
        Py_ssize_t start = at;
        uint64_t hash = 0, power = 1;
        do { /* a character of three bytes or more starts a word */
            hash += value * power;
            power *= 0x9E3779B97F4A7C15u;
            at++;
        } while (at < found->size && text[at] < 0xE0 && (value = table[text[at]]));
        found->starts[found->count] = (uint16_t)start;
        found->lengths[found->count] = (uint16_t)(at - start);
        found->hashes[found->count++] = mixed(hash);
    }
}

/* Write the subject: words of so much weight, with signs, into places; of length one. */
static void write_topic(const Words *found, const double *weights, Py_ssize_t longest,
                        float *topic)
{
    double vector[TOPIC] = {0}, square = 0;
    for (Py_ssize_t i = 0; i < found->count; i++) {
        uint64_t hash = found->hashes[i];
        Py_ssize_t length = found->lengths[i] < longest ? found->lengths[i] : longest;
        double weight = weights[found->text[found->starts[i]] >= 0x80 ? longest : length];
        vector[hash & (TOPIC - 1)] += hash >> 40 & 1 ? weight : -weight;
    }
    for (int i = 0; i < TOPIC; i++) {
        square += vector[i] * vector[i]; /* whole numbers: the same in any order */
    }
    double norm = sqrt(square);
    for (int i = 0; i < TOPIC; i++) {
        topic[i] = (float)(norm > 0 ? vector[i] / norm : vector[i]);
    }
}

/* Return how many different words there are. `key` places them: who knows the words' hashes could
 * otherwise choose words that all stand in each other's way. */
static Py_ssize_t distinct(const Words *found, uint64_t key)
{
    uint64_t slots[SLOTS] = {0};
    Py_ssize_t different = 0, empty = 0; /* a hash of 0 is told apart from an empty slot */
    for (Py_ssize_t i = 0; i < found->count; i++) {
        uint64_t hash = found->hashes[i];
        if (!hash) {
            empty = 1;
            continue;
        }
        uint64_t slot = mixed(hash ^ key) % SLOTS;
        while (slots[slot] && slots[slot] != hash) {
            slot = (slot + 1) % SLOTS;
        }
        different += !slots[slot];
        slots[slot] = hash;
    }
    return different + empty;
}

/* Return how many of the words are one of some. */
static Py_ssize_t among(const Words *found, const uint64_t *some, Py_ssize_t count)
{
    uint64_t seen = 0; /* the last six bits that any of them has */
    Py_ssize_t total = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        seen |= (uint64_t)1 << (some[i] & 63);
    }
    for (Py_ssize_t i = 0; i < found->count; i++) {
        uint64_t hash = found->hashes[i];
        for (Py_ssize_t j = 0; seen >> (hash & 63) & 1 && j < count; j++) {
            total += hash == some[j];
        }
    }
    return total;
}

static void write_style(const Words *found, const byte *classes, const uint64_t *grammar,
                        Py_ssize_t grammatical, uint64_t key, float *style)
{
    Py_ssize_t seen[256], capitals = 0, sum = 0, squares = 0;
    uint16_t counts[LANES][256] = {{0}}; /* neighbours are often alike, and would wait in one */
    for (Py_ssize_t i = 0; i < found->size; i++) {
        counts[i % LANES][classes[found->text[i]]]++;
    }
    for (int i = 0; i < 256; i++) {
        seen[i] = counts[0][i] + counts[1][i] + counts[2][i] + counts[3][i];
    }
    for (Py_ssize_t i = 0; i < found->count; i++) {
        byte begins = found->text[found->starts[i]];
        Py_ssize_t length = found->lengths[i];
        capitals += begins >= 'A' && begins <= 'Z';
        sum += length;
        squares += length * length;
    }
    double size = (double)found->size, count = (double)found->count;
    double mean = (double)sum / count, square = (double)squares / count;
    double variance = square - mean * mean;
    Py_ssize_t marks =
        seen[COMMA] + seen[QUESTION] + seen[BRACKET] + seen[QUOTE] + seen[STOP];
    Py_ssize_t rates[] = {seen[DIGIT], seen[PUNCTUATION] + marks, seen[UPPER],   seen[HIGH],
                          seen[COMMA], seen[QUESTION],            seen[BRACKET], seen[QUOTE]};
    style[0] = (float)log1p(size);
    style[1] = (float)log1p((double)seen[NEWLINE]);
    style[2] = (float)(mean < 32.0 ? mean : 32.0);
    style[3] = (float)fmin(sqrt(variance > 0.0 ? variance : 0.0), 32.0);
    style[4] = (float)((double)distinct(found, key) / pow(count, 0.9));
    style[5] = (float)((double)capitals / count);
    style[6] = (float)((double)among(found, grammar, grammatical) / count);
    style[7] = (float)log1p(count / (double)(1 + seen[STOP] + seen[QUESTION]));
    for (int i = 0; i < 8; i++) {
        style[8 + i] = (float)sqrt((double)rates[i] / size);
    }
}

/* Keep the smallest different hashes of three words in a row, in order; return how many. */
static Py_ssize_t sample(const Words *found, uint64_t key, uint64_t *kept)
{
    const uint64_t mix = 0xBF58476D1CE4E5B9u;
    Py_ssize_t count = 0, words = found->count;
    Py_ssize_t all = words >= 3 ? words - 2 : words > 0;
    for (Py_ssize_t i = 0; i < all; i++) {
        const uint64_t *hashes = found->hashes; /* of fewer than three, what there is comes again */
        uint64_t gram = hashes[i] * 0x9E3779B97F4A7C15u;
        gram += hashes[(i + 1) % words] * 0xC2B2AE3D27D4EB4Fu;
        gram += hashes[(i + 2) % words] * 0x165667B19E3779F9u;
        gram = (gram ^ key) * mix;
        gram ^= gram >> 32;
        gram *= mix;
        Py_ssize_t place = count;
        while (place > 0 && kept[place - 1] > gram) {
            place--;
        }
        if (place == KEPT || (place > 0 && kept[place - 1] == gram)) {
            continue;
        }
        count += count < KEPT;
        memmove(kept + place + 1, kept + place, (size_t)(count - place - 1) * sizeof *kept);
        kept[place] = gram;
    }
    return count;
}

/* Tables come as bytes, which may lie anywhere: copy one to where its values can be read. */
static int copy(void *to, Py_ssize_t room, const char *from, Py_ssize_t size)
{
    if (size != room) {
        PyErr_SetString(PyExc_ValueError, "a table has another size");
        return -1;
    }
    memcpy(to, from, (size_t)size);
    return 0;
}

enum { WEIGHTS = 7, GRAMMAR = 20 };

PyObject *describe(PyObject *module, PyObject *args)
{
    (void)module;
    Words found;
    const char *text, *given[5];
    Py_ssize_t sizes[5];
    unsigned long long key;
    uint64_t table[256], grammar[GRAMMAR], kept[KEPT];
    byte classes[256];
    double weights[WEIGHTS];
    float values[TOPIC + STYLE], steps[TOPIC + STYLE];
    int16_t packed[TOPIC + STYLE];
    if (!PyArg_ParseTuple(args, "y#y#y#y#y#y#K", &given[0], &sizes[0], &given[1], &sizes[1],
                          &given[2], &sizes[2], &given[3], &sizes[3], &given[4], &sizes[4], &text,
                          &found.size, &key)) {
        return NULL;
    }
    if (copy(table, sizeof table, given[0], sizes[0]) < 0 ||
        copy(classes, sizeof classes, given[1], sizes[1]) < 0 ||
        copy(weights, sizeof weights, given[2], sizes[2]) < 0 ||
        copy(grammar, sizeof grammar, given[3], sizes[3]) < 0 ||
        copy(steps, sizeof steps, given[4], sizes[4]) < 0) {
        return NULL;
    }
    if (found.size > LIMIT) {
        PyErr_SetString(PyExc_ValueError, "a text is read in a window");
        return NULL;
    }
    found.text = (const byte *)text;
    read_words(&found, table);
    if (!found.count) {
        return Py_BuildValue("(Oy#)", Py_None, "", (Py_ssize_t)0);
    }
    write_topic(&found, weights, WEIGHTS - 1, values);
    write_style(&found, classes, grammar, GRAMMAR, key, values + TOPIC);
    for (int i = 0; i < TOPIC + STYLE; i++) {
        packed[i] = (int16_t)rintf(values[i] * steps[i]);
    }
    Py_ssize_t grams = sample(&found, key, kept);
    return Py_BuildValue("(y#y#)", (const char *)packed, (Py_ssize_t)sizeof packed,
                         (const char *)kept, grams * (Py_ssize_t)sizeof *kept);
}
