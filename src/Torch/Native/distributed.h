// What the translation units of process groups share.
#pragma once
#include "guard.h"
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>
#if TS_TORCH_AT_LEAST(2, 0)
#include <torch/csrc/distributed/c10d/Backend.hpp>
#endif

namespace ts {

// Up to 1.13 a backend is a ProcessGroup; from 2.0 on a ProcessGroup holds backends.
#if TS_TORCH_AT_LEAST(2, 0)
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif

using StorePtr = c10::intrusive_ptr<c10d::Store>;
using BackendPtr = c10::intrusive_ptr<Backend>;

BackendPtr new_gloo(const StorePtr& store, int rank, int size, std::chrono::milliseconds timeout);
BackendPtr new_nccl(const StorePtr& store, int rank, int size, std::chrono::milliseconds timeout);

}  // namespace ts
