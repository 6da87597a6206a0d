#include "driver_store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "wire.h"

namespace vectors {
DriverStore::DriverStore(std::string directory, std::vector<std::pair<std::string, std::string>> options,
                         const std::string& command, int protocol)
    : LocalStore(std::move(directory), std::move(options)), protocol_(protocol) {
  // A driver that has ended is seen when it is read, and not by a signal.
  (void)std::signal(SIGPIPE, SIG_IGN);
  int in[2] = {-1, -1}, out[2] = {-1, -1};
  if (pipe(in) != 0 || pipe(out) != 0) return;
  child_ = fork();
  if (child_ == 0) {
    (void)dup2(in[0], STDIN_FILENO);
    (void)dup2(out[1], STDOUT_FILENO);
    for (const int fd : {in[0], in[1], out[0], out[1]}) close(fd);
    execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = out[0];
}

DriverStore::~DriverStore() {
  std::string ignored;
  (void)CloseStore(&ignored);
  close(to_);
  close(from_);
  if (child_ > 0) (void)waitpid(child_, nullptr, 0);
}

Reply DriverStore::Talk(const std::vector<std::string>& request) {
  const std::string bytes = EncodeRequest(request);
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t written = write(to_, bytes.data() + at, bytes.size() - at);
    if (written <= 0) return Problem("the driver does not read any more");
    at += static_cast<size_t>(written);
  }
  while (true) {
    Reply reply;
    size_t at = 0;
    switch (DecodeReply(heard_, &at, &reply)) {
      case Decoded::kReply:
        heard_.erase(0, at);
        return reply;
      case Decoded::kMalformed:
        return Problem("the driver said what is no reply: " + Quote(heard_.substr(0, 200)));
      case Decoded::kIncomplete:
        break;
    }
    char buffer[1 << 16];
    const ssize_t got = read(from_, buffer, sizeof buffer);
    if (got <= 0) return Problem("the driver has ended");
    heard_.append(buffer, static_cast<size_t>(got));
  }
}

bool DriverStore::OpenStore(const std::string& path, std::string* error) {
  std::vector<std::string> request = {"open", path, std::to_string(now_ms())};
  for (const auto& [name, value] : options()) {
    request.push_back(name);
    request.push_back(value);
  }
  const Reply reply = Talk(request);
  open_ = !reply.is_error();
  *error = reply.text;
  return open_;
}

bool DriverStore::CloseStore(std::string* error) {
  if (!open_) return true;
  open_ = false;
  const Reply reply = Talk({"close"});
  *error = reply.text;
  return !reply.is_error();
}

Reply DriverStore::Command(const std::vector<std::string>& words) {
  std::vector<std::string> request = {"do"};
  request.insert(request.end(), words.begin(), words.end());
  return Talk(request);
}

Target::Outcome DriverStore::Advance(int64_t ms, std::string* error) {
  (void)LocalStore::Advance(ms, error);
  const Reply reply = Talk({"clock", std::to_string(now_ms())});
  *error = reply.text;
  return reply.is_error() ? Outcome::kFailed : Outcome::kDone;
}

}  // namespace vectors
