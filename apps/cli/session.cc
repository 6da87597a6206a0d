#include "session.h"

#include <string>

#include "split.h"

namespace redislite::cli {
namespace {

// As redis-cli shows it: the library's message, with Redis' word for an error where it has none.
Answer Refusal(int code, std::string message) {
  const size_t blank = message.find(' ');
  const std::string first = message.substr(0, blank);
  if (first.empty() || first != ToUpper(first)) message.insert(0, "ERR ");
  return Answer::Error(code, std::move(message));
}

Answer WrongArity(const char* name) {
  return Answer::Error(RL_ERR_COMMAND, std::string("ERR wrong number of arguments for '") + name + "' command");
}

}  // namespace

Answer Session::Run(const Words& command) {
  const std::string name = ToUpper(command[0]);
  if (name == "MULTI") return command.size() == 1 ? Begin() : WrongArity("multi");
  if (name == "EXEC") {
    if (command.size() != 1) return WrongArity("exec");
    return in_transaction() ? Commit() : Answer::Error(RL_ERR_COMMAND, "ERR EXEC without MULTI");
  }
  if (name == "DISCARD") {
    if (command.size() != 1) return WrongArity("discard");
    if (!in_transaction()) return Answer::Error(RL_ERR_COMMAND, "ERR DISCARD without MULTI");
    Discard();
    return Answer::Status("OK");
  }
  return in_transaction() ? Queue(command) : store_.Run(command);
}

void Session::Discard() {
  batch_.reset();
  refused_ = false;
}

Answer Session::Begin() {
  if (in_transaction()) return Answer::Error(RL_ERR_COMMAND, "ERR MULTI calls can not be nested");
  rl_batch* batch = nullptr;
  const int code = rl_batch_new(store_.db(), &batch);
  if (code != RL_OK) return Refusal(code, store_.Message(code));
  batch_.reset(batch);
  return Answer::Status("OK");
}

Answer Session::Queue(const Words& command) {
  const Arguments arguments(command);
  const int code = rl_batch_add(batch_.get(), arguments.count(), arguments.pointers(), arguments.lengths());
  if (code == RL_OK) return Answer::Status("QUEUED");
  refused_ = true;
  return Refusal(code, store_.Message(code));
}

Answer Session::Commit() {
  if (refused_) {
    Discard();
    return Answer::Error(RL_ERR_COMMAND, "EXECABORT Transaction discarded because of previous errors.");
  }
  rl_reply* reply = nullptr;
  const int code = rl_batch_commit(batch_.get(), &reply);
  Answer answer = code == RL_OK ? Answer(reply) : Refusal(code, store_.Message(code));
  Discard();
  return answer;
}

}  // namespace redislite::cli
