// Frozen: what a big collection was at one moment, for somebody who reads it in pieces while writers go on changing it.
//
// A snapshot's thread cannot hold a lock for as long as a million elements take, and a writer cannot wait until they
// are copied. So the collection is told of its reader (Freeze). A writer who is about to change an element that has
// not been read first puts down here what it was; the reader passes over what was changed and reads that at the end. A
// collection that is deleted meanwhile becomes the reader's, who deletes it when it has been read.
//
//     the reading      kReading --- Read returned false ---> kRead
//                              `--- no memory to put something down, or given up ---> kLost
//     the collection   kAlive --- TakeOver while kReading ---> kReaders --- not kReading any more ---> kGone
//                            `--- TakeOver later ---> kGone
//
// Threads: Read by one thread, without the lock of the stripe. What else changes the collection does so under that
// lock, and within a Pause. Freeze and Thaw need that lock, too.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"

namespace redislite::types {

class Frozen {
 public:
  // The bytes that all who share the counters keep of what was changed or deleted.
  struct Kept {
    std::atomic<uint64_t> copied{0};  // in the process's heap: a copy must not take what a ReserveScope was promised
    std::atomic<uint64_t> held{0};    // in the store's Memory
  };

  // A smaller collection is sooner read at once.
  static bool IsBig(size_t elements, size_t bytes) { return elements >= kElementsMin || bytes >= kBytesMin; }

  // `place`: where the collection keeps its reader.
  Frozen(Kept& kept, Frozen*& place) : kept_(kept), place_(place) {}
  // The collection knows of its reader from now on.
  static std::unique_ptr<Frozen> Begin(std::unique_ptr<Frozen> reader) {
    reader->place_ = reader.get();
    return reader;
  }
  virtual ~Frozen() = default;
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

  // Some elements: of a list, in their order, or members of a set; of a hash, each field and its value; of a sorted
  // set, each member and the eight bytes of its score. Valid during the call.
  using Visit = std::function<void(std::span<const Bytes> elements)>;

  // Visits some elements more; false: there are no more. Throws what `visit` throws, and std::bad_alloc when there was
  // no memory to keep an element: what was read is then worth nothing.
  bool Read(const Visit& visit);
  // The collection forgets its reader, who has read it or gives up. To be called once, before the end.
  void Thaw() noexcept;

  // For who is about to delete the collection. True: the reader does it.
  bool TakeOver() noexcept;

  // Keeps the reader out while the collection changes. There may be none: null.
  class Pause {
   public:
    explicit Pause(Frozen* frozen) NO_THREAD_SAFETY_ANALYSIS : frozen_(frozen) {
      if (frozen_ == nullptr) return;
      frozen_->is_wanted_.store(true, std::memory_order_relaxed);
      frozen_->mu_.Lock();
      frozen_->is_wanted_.store(false, std::memory_order_relaxed);
    }
    ~Pause() NO_THREAD_SAFETY_ANALYSIS {
      if (frozen_ != nullptr) frozen_->mu_.Unlock();
    }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Frozen* const frozen_;
  };

 protected:
  static constexpr size_t kElementsMin = 1024;
  static constexpr size_t kBytesMin = 128 << 10;
  // Of one hold of the reader's.
  static constexpr size_t kElementsPerHold = 32;  // a command of a hash
  static constexpr size_t kBytesPerHold = 16 << 10;

  // Under mu_ or within a Pause.
  bool is_reading() const { return reading_ == Reading::kReading; }
  void Lose() noexcept { reading_ = Reading::kLost; }
  void CountCopied(size_t bytes) noexcept {
    copied_ += bytes;
    kept_.copied.fetch_add(bytes, std::memory_order_relaxed);
  }
  void CountHeld(size_t bytes) noexcept {
    held_ += bytes;
    kept_.held.fetch_add(bytes, std::memory_order_relaxed);
  }

 private:
  enum class Reading : uint8_t { kReading, kRead, kLost };
  enum class Collection : uint8_t { kAlive, kReaders, kGone };

  // Within mu_: some of what is as it was. False: that was the last of it.
  virtual bool ReadSome(const Visit& visit) = 0;
  // What was put down and is not visited yet; frees it. Nobody adds to it any more.
  virtual void ReadRest(const Visit& visit) = 0;
  virtual void Delete() noexcept = 0;  // the collection
  virtual size_t CollectionBytes() const noexcept = 0;

  void DeleteIfReaders() noexcept;
  void Uncount() noexcept;

  Kept& kept_;
  Frozen*& place_;
  Mutex mu_;
  std::atomic<bool> is_wanted_{false};  // mu_, by a writer: the reader, who wants it again at once, lets him go first
  Reading reading_ = Reading::kReading;
  Collection collection_ = Collection::kAlive;
  // This one's part of kept_.
  size_t copied_ = 0;
  size_t held_ = 0;
};

// FrozenElements: a collection whose elements have names, each of them in it once.
class FrozenElements : public Frozen {
 protected:
  FrozenElements(Kept& kept, Frozen*& place, bool have_values) : Frozen(kept, place), have_values_(have_values) {}

  // `value`: what it has until now; nothing when it is not there, or has been read.
  void KeepElement(Bytes name, std::optional<Bytes> value) noexcept;

  // ReadSome's run: it adds elements until there are enough for one hold, and visits those that have not changed.
  void Add(Bytes name, Bytes value) {
    ++elements_;
    bytes_ += name.size() + value.size();
    if (HasChanged(name)) return;
    run_.push_back(name);
    if (have_values_) run_.push_back(value);
  }
  bool IsEnough() const { return elements_ >= kElementsPerHold || bytes_ >= kBytesPerHold; }
  void VisitRun(const Visit& visit) {
    if (!run_.empty()) visit(run_);
    run_.clear();
    elements_ = bytes_ = 0;
  }

 private:
  bool HasChanged(Bytes name) const { return !changed_.empty() && changed_.contains(std::string(name)); }
  void ReadRest(const Visit& visit) override;

  const bool have_values_;
  std::vector<Bytes> run_;
  size_t elements_ = 0;  // of the run, with those that have changed
  size_t bytes_ = 0;
  std::unordered_map<std::string, std::optional<std::string>> changed_;
};

// What every type's reader is besides.
template <typename Collection, typename Base>
class FrozenOf : public Base {
 protected:
  template <typename... A>
  explicit FrozenOf(Collection& collection, A&&... arguments)
      : Base(std::forward<A>(arguments)...), collection_(collection) {}

  Collection& collection_;

 private:
  void Delete() noexcept override { collection_.memory().Delete(&collection_); }
  size_t CollectionBytes() const noexcept override { return collection_.memory_bytes(); }
};

}  // namespace redislite::types
