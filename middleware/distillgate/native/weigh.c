/* `campaign.weigh`: what principals say by all features and by manner alone; `campaign.belonging`: how
 * far one lies from a hand. */
#include "passes.h"

/* Add numbers in numpy's order, which is not the simplest, as it rounds less. */
static double sum(const double *values, Py_ssize_t count)
{
    if (count < 8) {
        double total = 0.0;
        for (Py_ssize_t i = 0; i < count; i++) {
            total += values[i];
        }
        return total;
    }
    if (count > 128) {
        Py_ssize_t half = count / 2 - count / 2 % 8;
        return sum(values, half) + sum(values + half, count - half);
    }
    double part[8];
    Py_ssize_t whole = count - count % 8;
    for (int j = 0; j < 8; j++) {
        part[j] = values[j];
    }
    for (Py_ssize_t i = 8; i < whole; i += 8) {
        for (int j = 0; j < 8; j++) {
            part[j] += values[i + j];
        }
    }
    double total = ((part[0] + part[1]) + (part[2] + part[3])) +
                   ((part[4] + part[5]) + (part[6] + part[7]));
    for (Py_ssize_t i = whole; i < count; i++) {
        total += values[i];
    }
    return total;
}

static double within(double value, double least, double most)
{
    value = value < least ? least : value;
    return value > most ? most : value;
}

enum { SAID, CHOSEN, JUDGED, SHIFT, CENTRE, WHICH, CHANCE, GIVEN };
enum { KNOWN, OVER, APART, GAIN, TABLES };
enum { WIDEST = 256 };

/* Return whether the arrays are as large as each other asks for, and name no row that is not. */
static int fits(const Py_buffer *in, Py_ssize_t places, Py_ssize_t *width)
{
    const Py_ssize_t one = (Py_ssize_t)sizeof(double);
    Py_ssize_t rows = in[WHICH].len / (Py_ssize_t)sizeof(int64_t), row = in[CENTRE].len;
    *width = row / one;
    if (*width < 1 || *width > WIDEST || places < 0 || places > *width ||
        in[SAID].len != 2 * rows * one) {
        return 0;
    }
    for (int i = CHOSEN; i <= SHIFT; i++) {
        if (in[i].len != rows * row) {
            return 0;
        }
    }
    Py_ssize_t kinds = in[CHANCE].len / (TABLES * row);
    if (in[CHANCE].len != kinds * TABLES * row) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < rows; i++) {
        int64_t kind = ((const int64_t *)in[WHICH].buf)[i];
        if (kind < 0 || kind >= kinds) {
            return 0;
        }
    }
    return 1;
}

PyObject *weigh_rows(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer in[GIVEN];
    Py_ssize_t places, width;
    double least, most;
    if (!PyArg_ParseTuple(args, "w*(y*y*y*)y*y*y*n(dd)", &in[SAID], &in[CHOSEN], &in[JUDGED],
                          &in[SHIFT], &in[CENTRE], &in[WHICH], &in[CHANCE], &places, &least,
                          &most)) {
        return NULL;
    }
    int good = fits(in, places, &width);
    Py_ssize_t rows = good ? in[WHICH].len / (Py_ssize_t)sizeof(int64_t) : 0;
    double each[WIDEST], *said = in[SAID].buf;
    const double *centre = in[CENTRE].buf;
    Py_ssize_t table = in[CHANCE].len / (TABLES * (Py_ssize_t)sizeof(double));
    for (Py_ssize_t row = 0; row < rows; row++) {
        Py_ssize_t of = ((const int64_t *)in[WHICH].buf)[row] * width, at = row * width;
        const double *chosen = (const double *)in[CHOSEN].buf + at;
        const double *judged = (const double *)in[JUDGED].buf + at;
        const double *shift = (const double *)in[SHIFT].buf + at;
        const double *known = (const double *)in[CHANCE].buf + of;
        const double *over = known + OVER * table;
        const double *apart = known + APART * table;
        const double *gain = known + GAIN * table;
        for (Py_ssize_t i = 0; i < width; i++) {
            double off = judged[i] - (chosen[i] * known[i] + centre[i]) / over[i];
            double nats = 0.5 * (off * off / apart[i] + (gain[i] - shift[i]));
            each[i] = within(nats, least, most);
        }
        said[row] = sum(each, width);
        said[rows + row] = sum(each + places, width - places);
    }
    for (int i = 0; i < GIVEN; i++) {
        PyBuffer_Release(&in[i]);
    }
    if (!good) {
        PyErr_SetString(PyExc_ValueError, "arrays of principals have another size");
        return NULL;
    }
    return Py_NewRef(Py_None);
}

/* Add up how far a mean over so many texts lies from a centre: in subject, in manner, in both. */
PyObject *stray_sums(PyObject *module, PyObject *args)
{
    (void)module;
    enum { SUMS, MIDDLE, WITHIN, ARRAYS };
    Py_buffer in[ARRAYS];
    double texts, each[WIDEST];
    Py_ssize_t places;
    if (!PyArg_ParseTuple(args, "y*dy*y*n", &in[SUMS], &texts, &in[MIDDLE], &in[WITHIN], &places)) {
        return NULL;
    }
    Py_ssize_t width = in[MIDDLE].len / (Py_ssize_t)sizeof(double);
    int good = width <= WIDEST && places >= 0 && places <= width &&
               in[WITHIN].len == in[MIDDLE].len && in[SUMS].len >= in[MIDDLE].len;
    const double *sums = in[SUMS].buf, *centre = in[MIDDLE].buf, *within = in[WITHIN].buf;
    for (Py_ssize_t i = 0; good && i < width; i++) {
        double off = sums[i] / texts - centre[i];
        each[i] = off * off / within[i] * texts;
    }
    for (int i = 0; i < ARRAYS; i++) {
        PyBuffer_Release(&in[i]);
    }
    if (!good) {
        PyErr_SetString(PyExc_ValueError, "a mean and a centre have another size");
        return NULL;
    }
    return Py_BuildValue("(ddd)", sum(each, places), sum(each + places, width - places),
                         sum(each, width));
}
