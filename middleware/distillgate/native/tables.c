/* `campaign.template`: which segments others sent before, in two large tables. */
#include "passes.h"

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
