#include "interpreter.h"

#include <algorithm>

#include "dot_commands.h"
#include "split.h"

namespace redislite::cli {
namespace {

std::string At(const std::string& place, std::string_view text) {
  return place.empty() ? std::string(text) : place + ": " + std::string(text);
}

bool HoldsError(const Reply& reply) {
  return reply.is_error() || std::any_of(reply.elements.begin(), reply.elements.end(), HoldsError);
}

}  // namespace

void Interpreter::Run(const Command& command, Outcome& outcome) {
  if (!command.error.empty()) {
    outcome.Fail(At(command.place, command.error));
    return;
  }
  if (IsDotCommand(command.words)) {
    if (session_.in_transaction()) {
      outcome.Fail(At(command.place, command.words[0] + " is not possible inside MULTI"));
    } else {
      RunDotCommand(store_, command, outcome);
    }
    return;
  }
  Show(command, session_.Run(command.words), outcome);
}

void Interpreter::Show(const Command& command, Answer answer, Outcome& outcome) {
  ++outcome.replies;
  if (HoldsError(answer.reply)) ++outcome.errors;
  const bool apart = style_.format == Format::kRaw || style_.format == Format::kCsv || !style_.replies;
  if (answer.reply.is_error() && apart) {
    (outcome.err += At(command.place, answer.reply.text)) += '\n';
    return;
  }
  if (!style_.replies) return;
  if (!style_.resp3) answer.reply = AsResp2(std::move(answer.reply), command.words);
  AppendReply(outcome.out, answer.reply, style_.format);
}

void Interpreter::Finish(Outcome& outcome) {
  if (!session_.in_transaction()) return;
  session_.Discard();
  outcome.Fail("the input ended after MULTI without EXEC: what it had queued was not run");
}

}  // namespace redislite::cli
