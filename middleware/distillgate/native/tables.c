/* `campaign.template` and `campaign.sketch_row`: what is looked up, and changed, in large tables. */
#include "passes.h"
#include <math.h>
#include <string.h>

enum { TOPIC = 64, STYLE = 16, FEATURES = 84 };

/* First sightings: of each place the upper half of the segment that was seen last, and by whom. */
typedef struct {
    Py_buffer tags, owners;
    Py_ssize_t mask;
    PyObject *segments;
    uint32_t own;
} Sightings;

static int open_sightings(Sightings *found, PyObject *args)
{
    unsigned long own;
    if (!PyArg_ParseTuple(args, "w*w*O!k", &found->tags, &found->owners, &PyList_Type,
                          &found->segments, &own)) {
        return -1;
    }
    Py_ssize_t places = found->tags.len / (Py_ssize_t)sizeof(uint32_t);
    found->mask = places - 1;
    found->own = (uint32_t)own;
    if (places < 1 || places & found->mask || found->owners.len != found->tags.len) {
        PyErr_SetString(PyExc_ValueError, "tables are as large as each other: a power of two");
        return -1;
    }
    return 0;
}

static void close_sightings(Sightings *found)
{
    PyBuffer_Release(&found->tags);
    PyBuffer_Release(&found->owners);
}

/* Return the segments that another was the last to send. */
PyObject *shared(PyObject *module, PyObject *args)
{
    (void)module;
    Sightings in = {0};
    PyObject *found = open_sightings(&in, args) < 0 ? NULL : PyList_New(0);
    const uint32_t *tags = in.tags.buf, *owners = in.owners.buf;
    for (Py_ssize_t i = 0; found != NULL && i < PyList_Size(in.segments); i++) {
        PyObject *segment = PyList_GetItem(in.segments, i);
        uint64_t value = PyLong_AsUnsignedLongLong(segment);
        Py_ssize_t place = (Py_ssize_t)(value & (uint64_t)in.mask);
        int differs = tags[place] == value >> 32 && owners[place] != in.own;
        if (PyErr_Occurred() || (differs && PyList_Append(found, segment) < 0)) {
            Py_CLEAR(found);
        }
    }
    close_sightings(&in);
    return found;
}

/* Note who sent segments. */
PyObject *sighted(PyObject *module, PyObject *args)
{
    (void)module;
    Sightings in = {0};
    int failed = open_sightings(&in, args);
    uint32_t *tags = in.tags.buf, *owners = in.owners.buf;
    for (Py_ssize_t i = 0; !failed && i < PyList_Size(in.segments); i++) {
        uint64_t value = PyLong_AsUnsignedLongLong(PyList_GetItem(in.segments, i));
        Py_ssize_t place = (Py_ssize_t)(value & (uint64_t)in.mask);
        if (PyErr_Occurred()) {
            failed = -1;
            break;
        }
        tags[place] = (uint32_t)(value >> 32);
        owners[place] = in.own;
    }
    close_sightings(&in);
    return failed ? NULL : Py_NewRef(Py_None);
}

static float from_half(uint16_t half)
{
    uint32_t bits = (uint32_t)(half & 0x7FFF) << 13, sign = (uint32_t)(half & 0x8000) << 16;
    float value;
    if (half << 1 & 0xF800) { /* a normal number: its exponent has another bias */
        bits += (half & 0x7C00) == 0x7C00 ? (uint32_t)(255 - 31) << 23 : (uint32_t)(127 - 15) << 23;
    } else {
        value = (float)(half & 0x3FF) / 16777216.0f;
        memcpy(&bits, &value, sizeof bits);
    }
    bits |= sign;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Round to the nearest, as the processor does; what is too large is infinite. */
static uint16_t to_half(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7FFFFFFF;
    if (bits > 0x7F800000) {
        return sign | 0x7E00;
    }
    if (bits >= 0x477FF000) {
        return sign | 0x7C00;
    }
    if (bits < 0x38800000) { /* less than the least normal number */
        return sign | (uint16_t)rintf(fabsf(value) * 16777216.0f);
    }
    bits += 0xFFF + (bits >> 13 & 1);
    return sign | (uint16_t)((bits - ((uint32_t)(127 - 15) << 23)) >> 13);
}

/* Add a text to means in whole steps, and to the deviations of its style. */
PyObject *add_text(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer means, deviations, text, steps;
    Py_ssize_t place;
    double weight;
    if (!PyArg_ParseTuple(args, "w*w*ny*y*d", &means, &deviations, &place, &text, &steps,
                          &weight)) {
        return NULL;
    }
    PyObject *done = Py_None;
    Py_ssize_t rows = means.len / (FEATURES * (Py_ssize_t)sizeof(int16_t));
    if (place < 0 || place >= rows || deviations.len < rows * STYLE * (Py_ssize_t)sizeof(int16_t) ||
        text.len != FEATURES * (Py_ssize_t)sizeof(float) ||
        steps.len != STYLE * (Py_ssize_t)sizeof(float)) {
        PyErr_SetString(PyExc_ValueError, "a text is added to a row of its size");
        done = NULL;
    } else {
        int16_t *mean = (int16_t *)means.buf + place * FEATURES;
        uint16_t *deviation = (uint16_t *)deviations.buf + place * STYLE;
        const float *features = text.buf, *step = steps.buf;
        float share = (float)weight, part = (float)sqrt(weight), rest = (float)sqrt(1.0 - weight);
        for (int i = 0; i < STYLE; i++) {
            float shift = features[TOPIC + i] - (float)mean[TOPIC + i];
            float moved = step[i] * part;
            deviation[i] = to_half(hypotf(from_half(deviation[i]), shift * moved) * rest);
        }
        for (int i = 0; i < FEATURES; i++) {
            float shift = (features[i] - (float)mean[i]) * share;
            mean[i] = (int16_t)rintf((float)mean[i] + shift);
        }
    }
    PyBuffer_Release(&means);
    PyBuffer_Release(&deviations);
    PyBuffer_Release(&text);
    PyBuffer_Release(&steps);
    return Py_XNewRef(done);
}
