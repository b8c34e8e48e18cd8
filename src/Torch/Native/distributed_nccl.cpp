// NCCL: process groups of CUDA devices.
#ifdef TS_NCCL_BUILT
#define USE_C10D_NCCL
#include "distributed.h"
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

ts::BackendPtr ts::new_nccl(const StorePtr& store, int rank, int size, std::chrono::milliseconds timeout) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
}
#endif
