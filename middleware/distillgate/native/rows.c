/* `campaign.sketch_row` and `account.texts`: one text's sketch, added to what is kept of many. */
#include "passes.h"
#include <math.h>
#include <string.h>

enum { TOPIC = 64, STYLE = 16, CLOCK = 4, FEATURES = TOPIC + STYLE + CLOCK, FOLDED = TOPIC / 2 };

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

#define HOLDS(buffer, type, count) ((buffer).len == (Py_ssize_t)((count) * sizeof(type)))

/* Buffers that a call was given, let go at its end. */
static PyObject *release(Py_buffer *given, int count, int fits)
{
    for (int i = 0; i < count; i++) {
        PyBuffer_Release(&given[i]);
    }
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "a row, or a text, has another size");
        return NULL;
    }
    return Py_NewRef(Py_None);
}

/* Add a text to means in whole steps, and to the deviations of its style. */
PyObject *add_text(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer in[4];
    Py_ssize_t place;
    double weight;
    if (!PyArg_ParseTuple(args, "w*w*ny*y*d", &in[0], &in[1], &place, &in[2], &in[3], &weight)) {
        return NULL;
    }
    int fits = place >= 0 && place < in[0].len / (FEATURES * (Py_ssize_t)sizeof(int16_t)) &&
               place < in[1].len / (STYLE * (Py_ssize_t)sizeof(uint16_t)) &&
               HOLDS(in[2], float, FEATURES) && HOLDS(in[3], float, STYLE);
    if (fits) {
        int16_t *mean = (int16_t *)in[0].buf + place * FEATURES;
        uint16_t *deviation = (uint16_t *)in[1].buf + place * STYLE;
        const float *text = in[2].buf, *step = in[3].buf;
        float share = (float)weight, part = (float)sqrt(weight), rest = (float)sqrt(1.0 - weight);
        for (int i = 0; i < STYLE; i++) {
            float shift = text[TOPIC + i] - (float)mean[TOPIC + i];
            float moved = step[i] * part;
            deviation[i] = to_half(hypotf(from_half(deviation[i]), shift * moved) * rest);
        }
        for (int i = 0; i < FEATURES; i++) {
            float shift = (text[i] - (float)mean[i]) * share;
            mean[i] = (int16_t)rintf((float)mean[i] + shift);
        }
    }
    return release(in, 4, fits);
}

/* Read the values of a packed sketch, as bytes. */
PyObject *unpacked(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer in[2];
    float values[TOPIC + STYLE];
    if (!PyArg_ParseTuple(args, "y*y*", &in[0], &in[1])) {
        return NULL;
    }
    int fits = HOLDS(in[0], int16_t, TOPIC + STYLE) && HOLDS(in[1], float, TOPIC + STYLE);
    const char *packed = in[0].buf;
    const float *steps = in[1].buf;
    for (int i = 0; fits && i < TOPIC + STYLE; i++) {
        int16_t step;
        memcpy(&step, packed + i * sizeof step, sizeof step);
        values[i] = (float)step / steps[i];
    }
    PyObject *done = release(in, 2, fits);
    if (done == NULL) {
        return NULL;
    }
    Py_DECREF(done);
    return PyBytes_FromStringAndSize((const char *)values, sizeof values);
}

/* Write a text as a row to add: its subject, its manner and when it was sent, in steps. */
PyObject *write_entry(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer in[4];
    double clock[CLOCK];
    if (!PyArg_ParseTuple(args, "w*y*y*y*dddd", &in[0], &in[1], &in[2], &in[3], &clock[0],
                          &clock[1], &clock[2], &clock[3])) {
        return NULL;
    }
    int fits = HOLDS(in[0], float, FEATURES) && HOLDS(in[1], float, TOPIC) &&
               HOLDS(in[2], float, STYLE) && HOLDS(in[3], float, FEATURES);
    float *entry = in[0].buf;
    const float *topic = in[1].buf, *style = in[2].buf, *steps = in[3].buf;
    for (int i = 0; fits && i < FEATURES; i++) {
        float value = i < TOPIC           ? topic[i]
                      : i < TOPIC + STYLE ? style[i - TOPIC]
                                          : (float)clock[i - TOPIC - STYLE];
        entry[i] = value * steps[i];
    }
    return release(in, 4, fits);
}

/* Write the sums over a row's texts, of which either half has so many. */
PyObject *write_sums(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer in[3];
    Py_ssize_t row;
    double first, second;
    if (!PyArg_ParseTuple(args, "w*y*y*ndd", &in[0], &in[1], &in[2], &row, &first, &second)) {
        return NULL;
    }
    int fits = HOLDS(in[0], double, FEATURES) && HOLDS(in[2], double, FEATURES) && row >= 0 &&
               row < in[1].len / (2 * FEATURES * (Py_ssize_t)sizeof(int16_t));
    double *sums = in[0].buf;
    const int16_t *means = fits ? (const int16_t *)in[1].buf + 2 * FEATURES * row : NULL;
    const double *step = in[2].buf;
    for (int i = 0; fits && i < FEATURES; i++) { /* whole numbers: exact */
        sums[i] = (0.0 + first * means[i] + second * means[FEATURES + i]) * step[i];
    }
    return release(in, 3, fits);
}

/* Turn a mean subject, told in `steps`, to the folded subject of the newest of so many texts. */
PyObject *turn_mean(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer in[2];
    Py_ssize_t at;
    double steps, texts;
    if (!PyArg_ParseTuple(args, "w*ny*dd", &in[0], &at, &in[1], &steps, &texts)) {
        return NULL;
    }
    int fits = at >= 0 && at % (Py_ssize_t)sizeof(int16_t) == 0 && HOLDS(in[1], float, FOLDED) &&
               in[0].len - at >= (Py_ssize_t)(FOLDED * sizeof(int16_t));
    int16_t *mean = fits ? (int16_t *)((char *)in[0].buf + at) : NULL;
    const float *folded = in[1].buf;
    for (int i = 0; fits && i < FOLDED; i++) {
        float shift = (folded[i] * (float)steps - (float)mean[i]) / (float)texts;
        mean[i] = (int16_t)rintf((float)mean[i] + shift);
    }
    return release(in, 2, fits);
}

/* Write a subject in steps of eight bits. */
PyObject *write_subject(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer in[2];
    Py_ssize_t place;
    double scale;
    if (!PyArg_ParseTuple(args, "w*ny*d", &in[0], &place, &in[1], &scale)) {
        return NULL;
    }
    int fits = place >= 0 && place < in[0].len / TOPIC && HOLDS(in[1], float, TOPIC);
    int8_t *written = fits ? (int8_t *)in[0].buf + TOPIC * place : NULL;
    const float *topic = in[1].buf;
    for (int i = 0; fits && i < TOPIC; i++) {
        written[i] = (int8_t)rintf(topic[i] * (float)scale);
    }
    return release(in, 2, fits);
}
