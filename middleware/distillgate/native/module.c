/* The module: names and documentation of what the other files do. */
#include "passes.h"

/* Counted up with every change of what there is to call: `native/__init__.py` asks for it. */
enum { FORM = 4 };

static PyMethodDef methods[] = {
    {"segments", segments, METH_VARARGS,
     "segments(raw, seed, shortest, most, anchor_words)\n--\n\n"
     "Cut a text into segments: return where they are, and their hashes and the anchors'."},
    {"hashes", hashes, METH_VARARGS,
     "hashes(pieces, seed)\n--\n\nHash pieces of a text, as `segments` hashes its own."},
    {"drawn", drawn, METH_VARARGS,
     "drawn(text, seed, most)\n--\n\n"
     "Return where the pieces of a text are that come first in the order of their hashes."},
    {"describe", describe, METH_VARARGS,
     "describe(table, classes, weights, grammar, steps, text, key)\n--\n\n"
     "Return a text's packed sketch, None without words, and its sample of 3-grams."},
    {"shared", shared, METH_VARARGS,
     "shared(tags, owners, segments, own)\n--\n\n"
     "Return the segments that another was the last to send."},
    {"sighted", sighted, METH_VARARGS,
     "sighted(tags, owners, segments, own)\n--\n\nNote who sent segments."},
    {"add_text", add_text, METH_VARARGS,
     "add_text(means, deviations, place, text, steps, weight)\n--\n\n"
     "Add a text to the means and deviations of one half of a row."},
    {"unpacked", unpacked, METH_VARARGS,
     "unpacked(data, steps)\n--\n\nRead the values of a packed sketch, as bytes."},
    {"write_entry", write_entry, METH_VARARGS,
     "write_entry(entry, topic, style, steps, *clock)\n--\n\nWrite a text as a row to add."},
    {"write_sums", write_sums, METH_VARARGS,
     "write_sums(sums, means, steps, row, first, second)\n--\n\n"
     "Write the sums over a row's texts, of which either half has so many."},
    {"turn_mean", turn_mean, METH_VARARGS,
     "turn_mean(means, at, folded, steps, texts)\n--\n\n"
     "Turn a mean subject to the folded subject of the newest of so many texts."},
    {"write_subject", write_subject, METH_VARARGS,
     "write_subject(topics, place, topic, scale)\n--\n\nWrite a subject in steps of eight bits."},
    {"weigh_rows", weigh_rows, METH_VARARGS,
     "weigh_rows(said, means, centre, which, chance, places, clip)\n--\n\nWrite what principals say by all features, then by manner alone."},
    {"stray_sums", stray_sums, METH_VARARGS,
     "stray_sums(sums, texts, centre, within, places)\n--\n\n"
     "Return how far a mean lies from a centre: in subject, in manner, in both."},
    {NULL, NULL, 0, NULL},
};

static int fill(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&lexicon_spec);
    if (type == NULL) {
        return -1;
    }
    int failed = PyModule_AddObjectRef(module, "Lexicon", type);
    Py_DECREF(type);
    return failed ? failed : PyModule_AddIntConstant(module, "FORM", FORM);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)fill},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "distillgate.native._passes",
    .m_doc = "Passes over a text, and what is learned of it, compiled.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__passes(void) { return PyModuleDef_Init(&definition); }
