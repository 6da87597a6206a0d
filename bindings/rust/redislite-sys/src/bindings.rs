pub const RL_VERSION_MAJOR: u32 = 0;
pub const RL_VERSION_MINOR: u32 = 1;
pub const RL_VERSION_PATCH: u32 = 0;
pub const RL_OK: _bindgen_ty_1 = 0;
pub const RL_NOT_FOUND: _bindgen_ty_1 = 1;
pub const RL_CONDITION: _bindgen_ty_1 = 2;
pub const RL_ERR_INVALID: _bindgen_ty_1 = -1;
pub const RL_ERR_TYPE: _bindgen_ty_1 = -2;
pub const RL_ERR_VALUE: _bindgen_ty_1 = -3;
pub const RL_ERR_COMMAND: _bindgen_ty_1 = -4;
pub const RL_ERR_IO: _bindgen_ty_1 = -5;
pub const RL_ERR_FULL: _bindgen_ty_1 = -6;
pub const RL_ERR_NOMEM: _bindgen_ty_1 = -7;
pub const RL_ERR_MAXMEMORY: _bindgen_ty_1 = -8;
pub const RL_ERR_BUSY: _bindgen_ty_1 = -9;
pub const RL_ERR_CORRUPT: _bindgen_ty_1 = -10;
pub const RL_ERR_VERSION: _bindgen_ty_1 = -11;
pub const RL_ERR_CLOSED: _bindgen_ty_1 = -12;
pub const RL_ERR_FORKED: _bindgen_ty_1 = -13;
pub const RL_ERR_READONLY: _bindgen_ty_1 = -14;
pub const RL_ERR_LIMIT: _bindgen_ty_1 = -15;
pub const RL_ERR_NOT_FOUND: _bindgen_ty_1 = -16;
pub type _bindgen_ty_1 = ::core::ffi::c_int;
pub const RL_SET_NX: _bindgen_ty_2 = 1;
pub const RL_SET_XX: _bindgen_ty_2 = 2;
pub const RL_SET_KEEPTTL: _bindgen_ty_2 = 4;
pub type _bindgen_ty_2 = ::core::ffi::c_uint;
pub const RL_REPLY_NIL: _bindgen_ty_3 = 0;
pub const RL_REPLY_STATUS: _bindgen_ty_3 = 1;
pub const RL_REPLY_ERROR: _bindgen_ty_3 = 2;
pub const RL_REPLY_INTEGER: _bindgen_ty_3 = 3;
pub const RL_REPLY_STRING: _bindgen_ty_3 = 4;
pub const RL_REPLY_ARRAY: _bindgen_ty_3 = 5;
pub const RL_REPLY_DOUBLE: _bindgen_ty_3 = 6;
pub const RL_REPLY_BOOLEAN: _bindgen_ty_3 = 7;
pub const RL_REPLY_MAP: _bindgen_ty_3 = 8;
pub const RL_REPLY_SET: _bindgen_ty_3 = 9;
pub const RL_REPLY_BIGNUMBER: _bindgen_ty_3 = 10;
pub const RL_REPLY_VERBATIM: _bindgen_ty_3 = 11;
pub const RL_REPLY_PUSH: _bindgen_ty_3 = 12;
pub type _bindgen_ty_3 = ::core::ffi::c_uint;
pub const RL_LOG_DEBUG: _bindgen_ty_4 = 0;
pub const RL_LOG_INFO: _bindgen_ty_4 = 1;
pub const RL_LOG_WARNING: _bindgen_ty_4 = 2;
pub const RL_LOG_ERROR: _bindgen_ty_4 = 3;
pub type _bindgen_ty_4 = ::core::ffi::c_uint;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct rl_db {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct rl_options {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct rl_reply {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct rl_batch {
    _unused: [u8; 0],
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct rl_session {
    _unused: [u8; 0],
}
pub const RL_HOST_CONFIG_SET: rl_host_request = 1;
pub const RL_HOST_CONFIG_REWRITE: rl_host_request = 2;
pub const RL_HOST_SHUTDOWN: rl_host_request = 3;
pub type rl_host_request = ::core::ffi::c_uint;
unsafe extern "C" {
    pub fn rl_version() -> *const ::core::ffi::c_char;
    pub fn rl_strerror(code: ::core::ffi::c_int) -> *const ::core::ffi::c_char;
    pub fn rl_buffer_free(buffer: *mut ::core::ffi::c_void);
    pub fn rl_options_new(out: *mut *mut rl_options) -> ::core::ffi::c_int;
    pub fn rl_options_set(
        options: *mut rl_options,
        name: *const ::core::ffi::c_char,
        value: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub fn rl_options_free(options: *mut rl_options);
    pub fn rl_options_set_log(
        options: *mut rl_options,
        log: ::core::option::Option<
            unsafe extern "C" fn(
                ctx: *mut ::core::ffi::c_void,
                level: ::core::ffi::c_int,
                message: *const ::core::ffi::c_char,
            ),
        >,
        ctx: *mut ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn rl_options_set_clock(
        options: *mut rl_options,
        now_ms: ::core::option::Option<unsafe extern "C" fn(ctx: *mut ::core::ffi::c_void) -> i64>,
        ctx: *mut ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn rl_open(
        path: *const ::core::ffi::c_char,
        options: *const rl_options,
        out: *mut *mut rl_db,
    ) -> ::core::ffi::c_int;
    pub fn rl_close(db: *mut rl_db) -> ::core::ffi::c_int;
    pub fn rl_errmsg(db: *mut rl_db, buffer: *mut ::core::ffi::c_char, capacity: usize) -> usize;
    pub fn rl_set(
        db: *mut rl_db,
        key: *const ::core::ffi::c_void,
        key_len: usize,
        value: *const ::core::ffi::c_void,
        value_len: usize,
    ) -> ::core::ffi::c_int;
    pub fn rl_set_with(
        db: *mut rl_db,
        key: *const ::core::ffi::c_void,
        key_len: usize,
        value: *const ::core::ffi::c_void,
        value_len: usize,
        ttl_ms: i64,
        flags: ::core::ffi::c_uint,
    ) -> ::core::ffi::c_int;
    pub fn rl_get(
        db: *mut rl_db,
        key: *const ::core::ffi::c_void,
        key_len: usize,
        value: *mut *mut ::core::ffi::c_void,
        value_len: *mut usize,
    ) -> ::core::ffi::c_int;
    pub fn rl_get_into(
        db: *mut rl_db,
        key: *const ::core::ffi::c_void,
        key_len: usize,
        buffer: *mut ::core::ffi::c_void,
        capacity: usize,
        value_len: *mut usize,
    ) -> ::core::ffi::c_int;
    pub fn rl_del(db: *mut rl_db, key: *const ::core::ffi::c_void, key_len: usize) -> ::core::ffi::c_int;
    pub fn rl_exists(db: *mut rl_db, key: *const ::core::ffi::c_void, key_len: usize) -> ::core::ffi::c_int;
    pub fn rl_incr_by(
        db: *mut rl_db,
        key: *const ::core::ffi::c_void,
        key_len: usize,
        delta: i64,
        result: *mut i64,
    ) -> ::core::ffi::c_int;
    pub fn rl_expire(
        db: *mut rl_db,
        key: *const ::core::ffi::c_void,
        key_len: usize,
        ttl_ms: i64,
    ) -> ::core::ffi::c_int;
    pub fn rl_persist(db: *mut rl_db, key: *const ::core::ffi::c_void, key_len: usize) -> ::core::ffi::c_int;
    pub fn rl_ttl(
        db: *mut rl_db,
        key: *const ::core::ffi::c_void,
        key_len: usize,
        ttl_ms: *mut i64,
    ) -> ::core::ffi::c_int;
    pub fn rl_count(db: *mut rl_db, keys: *mut u64) -> ::core::ffi::c_int;
    pub fn rl_command(
        db: *mut rl_db,
        argc: usize,
        argv: *const *const ::core::ffi::c_char,
        argv_len: *const usize,
        out: *mut *mut rl_reply,
    ) -> ::core::ffi::c_int;
    pub fn rl_reply_type(reply: *const rl_reply) -> ::core::ffi::c_int;
    pub fn rl_reply_integer(reply: *const rl_reply) -> i64;
    pub fn rl_reply_double(reply: *const rl_reply) -> f64;
    pub fn rl_reply_string(reply: *const rl_reply, len: *mut usize) -> *const ::core::ffi::c_char;
    pub fn rl_reply_count(reply: *const rl_reply) -> usize;
    pub fn rl_reply_at(reply: *const rl_reply, index: usize) -> *const rl_reply;
    pub fn rl_reply_code(reply: *const rl_reply) -> ::core::ffi::c_int;
    pub fn rl_reply_free(reply: *mut rl_reply);
    pub fn rl_batch_new(db: *mut rl_db, out: *mut *mut rl_batch) -> ::core::ffi::c_int;
    pub fn rl_batch_add(
        batch: *mut rl_batch,
        argc: usize,
        argv: *const *const ::core::ffi::c_char,
        argv_len: *const usize,
    ) -> ::core::ffi::c_int;
    pub fn rl_batch_commit(batch: *mut rl_batch, out: *mut *mut rl_reply) -> ::core::ffi::c_int;
    pub fn rl_batch_free(batch: *mut rl_batch);
    pub fn rl_session_open(db: *mut rl_db, out: *mut *mut rl_session) -> ::core::ffi::c_int;
    pub fn rl_session_feed(s: *mut rl_session, bytes: *const ::core::ffi::c_void, len: usize) -> ::core::ffi::c_int;
    pub fn rl_sessions_feed(
        sessions: *const *mut rl_session,
        bytes: *const *const ::core::ffi::c_void,
        lens: *const usize,
        count: usize,
        codes: *mut ::core::ffi::c_int,
    ) -> ::core::ffi::c_int;
    pub fn rl_session_peek(
        s: *mut rl_session,
        bytes: *mut *const ::core::ffi::c_void,
        len: *mut usize,
    ) -> ::core::ffi::c_int;
    pub fn rl_session_consume(s: *mut rl_session, len: usize) -> ::core::ffi::c_int;
    pub fn rl_session_pending(s: *mut rl_session) -> ::core::ffi::c_int;
    pub fn rl_session_busy(s: *mut rl_session) -> ::core::ffi::c_int;
    pub fn rl_session_wait(s: *mut rl_session, timeout_ms: ::core::ffi::c_int) -> ::core::ffi::c_int;
    pub fn rl_session_fd(s: *mut rl_session) -> ::core::ffi::c_int;
    pub fn rl_session_interrupt(s: *mut rl_session) -> ::core::ffi::c_int;
    pub fn rl_session_notify(
        s: *mut rl_session,
        notify: ::core::option::Option<unsafe extern "C" fn(ctx: *mut ::core::ffi::c_void)>,
        ctx: *mut ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn rl_session_set_peer(
        s: *mut rl_session,
        address: *const ::core::ffi::c_char,
        local_address: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub fn rl_session_close(s: *mut rl_session);
    pub fn rl_host_setting(
        db: *mut rl_db,
        name: *const ::core::ffi::c_char,
        value: *const ::core::ffi::c_char,
    ) -> ::core::ffi::c_int;
    pub fn rl_host_answer(
        db: *mut rl_db,
        answer: ::core::option::Option<
            unsafe extern "C" fn(
                ctx: *mut ::core::ffi::c_void,
                request: ::core::ffi::c_int,
                name: *const ::core::ffi::c_char,
                value: *const ::core::ffi::c_char,
            ) -> ::core::ffi::c_int,
        >,
        ctx: *mut ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn rl_sync(db: *mut rl_db) -> ::core::ffi::c_int;
    pub fn rl_snapshot(db: *mut rl_db) -> ::core::ffi::c_int;
    pub fn rl_backup(
        db: *mut rl_db,
        path: *const ::core::ffi::c_char,
        progress: ::core::option::Option<
            unsafe extern "C" fn(ctx: *mut ::core::ffi::c_void, done: u64, total: u64) -> ::core::ffi::c_int,
        >,
        ctx: *mut ::core::ffi::c_void,
    ) -> ::core::ffi::c_int;
    pub fn rl_check(
        path: *const ::core::ffi::c_char,
        report: *mut *mut ::core::ffi::c_char,
        report_len: *mut usize,
    ) -> ::core::ffi::c_int;
    pub fn rl_info(
        db: *mut rl_db,
        section: *const ::core::ffi::c_char,
        text: *mut *mut ::core::ffi::c_char,
        text_len: *mut usize,
    ) -> ::core::ffi::c_int;
}
