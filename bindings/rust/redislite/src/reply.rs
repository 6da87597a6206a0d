use std::fmt;

use redislite_sys as sys;

use crate::{Error, Result};

/// What a command answered. Its values borrow from it.
pub struct Reply(*mut sys::rl_reply);

// SAFETY: replies do not change, and belong to no thread.
unsafe impl Send for Reply {}
// SAFETY: as above.
unsafe impl Sync for Reply {}

impl Reply {
    /// Takes the ownership of a root reply.
    pub(crate) fn from_raw(raw: *mut sys::rl_reply) -> Reply {
        Reply(raw)
    }

    /// The value.
    pub fn value(&self) -> Value<'_> {
        Value::of(self.0)
    }

    /// Whether it is nil.
    pub fn is_nil(&self) -> bool {
        self.value() == Value::Nil
    }

    pub(crate) fn into_result(self) -> Result<Reply> {
        match self.value() {
            Value::Error(error) => Err(error),
            _ => Ok(self),
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // SAFETY: a root reply, released once.
        unsafe { sys::rl_reply_free(self.0) }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(out)
    }
}

/// A reply's value, in the types of RESP3.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Value<'a> {
    Nil,
    Status(&'a [u8]),
    Error(Error),
    Integer(i64),
    String(&'a [u8]),
    Array(Elements<'a>),
    Double(f64),
    Boolean(bool),
    /// Key, value, key, value, ...
    Map(Elements<'a>),
    Set(Elements<'a>),
    BigNumber(&'a [u8]),
    Verbatim(&'a [u8]),
    Push(Elements<'a>),
}

impl<'a> Value<'a> {
    fn of(raw: *const sys::rl_reply) -> Value<'a> {
        let elements = || Elements { raw, at: 0, end: unsafe { sys::rl_reply_count(raw) }, root: Default::default() };
        // SAFETY: every accessor accepts any reply; texts and elements live as long as the root, which is borrowed.
        unsafe {
            match sys::rl_reply_type(raw) as u32 {
                sys::RL_REPLY_STATUS => Value::Status(text(raw)),
                sys::RL_REPLY_ERROR => {
                    let message = String::from_utf8_lossy(text(raw)).into_owned();
                    Value::Error(Error::new(sys::rl_reply_code(raw), message))
                }
                sys::RL_REPLY_INTEGER => Value::Integer(sys::rl_reply_integer(raw)),
                sys::RL_REPLY_STRING => Value::String(text(raw)),
                sys::RL_REPLY_ARRAY => Value::Array(elements()),
                sys::RL_REPLY_DOUBLE => Value::Double(sys::rl_reply_double(raw)),
                sys::RL_REPLY_BOOLEAN => Value::Boolean(sys::rl_reply_integer(raw) != 0),
                sys::RL_REPLY_MAP => Value::Map(elements()),
                sys::RL_REPLY_SET => Value::Set(elements()),
                sys::RL_REPLY_BIGNUMBER => Value::BigNumber(text(raw)),
                sys::RL_REPLY_VERBATIM => Value::Verbatim(text(raw)),
                sys::RL_REPLY_PUSH => Value::Push(elements()),
                _ => Value::Nil,
            }
        }
    }

    /// The bytes of a status, string, big number or text.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Value::Status(bytes) | Value::String(bytes) | Value::BigNumber(bytes) | Value::Verbatim(bytes) => {
                Some(bytes)
            }
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn integer(&self) -> Option<i64> {
        if let Value::Integer(integer) = self { Some(*integer) } else { None }
    }

    /// The elements of an array, map, set or push; none of anything else.
    pub fn elements(&self) -> Elements<'a> {
        match self {
            Value::Array(elements) | Value::Map(elements) | Value::Set(elements) | Value::Push(elements) => {
                elements.clone()
            }
            _ => Elements { raw: std::ptr::null(), at: 0, end: 0, root: Default::default() },
        }
    }
}

unsafe fn text<'a>(raw: *const sys::rl_reply) -> &'a [u8] {
    let mut length = 0;
    // SAFETY: the caller says what the reply is; its text lives as long as the root.
    unsafe {
        let bytes = sys::rl_reply_string(raw, &mut length);
        if bytes.is_null() { &[] } else { std::slice::from_raw_parts(bytes.cast(), length) }
    }
}

/// The elements of a reply.
#[derive(Clone)]
pub struct Elements<'a> {
    raw: *const sys::rl_reply,
    at: usize,
    end: usize,
    root: std::marker::PhantomData<&'a Reply>,
}

// SAFETY: a borrowed Reply, which is Sync.
unsafe impl Send for Elements<'_> {}
// SAFETY: as above.
unsafe impl Sync for Elements<'_> {}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        if self.at == self.end {
            return None;
        }
        // SAFETY: the index is that of an element.
        let element = unsafe { sys::rl_reply_at(self.raw, self.at) };
        self.at += 1;
        Some(Value::of(element))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.end - self.at, Some(self.end - self.at))
    }
}

impl ExactSizeIterator for Elements<'_> {}

impl PartialEq for Elements<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.clone().eq(other.clone())
    }
}

impl fmt::Debug for Elements<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.clone()).finish()
    }
}
