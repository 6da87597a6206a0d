#include "tests/support/figures.h"

#include <cstdlib>
#include <fstream>

namespace redislite::test {

bool WriteFigures(const std::string& file, const Figures& figures) {
  const char* directory = std::getenv("RL_FIGURES_DIR");
  if (directory == nullptr) return true;
  std::string text = "{";
  for (const auto& [name, number] : figures)
    text += (text.size() == 1 ? "" : ", ") + ("\"" + name + "\": ") + std::to_string(number);
  std::ofstream out(std::string(directory) + "/" + file + ".json");
  out << text << "}\n";
  return out.flush().good();
}

}  // namespace redislite::test
