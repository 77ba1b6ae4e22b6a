/* What the files of this extension share. Each says which Python it does the work of: that one is
 * the reference, and tests/native compares the two bit for bit.
 *
 * Nothing here keeps state, and nothing but a lexicon's words outlives a call. Every function takes
 * bytes, or a table, whose length it is told, and reads no further.
 */
#ifndef DISTILLGATE_PASSES_H
#define DISTILLGATE_PASSES_H

#define PY_SSIZE_T_CLEAN
#ifndef Py_GIL_DISABLED
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>
#include <stdint.h>

typedef unsigned char byte;

/* Return whether a byte is what `bytes.strip` and `\s` take for white space. */
static inline int is_space(byte c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Return an ASCII letter in lower case, and every other byte as it is. */
static inline byte lower(byte c) { return c >= 'A' && c <= 'Z' ? (byte)(c | 0x20) : c; }

PyObject *segments(PyObject *module, PyObject *args);
PyObject *hashes(PyObject *module, PyObject *args);
PyObject *drawn(PyObject *module, PyObject *args);
PyObject *describe(PyObject *module, PyObject *args);
PyObject *shared(PyObject *module, PyObject *args);
PyObject *sighted(PyObject *module, PyObject *args);
PyObject *add_text(PyObject *module, PyObject *args);
PyObject *unpacked(PyObject *module, PyObject *args);
PyObject *write_entry(PyObject *module, PyObject *args);
PyObject *write_sums(PyObject *module, PyObject *args);
PyObject *turn_mean(PyObject *module, PyObject *args);
PyObject *write_subject(PyObject *module, PyObject *args);
PyObject *weigh_rows(PyObject *module, PyObject *args);
PyObject *stray_sums(PyObject *module, PyObject *args);
extern PyType_Spec lexicon_spec;

#endif
