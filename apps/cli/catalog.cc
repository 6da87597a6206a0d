#include "catalog.h"

#include <algorithm>

#include "split.h"

namespace redislite::cli {
namespace {

// COMMAND DOCS: name, map, name, map ... "subcommands" holds the same again, each named "container|subcommand".
void TakeDocs(const Reply& reply, std::vector<CommandDoc>& docs) {
  for (size_t i = 0; i + 2 <= reply.elements.size(); i += 2) {
    CommandDoc doc;
    doc.name = ToLower(reply.elements[i].text);
    std::replace(doc.name.begin(), doc.name.end(), '|', ' ');
    const std::vector<Reply>& members = reply.elements[i + 1].elements;
    for (size_t j = 0; j + 2 <= members.size(); j += 2) {
      const std::string_view name = members[j].text;
      const std::string value(members[j + 1].text);
      if (name == "summary") doc.summary = value;
      if (name == "since") doc.since = value;
      if (name == "group") doc.group = value;
      if (name == "syntax") doc.syntax = value;
      if (name == "subcommands") TakeDocs(members[j + 1], docs);
    }
    docs.push_back(std::move(doc));
  }
}

// "key [NX | XX] [EX seconds]" into "key", "[NX | XX]", "[EX seconds]".
std::vector<std::string_view> SyntaxParts(std::string_view syntax) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i <= syntax.size(); ++i) {
    const char c = i < syntax.size() ? syntax[i] : ' ';
    if (c == '[' || c == '<') ++depth;
    if (c == ']' || c == '>') --depth;
    if (c != ' ' || (depth > 0 && i < syntax.size())) continue;
    if (i > begin) parts.push_back(syntax.substr(begin, i - begin));
    begin = i + 1;
  }
  return parts;
}

}  // namespace

Catalog Catalog::Load(const Store& store) {
  std::vector<CommandDoc> docs;
  const Answer answer = store.Run({"COMMAND", "DOCS"});
  TakeDocs(answer.reply, docs);
  return Catalog(std::move(docs));
}

Catalog::Catalog(std::vector<CommandDoc> docs) : docs_(std::move(docs)) {
  std::sort(docs_.begin(), docs_.end(), [](const CommandDoc& a, const CommandDoc& b) { return a.name < b.name; });
}

const CommandDoc* Catalog::Find(const Words& words) const {
  const auto by_name = [this](const std::string& name) -> const CommandDoc* {
    const auto found =
        std::lower_bound(docs_.begin(), docs_.end(), name,
                         [](const CommandDoc& doc, const std::string& wanted) { return doc.name < wanted; });
    return found != docs_.end() && found->name == name ? &*found : nullptr;
  };
  if (words.empty()) return nullptr;
  const std::string name = ToLower(words[0]);
  const CommandDoc* subcommand = words.size() > 1 ? by_name(name + ' ' + ToLower(words[1])) : nullptr;
  return subcommand != nullptr ? subcommand : by_name(name);
}

std::vector<std::string> Catalog::NamesThatBegin(std::string_view start) const {
  const std::string wanted = ToLower(start);
  std::vector<std::string> names;
  for (const CommandDoc& doc : docs_) {
    if (doc.name.starts_with(wanted)) names.push_back(doc.name);
  }
  return names;
}

std::string RemainingSyntax(const CommandDoc& doc, const Words& words) {
  const auto name_words = static_cast<size_t>(1 + std::count(doc.name.begin(), doc.name.end(), ' '));
  size_t typed = words.size() - std::min(words.size(), name_words);
  std::string rest;
  for (const std::string_view part : SyntaxParts(doc.syntax)) {
    // What is optional stays shown: which of it was typed, only the store knows.
    if (typed > 0 && rest.empty() && part[0] != '[') {
      --typed;
      continue;
    }
    if (!rest.empty()) rest += ' ';
    rest += part;
  }
  return rest;
}

}  // namespace redislite::cli
