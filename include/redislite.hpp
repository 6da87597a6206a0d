// redislite.hpp - RedisLite in C++17 and newer: owners, exceptions and values over redislite.h, in this header alone.
//
//     rl::Store store("data");
//     store.set("name", "Harshad");                        // durable when it returns
//     std::optional<std::string> name = store.get("name");
//
// What a call does, what is durable when it returns, and which threads may call it is said in redislite.h, by the
// function of the same name; this page adds only:
//   - Each class owns one handle, can be moved and not copied, and releases it when it ends. A Batch, Session or Reply
//     may outlive its Store.
//   - An error is thrown as rl::Error, with the RL_ERR_* code. What is no error is a value: nullopt for a missing key,
//     false for what a condition forbade.
//   - Bytes come in as std::string_view, NUL bytes included, and go out as std::string.
// It calls redislite.h and adds nothing to the ABI.
#ifndef REDISLITE_HPP
#define REDISLITE_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redislite.h"

namespace rl {

using Milliseconds = std::chrono::milliseconds;

// What a call of the library returned, or what a command answered: code() is enough to act on.
class Error : public std::runtime_error {
 public:
  Error(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

namespace detail {

// The message of the handle's last failure; of this thread's when there is no handle.
inline std::string Message(rl_db* db, int code) {
  std::string message(rl_errmsg(db, nullptr, 0), '\0');
  if (!message.empty()) {
    const size_t capacity = message.size() + 1;
    // Another thread may have failed meanwhile, with a message of another length.
    const size_t length = rl_errmsg(db, message.data(), capacity);
    message.resize(length < capacity ? length : capacity - 1);
  }
  return message.empty() ? rl_strerror(code) : message;
}

// Gives back the outcomes that are no errors.
inline int Check(int code, rl_db* db = nullptr) {
  if (code < 0) throw Error(code, Message(db, code));
  return code;
}

struct Release {
  void operator()(rl_options* options) const noexcept { rl_options_free(options); }
  void operator()(rl_batch* batch) const noexcept { rl_batch_free(batch); }
  void operator()(rl_reply* reply) const noexcept { rl_reply_free(reply); }
  void operator()(rl_session* session) const noexcept { rl_session_close(session); }
  void operator()(rl_db* db) const noexcept { rl_close(db); }
  void operator()(void* buffer) const noexcept { rl_buffer_free(buffer); }
  void operator()(char* buffer) const noexcept { rl_buffer_free(buffer); }
};

template <typename Handle>
using Owner = std::unique_ptr<Handle, Release>;

struct Arguments {
  explicit Arguments(const std::string_view* words, size_t count) {
    pointers.reserve(count);
    lengths.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      pointers.push_back(words[i].data() == nullptr ? "" : words[i].data());
      lengths.push_back(words[i].size());
    }
  }
  std::vector<const char*> pointers;
  std::vector<size_t> lengths;
};

}  // namespace detail

// What to open a store with; the names and values are those of redislite.h.
class Options {
 public:
  Options() {
    rl_options* made = nullptr;
    detail::Check(rl_options_new(&made));
    handle_.reset(made);
  }
  Options(std::initializer_list<std::pair<const char*, const char*>> settings) : Options() {
    for (const auto& [name, value] : settings) set(name, value);
  }
  Options& set(const std::string& name, const std::string& value) {
    detail::Check(rl_options_set(handle_.get(), name.c_str(), value.c_str()));
    return *this;
  }
  [[nodiscard]] rl_options* handle() const noexcept { return handle_.get(); }

 private:
  detail::Owner<rl_options> handle_;
};

// A reply, or an element of one, which lives as long as the whole. Where an accessor does not apply it gives 0 or
// nothing, as those of redislite.h do.
class Reply {
 public:
  Reply() = default;
  // Takes over a whole reply.
  explicit Reply(rl_reply* root) : root_(root, detail::Release()), at_(root) {}

  [[nodiscard]] int type() const noexcept { return rl_reply_type(at_); }
  [[nodiscard]] bool is_nil() const noexcept { return type() == RL_REPLY_NIL; }
  [[nodiscard]] bool is_error() const noexcept { return type() == RL_REPLY_ERROR; }
  [[nodiscard]] int code() const noexcept { return rl_reply_code(at_); }
  [[nodiscard]] int64_t integer() const noexcept { return rl_reply_integer(at_); }
  [[nodiscard]] double number() const noexcept { return rl_reply_double(at_); }
  // Valid as long as a Reply of the same command lives.
  [[nodiscard]] std::string_view view() const noexcept {
    size_t length = 0;
    const char* text = rl_reply_string(at_, &length);
    return text == nullptr ? std::string_view() : std::string_view(text, length);
  }
  [[nodiscard]] std::string string() const { return std::string(view()); }
  // The number of elements; a map counts its keys and its values.
  [[nodiscard]] size_t size() const noexcept { return rl_reply_count(at_); }
  [[nodiscard]] Reply operator[](size_t index) const { return {root_, rl_reply_at(at_, index)}; }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Reply;
    using difference_type = std::ptrdiff_t;
    using pointer = const Reply*;
    using reference = Reply;
    Iterator(const Reply* whole, size_t index) : whole_(whole), index_(index) {}
    Reply operator*() const { return (*whole_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const noexcept { return index_ == other.index_; }
    bool operator!=(const Iterator& other) const noexcept { return index_ != other.index_; }

   private:
    const Reply* whole_;
    size_t index_;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, size()}; }

 private:
  Reply(std::shared_ptr<rl_reply> root, const rl_reply* at) : root_(std::move(root)), at_(at) {}

  std::shared_ptr<rl_reply> root_;
  const rl_reply* at_ = nullptr;
};

// Commands that happen together or not at all.
class Batch {
 public:
  // REQUIRES: the store of the handle is open
  explicit Batch(rl_db* db) : db_(db) {
    rl_batch* made = nullptr;
    detail::Check(rl_batch_new(db, &made), db);
    handle_.reset(made);
  }
  Batch& add(std::initializer_list<std::string_view> words) { return add(words.begin(), words.size()); }
  Batch& add(const std::vector<std::string_view>& words) { return add(words.data(), words.size()); }
  // One reply for each command. What throws has done nothing, and the batch still holds its commands.
  Reply commit() {
    rl_reply* reply = nullptr;
    detail::Check(rl_batch_commit(handle_.get(), &reply), db_);
    return Reply(reply);
  }
  [[nodiscard]] rl_batch* handle() const noexcept { return handle_.get(); }

 private:
  Batch& add(const std::string_view* words, size_t count) {
    const detail::Arguments arguments(words, count);
    detail::Check(rl_batch_add(handle_.get(), count, arguments.pointers.data(), arguments.lengths.data()), db_);
    return *this;
  }

  rl_db* db_;
  detail::Owner<rl_batch> handle_;
};

// A Redis client's connection without a socket.
class Session {
 public:
  explicit Session(rl_db* db) {
    rl_session* made = nullptr;
    detail::Check(rl_session_open(db, &made), db);
    handle_.reset(made);
  }
  // False when the session is over: the bytes were dropped.
  bool feed(std::string_view bytes) { return IsOpen(rl_session_feed(handle_.get(), bytes.data(), bytes.size())); }
  // The reply bytes that are ready, valid until the next call; nullopt when there are none and the session is over.
  [[nodiscard]] std::optional<std::string_view> peek() {
    const void* bytes = nullptr;
    size_t length = 0;
    if (!IsOpen(rl_session_peek(handle_.get(), &bytes, &length))) return std::nullopt;
    return std::string_view(static_cast<const char*>(bytes), length);
  }
  void consume(size_t length) { detail::Check(rl_session_consume(handle_.get(), length)); }
  [[nodiscard]] bool pending() const noexcept { return rl_session_pending(handle_.get()) == 1; }
  [[nodiscard]] bool busy() const noexcept { return rl_session_busy(handle_.get()) == 1; }
  // RL_OK, RL_NOT_FOUND (in time, nothing) or RL_ERR_CLOSED (over, and nothing is left).
  int wait(int timeout_ms) {
    const int code = rl_session_wait(handle_.get(), timeout_ms);
    return code == RL_ERR_CLOSED ? code : detail::Check(code);
  }
  [[nodiscard]] int fd() { return detail::Check(rl_session_fd(handle_.get())); }
  void interrupt() noexcept { rl_session_interrupt(handle_.get()); }
  [[nodiscard]] rl_session* handle() const noexcept { return handle_.get(); }

 private:
  static bool IsOpen(int code) { return code != RL_ERR_CLOSED && detail::Check(code) == RL_OK; }

  detail::Owner<rl_session> handle_;
};

// An open store. Any number of threads may use it at once, but for close() and its end.
class Store {
 public:
  // ":memory:" keeps nothing on disk.
  explicit Store(const std::string& path) { Open(path, nullptr); }
  Store(const std::string& path, const Options& options) { Open(path, options.handle()); }

  // Closes now, so that a failing last sync is seen: the destructor cannot tell. A second call does nothing.
  void close() {
    rl_db* db = handle_.release();
    if (db == nullptr) return;
    if (const int code = rl_close(db); code < 0) throw Error(code, rl_strerror(code));
  }

  void set(std::string_view key, std::string_view value) {
    Do(rl_set(db(), key.data(), key.size(), value.data(), value.size()));
  }
  // `flags` are RL_SET_*; false when they said no. A ttl of 0 is none.
  bool set(std::string_view key, std::string_view value, Milliseconds ttl, unsigned flags = 0) {
    return Do(rl_set_with(db(), key.data(), key.size(), value.data(), value.size(), ttl.count(), flags)) == RL_OK;
  }
  [[nodiscard]] std::optional<std::string> get(std::string_view key) {
    void* bytes = nullptr;
    size_t length = 0;
    const int code = rl_get(db(), key.data(), key.size(), &bytes, &length);
    const detail::Owner<void> owner(bytes);
    if (Do(code) == RL_NOT_FOUND) return std::nullopt;
    return std::string(static_cast<const char*>(bytes), length);
  }
  // Copies into the caller's buffer; gives the value's true length, which may be more than was copied.
  std::optional<size_t> get_into(std::string_view key, void* buffer, size_t capacity) {
    size_t length = 0;
    if (Do(rl_get_into(db(), key.data(), key.size(), buffer, capacity, &length)) == RL_NOT_FOUND) return std::nullopt;
    return length;
  }
  bool del(std::string_view key) { return Do(rl_del(db(), key.data(), key.size())) == RL_OK; }
  [[nodiscard]] bool exists(std::string_view key) { return Do(rl_exists(db(), key.data(), key.size())) == RL_OK; }
  int64_t incr_by(std::string_view key, int64_t delta) {
    int64_t sum = 0;
    Do(rl_incr_by(db(), key.data(), key.size(), delta, &sum));
    return sum;
  }
  bool expire(std::string_view key, Milliseconds ttl) {
    return Do(rl_expire(db(), key.data(), key.size(), ttl.count())) == RL_OK;
  }
  bool persist(std::string_view key) { return Do(rl_persist(db(), key.data(), key.size())) == RL_OK; }
  // nullopt when there is no key; -1 when it never expires.
  [[nodiscard]] std::optional<Milliseconds> ttl(std::string_view key) {
    int64_t left = 0;
    if (Do(rl_ttl(db(), key.data(), key.size(), &left)) == RL_NOT_FOUND) return std::nullopt;
    return Milliseconds(left);
  }
  [[nodiscard]] uint64_t count() {
    uint64_t keys = 0;
    Do(rl_count(db(), &keys));
    return keys;
  }

  // Every command. An error reply is thrown, with its text and code.
  Reply command(std::initializer_list<std::string_view> words) { return command(words.begin(), words.size()); }
  Reply command(const std::vector<std::string_view>& words) { return command(words.data(), words.size()); }

  [[nodiscard]] Batch batch() { return Batch(db()); }
  [[nodiscard]] Session session() { return Session(db()); }

  void sync() { Do(rl_sync(db())); }
  void snapshot() { Do(rl_snapshot(db())); }
  // `progress` gets the keys done and expected, and gives true to go on; false when it did not. What it throws cancels
  // too, and comes out of this call.
  bool backup(const std::string& path, const std::function<bool(uint64_t done, uint64_t total)>& progress = nullptr) {
    struct Report {
      const std::function<bool(uint64_t, uint64_t)>& progress;
      std::exception_ptr thrown;
    } report{progress, nullptr};
    auto* call = +[](void* context, uint64_t done, uint64_t total) -> int {
      auto& asked = *static_cast<Report*>(context);
      try {
        return asked.progress(done, total) ? 0 : 1;
      } catch (...) {
        asked.thrown = std::current_exception();
        return 1;
      }
    };
    const int code = rl_backup(db(), path.c_str(), progress ? call : nullptr, &report);
    if (report.thrown) std::rethrow_exception(report.thrown);
    return Do(code) == RL_OK;
  }
  // INFO's text; of all sections when none is named.
  [[nodiscard]] std::string info(const std::string& section = "") {
    char* text = nullptr;
    size_t length = 0;
    const int code = rl_info(db(), section.empty() ? nullptr : section.c_str(), &text, &length);
    const detail::Owner<char> owner(text);
    Do(code);
    return std::string(text, length);
  }

  [[nodiscard]] rl_db* handle() const noexcept { return handle_.get(); }

 private:
  void Open(const std::string& path, const rl_options* options) {
    rl_db* opened = nullptr;
    detail::Check(rl_open(path.c_str(), options, &opened));
    handle_.reset(opened);
  }
  Reply command(const std::string_view* words, size_t count) {
    const detail::Arguments arguments(words, count);
    rl_reply* made = nullptr;
    Do(rl_command(db(), count, arguments.pointers.data(), arguments.lengths.data(), &made));
    Reply reply(made);
    if (reply.is_error()) throw Error(reply.code(), reply.string());
    return reply;
  }
  int Do(int code) const { return detail::Check(code, handle_.get()); }
  [[nodiscard]] rl_db* db() const {
    if (handle_ == nullptr) throw Error(RL_ERR_CLOSED, rl_strerror(RL_ERR_CLOSED));
    return handle_.get();
  }

  detail::Owner<rl_db> handle_;
};

// Verifies the store at `path`, which must not be open for writing, and gives the report, a JSON object; damage is in
// the report and not thrown.
[[nodiscard]] inline std::string check(const std::string& path) {
  char* report = nullptr;
  size_t length = 0;
  const int code = rl_check(path.c_str(), &report, &length);
  const detail::Owner<char> owner(report);
  if (code != RL_ERR_CORRUPT) detail::Check(code);
  return report == nullptr ? std::string() : std::string(report, length);
}

}  // namespace rl

#endif  // REDISLITE_HPP
