// What every translation unit of the shim shares: the error boundary, handle conversion and the thread count.
#pragma once
#include "shim.h"
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>
#include <torch/version.h>
#include <atomic>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#define TS_TORCH_AT_LEAST(major, minor) (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

namespace ts {

extern thread_local std::string last_error;
extern std::atomic<int64_t> live;

// What a failed call returns.
constexpr int FAILED = 1, OUT_OF_MEMORY = 2;

// PyTorch appends the C++ stack to what(); a user of this library wants the sentence before it.
inline int fail(const char* text, int code = FAILED) {
  last_error = text;
  for (const char* mark : {"\nException raised from", "\nC++ CapturedTraceback"}) {
    auto at = last_error.find(mark);
    if (at != std::string::npos) last_error.resize(at);
  }
  return code;
}

// Allocators of the CPU and of CUDA's libraries say it in words alone.
inline bool says_out_of_memory(const char* text) {
  for (const char* mark : {"can't allocate memory", "not enough memory", "CUDA out of memory", "CUDA error: out of memory", "STATUS_ALLOC_FAILED"}) {
    if (std::strstr(text, mark)) return true;
  }
  return false;
}

template <typename F>
int guarded(F&& body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::OutOfMemoryError& e) {
    return fail(e.what_without_backtrace(), OUT_OF_MEMORY);
  } catch (const c10::Error& e) {
    auto text = e.what_without_backtrace();
    return fail(text, says_out_of_memory(text) ? OUT_OF_MEMORY : FAILED);
  } catch (const std::bad_alloc&) {
    return fail("the process is out of memory (std::bad_alloc)", OUT_OF_MEMORY);
  } catch (const std::exception& e) {
    return fail(e.what(), says_out_of_memory(e.what()) ? OUT_OF_MEMORY : FAILED);
  } catch (...) {
    return fail("an exception of unknown type left libtorch");
  }
}

// OpenMP keeps its thread count per OS thread. A thread that first runs after (or long before) set_num_threads follows it here.
void follow_threads();

// A reference of our own to the tensor behind a handle.
inline at::Tensor tensor(H h) {
  return at::Tensor::wrap_tensor_impl(
      c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(static_cast<c10::TensorImpl*>(h)));
}

inline c10::TensorImpl* impl(H h) { return static_cast<c10::TensorImpl*>(h); }

// Hands the reference to the caller.
inline H give(at::Tensor t) {
  if (!t.defined()) return nullptr;
  live.fetch_add(1, std::memory_order_relaxed);
  return t.unsafeReleaseTensorImpl();
}

}  // namespace ts
