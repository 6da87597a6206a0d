// One function an adapter: adds its engines to the list.
#pragma once

#include <vector>

#include "macro/store.h"

namespace bench {

void AddRawLoop(std::vector<Engine>& engines);
void AddMaps(std::vector<Engine>& engines);
void AddLmdb(std::vector<Engine>& engines);
void AddSqlite(std::vector<Engine>& engines);
void AddRocksDb(std::vector<Engine>& engines);
void AddLevelDb(std::vector<Engine>& engines);
void AddTkrzw(std::vector<Engine>& engines);

}  // namespace bench
