// What is the process's or the thread's, not a tensor's: generators, autocast, threads, determinism, devices, the allocator.
#include "guard.h"
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <malloc.h>
#include <climits>

namespace {

std::atomic<int> wanted_threads{0};
thread_local int thread_threads = 0;

// A scope keeps a forward pass's temporaries until its end; with glibc's defaults each large one is then mapped and unmapped
// anew every step, which costs 18 % of a transformer's step. Large blocks stay in the heap instead.
__attribute__((constructor)) void keep_large_blocks() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
}

c10::Device device(int type, int index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

}  // namespace

void ts::follow_threads() {
  int n = wanted_threads.load(std::memory_order_relaxed);
  if (n == thread_threads) return;
  thread_threads = n;
  at::set_num_threads(n);
}

TS_API const char* ts_version() { return TORCH_VERSION; }

TS_API const char* ts_config() {
  static const std::string text = at::show_config();
  return text.c_str();
}

#if TS_TORCH_AT_LEAST(2, 4)
TS_API int ts_autocast_enter(int type, int on, int dtype, int* was_on, int* was_dtype) {
  return ts::guarded([&] {
    auto t = static_cast<c10::DeviceType>(type);
    *was_on = at::autocast::is_autocast_enabled(t);
    *was_dtype = static_cast<int>(at::autocast::get_autocast_dtype(t));
    at::autocast::set_autocast_dtype(t, static_cast<at::ScalarType>(dtype));
    at::autocast::set_autocast_enabled(t, on != 0);
    at::autocast::increment_nesting();
  });
}

TS_API int ts_autocast_exit(int type, int was_on, int was_dtype) {
  return ts::guarded([&] {
    auto t = static_cast<c10::DeviceType>(type);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_dtype(t, static_cast<at::ScalarType>(was_dtype));
    at::autocast::set_autocast_enabled(t, was_on != 0);
  });
}
#else
TS_API int ts_autocast_enter(int type, int on, int dtype, int* was_on, int* was_dtype) {
  return ts::guarded([&] {
    auto d = static_cast<at::ScalarType>(dtype);
    if (type == 0) {
      *was_on = at::autocast::is_cpu_enabled();
      *was_dtype = static_cast<int>(at::autocast::get_autocast_cpu_dtype());
      at::autocast::set_autocast_cpu_dtype(d);
      at::autocast::set_cpu_enabled(on != 0);
    } else {
      *was_on = at::autocast::is_enabled();
      *was_dtype = static_cast<int>(at::autocast::get_autocast_gpu_dtype());
      at::autocast::set_autocast_gpu_dtype(d);
      at::autocast::set_enabled(on != 0);
    }
    at::autocast::increment_nesting();
  });
}

TS_API int ts_autocast_exit(int type, int was_on, int was_dtype) {
  return ts::guarded([&] {
    auto d = static_cast<at::ScalarType>(was_dtype);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    if (type == 0) {
      at::autocast::set_autocast_cpu_dtype(d);
      at::autocast::set_cpu_enabled(was_on != 0);
    } else {
      at::autocast::set_autocast_gpu_dtype(d);
      at::autocast::set_enabled(was_on != 0);
    }
  });
}
#endif

TS_API int ts_manual_seed(uint64_t seed) {
  return ts::guarded([&] { at::manual_seed(seed); });
}

TS_API int ts_rng_get(int type, int index, H* out) {
  return ts::guarded([&] {
    auto generator = at::globalContext().defaultGenerator(device(type, index));
    std::lock_guard<std::mutex> lock(generator.mutex());
    *out = ts::give(generator.get_state());
  });
}

TS_API int ts_rng_set(int type, int index, H state) {
  return ts::guarded([&] {
    auto generator = at::globalContext().defaultGenerator(device(type, index));
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(ts::tensor(state));
  });
}

TS_API int ts_set_threads(int n) {
  return ts::guarded([&] {
    TORCH_CHECK(n > 0, "the number of threads must be positive, but ", n, " was given");
    wanted_threads.store(n, std::memory_order_relaxed);
    ts::follow_threads();
  });
}

TS_API int ts_get_threads() {
  ts::follow_threads();
  return at::get_num_threads();
}

TS_API int ts_deterministic(int on, int warn_only) {
  return ts::guarded([&] { at::globalContext().setDeterministicAlgorithms(on != 0, warn_only != 0); });
}
