#include "engine/scratch.h"

#include <algorithm>

#include "engine/context.h"

namespace redislite::engine {

void Scratch::CopyEntry(int db, const Entry& entry) {
  const uint64_t hash = store_.Hash(entry.key());
  copy_.Put(db, hash, entry.key(), entry.value.Clone(), false, now_ms_);
  if (entry.expires_at_ms() == kNever) return;
  copy_.SetExpiry(db, copy_.Find(db, hash, entry.key(), now_ms_), entry.expires_at_ms());
}

void Scratch::Copy(const Request& request) {
  if (has_all_) return;
  if (request.all_keys) {
    copy_.Clear();
    store_.ForEach([&](int db, const Entry& entry) {
      if (!entry.ExpiredAt(now_ms_)) CopyEntry(db, entry);
    });
    has_all_ = true;
    return;
  }
  for (const KeyRef& key : request.keys) {
    const auto same = [&](const KeyRef& other) { return other.hash == key.hash && other.key == key.key; };
    if (std::any_of(copied_.begin(), copied_.end(), same)) continue;
    copied_.push_back(key);
    // In every database: COPY and MOVE name another one by number.
    for (int db = 0; db < kDatabases; ++db) {
      if (const Entry* entry = store_.Find(db, key.hash, key.key, now_ms_)) CopyEntry(db, *entry);
    }
  }
}

bool Scratch::Run(Request& request, resp::Writer& reply, std::vector<Request*>* resolved,
                  std::vector<std::unique_ptr<Request>>* owned) {
  const bool resolve = (request.command->flags & kResolve) != 0;
  const Mode mode = resolve ? Mode::kPreview : request.writes() ? Mode::kApply : Mode::kRead;
  Context context(nullptr, copy_, mode, request, now_ms_, reply);
  request.command->handler(context);
  if (!context.replacement().empty()) {
    auto in_its_place = std::make_unique<Request>();
    in_its_place->Own(std::move(context.replacement()));
    in_its_place->command = commands_.Find(in_its_place->args);
    in_its_place->db = request.db;
    in_its_place->origin = request.command;
    in_its_place->FindKeys(store_);
    resp::Writer unread;
    Context applied(nullptr, copy_, Mode::kApply, *in_its_place, now_ms_, unread);
    in_its_place->command->handler(applied);
    resolved->push_back(in_its_place.get());
    owned->push_back(std::move(in_its_place));
    return true;
  }
  if (context.wants_write()) resolved->push_back(&request);
  return !context.would_wait();
}

}  // namespace redislite::engine
