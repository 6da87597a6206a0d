// Descriptors: how many files, and so how many clients, the system lets the process have.
#pragma once

namespace redislite::server {

// Asks for as many descriptors as so many clients may need; returns how many clients there can be, at most as many.
int MakeRoomForClients(int clients_max);

}  // namespace redislite::server
