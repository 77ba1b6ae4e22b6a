/* `fingerprint.intents`: which words of a small set are in a text. */
#include "passes.h"
#include <string.h>

enum { SLOTS = 1024, MOST = SLOTS / 4, LONGEST = 32 };

typedef struct {
    PyObject *word; /* bytes, or NULL */
    uint64_t hash;
} Slot;

typedef struct {
    PyObject_HEAD
    Slot slots[SLOTS];
} Lexicon;

static int is_alphanumeric(byte c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/* FNV-1a, a byte at a time. */
static const uint64_t BASIS = 0xCBF29CE484222325u;
static uint64_t hashed(uint64_t hash, byte c) { return (hash ^ c) * 0x100000001B3u; }

/* Return the slot of a word, or the empty one in which it would be. */
static Slot *look_up(Lexicon *self, const byte *word, Py_ssize_t size, uint64_t hash)
{
    for (uint64_t at = hash >> 54;; at = (at + 1) % SLOTS) {
        Slot *slot = &self->slots[at];
        if (slot->word == NULL) {
            return slot;
        }
        if (slot->hash == hash && PyBytes_Size(slot->word) == size &&
            memcmp(PyBytes_AsString(slot->word), word, (size_t)size) == 0) {
            return slot;
        }
    }
}

static int insert(Lexicon *self, PyObject *word)
{
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(word, &data, &size) < 0) {
        return -1;
    }
    if (size > LONGEST) {
        PyErr_SetString(PyExc_ValueError, "a word is too long");
        return -1;
    }
    uint64_t hash = BASIS;
    for (Py_ssize_t i = 0; i < size; i++) {
        hash = hashed(hash, (byte)data[i]);
    }
    Slot *slot = look_up(self, (const byte *)data, size, hash);
    if (slot->word == NULL) {
        Py_INCREF(word);
        *slot = (Slot){word, hash};
    }
    return 0;
}

static PyObject *create(PyTypeObject *type, PyObject *args, PyObject *names)
{
    PyObject *words;
    if (names != NULL && PyDict_Size(names)) {
        PyErr_SetString(PyExc_TypeError, "Lexicon takes no keywords");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O!", &PyTuple_Type, &words)) {
        return NULL;
    }
    Py_ssize_t count = PyTuple_Size(words);
    if (count > MOST) {
        PyErr_SetString(PyExc_ValueError, "too many words");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Lexicon *self = (Lexicon *)allocate(type, 0); /* all its slots are empty */
    for (Py_ssize_t i = 0; self != NULL && i < count; i++) {
        if (insert(self, PyTuple_GetItem(words, i)) < 0) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

static void destroy(PyObject *object)
{
    Lexicon *self = (Lexicon *)object;
    PyTypeObject *type = Py_TYPE(object);
    for (int i = 0; i < SLOTS; i++) {
        Py_XDECREF(self->slots[i].word);
    }
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* Return the set of those words that a text has: runs of ASCII letters and digits, case folded. */
static PyObject *find(PyObject *object, PyObject *argument)
{
    Lexicon *self = (Lexicon *)object;
    char *text;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(argument, &text, &size) < 0) {
        return NULL;
    }
    PyObject *found = PySet_New(NULL);
    byte word[LONGEST];
    for (Py_ssize_t at = 0; found != NULL && at < size;) {
        uint64_t hash = BASIS;
        Py_ssize_t length = 0;
        byte c;
        for (; at < size && is_alphanumeric(c = lower((byte)text[at])); at++, length++) {
            if (length < LONGEST) {
                word[length] = c;
                hash = hashed(hash, c);
            }
        }
        at++;
        if (!length || length > LONGEST) {
            continue;
        }
        Slot *slot = look_up(self, word, length, hash);
        if (slot->word != NULL && PySet_Add(found, slot->word) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}

static PyMethodDef methods[] = {
    {"find", find, METH_O, "find(text)\n--\n\nReturn the words of this lexicon that a text has."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)"A small set of words to look for in texts."},
    {Py_tp_new, (void *)create},
    {Py_tp_dealloc, (void *)destroy},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec lexicon_spec = {
    .name = "distillgate.native._passes.Lexicon",
    .basicsize = sizeof(Lexicon),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};
