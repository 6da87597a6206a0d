// Task: a command, or a transaction, on its way through the engine for somebody who has several under way: what Execute
// keeps on its stack, kept by a session instead.
//
// Owner: the session, from Prepare until the task is done. A task is used again and again, so that a steady stream of
// commands allocates nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/commit.h"
#include "engine/request.h"
#include "resp/writer.h"

namespace redislite::engine {

struct Task {
  Op op;
  Request request;
  Request* const single[1] = {&request};
  resp::Writer reply;
  std::vector<std::string> text;  // the arguments, when nobody else keeps them
  std::vector<Bytes> args;

  // Of a transaction.
  std::vector<std::unique_ptr<Request>> parts;
  std::vector<Request*> part_list;

  // Keeps the list of the arguments, whose bytes somebody else keeps until the task is done.
  Args Borrow(Args borrowed) {
    args.assign(borrowed.begin(), borrowed.end());
    return args;
  }
  // Keeps a copy of the arguments, for a task that outlives them.
  Args Own(Args borrowed) {
    text.resize(borrowed.size());
    for (size_t i = 0; i < borrowed.size(); ++i) text[i].assign(borrowed[i]);
    args.assign(text.begin(), text.end());
    return args;
  }

  void Reset(int protocol) {
    op.parts = {};
    op.batch = false;
    op.may_park = false;
    op.watched = nullptr;
    op.action = nullptr;
    op.reply = &reply;
    op.status = Status::Ok();
    op.finished = nullptr;
    op.park_until_us = 0;
    op.done.store(0, std::memory_order_relaxed);
    op.fate = Op::Fate::kAnswered;
    op.park_number = 0;
    request.command = nullptr;
    request.owned.clear();
    reply.Reset(protocol);
    parts.clear();
    part_list.clear();
  }
};

}  // namespace redislite::engine
