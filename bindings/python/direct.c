// _direct: the two calls that programs make most, get and set of a string, as functions of CPython.
//
// A second module in the shared object of the first, _redislite, which is cffi's and has the whole of the library.
// By cffi such a call costs several times what the library takes for it: six arguments are converted one by one, a
// thread has to find its buffer, and the value is cut out of it by an index. Rejected: Python.h for more than these,
// since what cffi makes of the header needs no care.
//
// getter(cell) and setter(cell) bind a function to the address of a `rl_db *`, which outlives it and is NULL when the
// store has been closed. Any thread may call it: the interpreter's lock is released while the library works.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "redislite.h"

enum { kValueSizeGuess = 4096 };

// The bytes of a str or bytes object: 1. 0: it is neither, -1: an exception is set.
static int bytes_of(PyObject *object, const char **bytes, size_t *size) {
  Py_ssize_t length = 0;
  if (PyUnicode_CheckExact(object)) {
    *bytes = PyUnicode_AsUTF8AndSize(object, &length);
    if (*bytes == NULL) return -1;
  } else if (PyBytes_CheckExact(object)) {
    char *text = NULL;
    if (PyBytes_AsStringAndSize(object, &text, &length) < 0) return -1;
    *bytes = text;
  } else {
    return 0;
  }
  *size = (size_t)length;
  return 1;
}

static PyObject *not_implemented(int found) {
  if (found < 0) return NULL;
  Py_INCREF(Py_NotImplemented);
  return Py_NotImplemented;
}

static PyObject *get(PyObject *cell, PyObject *key) {
  const char *name = NULL;
  size_t name_size = 0;
  const int found = bytes_of(key, &name, &name_size);
  if (found != 1) return not_implemented(found);
  rl_db *const db = *(rl_db **)PyLong_AsVoidPtr(cell);
  if (db == NULL) return PyLong_FromLong(RL_ERR_CLOSED);
  char small[kValueSizeGuess];
  char *buffer = small;
  size_t capacity = sizeof small;
  PyObject *large = NULL;
  for (;;) {
    size_t size = 0;
    int code = RL_OK;
    Py_BEGIN_ALLOW_THREADS;
    code = rl_get_into(db, name, name_size, buffer, capacity, &size);
    Py_END_ALLOW_THREADS;
    if (code == RL_OK && large != NULL && size == capacity) return large;
    Py_XDECREF(large);
    if (code == RL_NOT_FOUND) Py_RETURN_NONE;
    if (code != RL_OK) return PyLong_FromLong(code);
    if (size <= sizeof small && buffer == small) return PyBytes_FromStringAndSize(small, (Py_ssize_t)size);
    // It is larger than was guessed, or another one than a moment ago.
    large = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (large == NULL) return NULL;
    buffer = PyBytes_AsString(large);
    capacity = size;
  }
}

static PyObject *set(PyObject *cell, PyObject *const *arguments, Py_ssize_t count) {
  if (count != 2) {
    PyErr_SetString(PyExc_TypeError, "a key and a value");
    return NULL;
  }
  const char *name = NULL;
  const char *value = NULL;
  size_t name_size = 0;
  size_t value_size = 0;
  int found = bytes_of(arguments[0], &name, &name_size);
  if (found == 1) found = bytes_of(arguments[1], &value, &value_size);
  if (found != 1) return not_implemented(found);
  rl_db *const db = *(rl_db **)PyLong_AsVoidPtr(cell);
  if (db == NULL) return PyLong_FromLong(RL_ERR_CLOSED);
  int code = RL_OK;
  Py_BEGIN_ALLOW_THREADS;
  code = rl_set(db, name, name_size, value, value_size);
  Py_END_ALLOW_THREADS;
  if (code == RL_OK) Py_RETURN_TRUE;
  return PyLong_FromLong(code);
}

static PyMethodDef get_definition = {
    "get", get, METH_O,
    "get(key): the string at the key, or None; an int when the library's call failed; NotImplemented when the key is"
    " neither str nor bytes."};
static PyMethodDef set_definition = {
    "set", (PyCFunction)(void (*)(void))set, METH_FASTCALL,
    "set(key, value): True; an int when the library's call failed; NotImplemented when one is neither str nor bytes."};

static PyObject *bind_get(PyObject *module, PyObject *cell) {
  (void)module;
  return PyCFunction_NewEx(&get_definition, cell, NULL);
}

static PyObject *bind_set(PyObject *module, PyObject *cell) {
  (void)module;
  return PyCFunction_NewEx(&set_definition, cell, NULL);
}

static PyMethodDef methods[] = {{"getter", bind_get, METH_O, "getter(address of a rl_db *): its get"},
                                {"setter", bind_set, METH_O, "setter(address of a rl_db *): its set"},
                                {NULL, NULL, 0, NULL}};

static PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "redislite._direct", .m_size = 0, .m_methods = methods};

PyMODINIT_FUNC PyInit__direct(void) { return PyModuleDef_Init(&module); }
