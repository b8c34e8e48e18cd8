// Gloo: process groups over TCP on the CPU.
#ifdef TS_GLOO_BUILT
#define USE_C10D_GLOO
#include "distributed.h"
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <cstdlib>

ts::BackendPtr ts::new_gloo(const StorePtr& store, int rank, int size, std::chrono::milliseconds timeout) {
  auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  // As in Python: the interface that the environment names, else that of the host's name, else loopback.
  auto name = std::getenv("GLOO_SOCKET_IFNAME");
  options->devices.push_back(
      name && *name ? c10d::ProcessGroupGloo::createDeviceForInterface(name) : c10d::ProcessGroupGloo::createDefaultDevice());
  // One thread: operations come one after the other.
  options->threads = 1;
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
}
#elif defined(TS_C10D)
#include "distributed.h"

ts::BackendPtr ts::new_gloo(const StorePtr&, int, int, std::chrono::milliseconds) { TORCH_CHECK(false, "this libtorch was built without Gloo"); }
#endif
