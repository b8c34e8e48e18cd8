// CUDA devices: memory, switches, streams. All but the memory of libtorch before 2.9 goes through interfaces that name no device, so that no header of CUDA is needed.
#include "guard.h"
#include <ATen/Context.h>
#include <c10/core/Event.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/cuda.h>

// build.sh looks whether this libtorch has it (from 2.9 on).
#if defined(TS_DEVICE_ALLOCATOR)
#include <c10/core/CachingDeviceAllocator.h>
#elif defined(TS_CUDA) && __has_include(<cuda_runtime_api.h>)
#include <c10/cuda/CUDACachingAllocator.h>
#define TS_CUDA_ALLOCATOR 1
#endif

TS_API int ts_cuda_available() {
  int available = 0;
  ts::guarded([&] { available = torch::cuda::is_available(); });
  return available;
}

TS_API int ts_cuda_count() {
  int count = 0;
  ts::guarded([&] { count = static_cast<int>(torch::cuda::device_count()); });
  return count;
}

TS_API int ts_cuda_built() {
#if defined(TS_CUDA)
  return 1;
#else
  return 0;
#endif
}

TS_API int ts_cuda_synchronize(int index) {
  return ts::guarded([&] { torch::cuda::synchronize(index); });
}

namespace {

c10::DeviceIndex at_index(int index) { return static_cast<c10::DeviceIndex>(index); }

[[maybe_unused]] void no_figures() {
#if defined(TS_CUDA)
  TORCH_CHECK(false, "memory figures of libtorch " TORCH_VERSION " need cuda_runtime_api.h when the shim is built: set CUDA_HOME, or install nvidia-cuda-runtime-cu12 beside torch");
#else
  TORCH_CHECK(false, "this libtorch was built without CUDA");
#endif
}

#if defined(TS_DEVICE_ALLOCATOR)
c10::DeviceAllocator& allocator() {
  TORCH_CHECK(torch::cuda::is_available(), "no CUDA device is available");
  auto found = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(c10::DeviceType::CUDA));
  TORCH_CHECK(found, "the CUDA allocator of this libtorch gives no figures");
  return *found;
}
#endif

template <typename Stats>
void read(const Stats& stats, int64_t* allocated, int64_t* peak, int64_t* reserved) {
  *allocated = stats.allocated_bytes[0].current;
  *peak = stats.allocated_bytes[0].peak;
  *reserved = stats.reserved_bytes[0].current;
}

}  // namespace

TS_API int ts_cuda_empty_cache() {
  return ts::guarded([&] {
#if defined(TS_DEVICE_ALLOCATOR)
    allocator().emptyCache();
#elif defined(TS_CUDA_ALLOCATOR)
    c10::cuda::CUDACachingAllocator::emptyCache();
#else
    no_figures();
#endif
  });
}

TS_API int ts_cuda_memory([[maybe_unused]] int index, [[maybe_unused]] int64_t* allocated, [[maybe_unused]] int64_t* peak, [[maybe_unused]] int64_t* reserved) {
  return ts::guarded([&] {
#if defined(TS_DEVICE_ALLOCATOR)
    read(allocator().getDeviceStats(at_index(index)), allocated, peak, reserved);
#elif defined(TS_CUDA_ALLOCATOR)
    TORCH_CHECK(torch::cuda::is_available(), "no CUDA device is available");
    read(c10::cuda::CUDACachingAllocator::getDeviceStats(at_index(index)), allocated, peak, reserved);
#else
    no_figures();
#endif
  });
}

TS_API int ts_cuda_reset_peak([[maybe_unused]] int index) {
  return ts::guarded([&] {
#if defined(TS_DEVICE_ALLOCATOR)
    allocator().resetPeakStats(at_index(index));
#elif defined(TS_CUDA_ALLOCATOR)
    TORCH_CHECK(torch::cuda::is_available(), "no CUDA device is available");
    c10::cuda::CUDACachingAllocator::resetPeakStats(at_index(index));
#else
    no_figures();
#endif
  });
}

namespace {
// The numbers are the binding's.
enum Switch { TF32_MATMUL, TF32_CUDNN, SDP_FLASH, SDP_EFFICIENT, SDP_MATH, SDP_CUDNN };
}  // namespace

TS_API int ts_get_switch(int which, int* on) {
  return ts::guarded([&] {
    auto& c = at::globalContext();
    switch (which) {
      case TF32_MATMUL: *on = c.allowTF32CuBLAS(); return;
      case TF32_CUDNN: *on = c.allowTF32CuDNN(); return;
      case SDP_FLASH: *on = c.userEnabledFlashSDP(); return;
      case SDP_MATH: *on = c.userEnabledMathSDP(); return;
#if TS_TORCH_AT_LEAST(2, 0)
      case SDP_EFFICIENT: *on = c.userEnabledMemEfficientSDP(); return;
#endif
#if TS_TORCH_AT_LEAST(2, 4)
      case SDP_CUDNN: *on = c.userEnabledCuDNNSDP(); return;
#endif
      default: *on = 0;
    }
  });
}

TS_API int ts_set_switch(int which, int on) {
  return ts::guarded([&] {
    auto& c = at::globalContext();
    switch (which) {
      case TF32_MATMUL: c.setAllowTF32CuBLAS(on != 0); return;
      case TF32_CUDNN: c.setAllowTF32CuDNN(on != 0); return;
      case SDP_FLASH: c.setSDPUseFlash(on != 0); return;
      case SDP_MATH: c.setSDPUseMath(on != 0); return;
#if TS_TORCH_AT_LEAST(2, 0)
      case SDP_EFFICIENT: c.setSDPUseMemEfficient(on != 0); return;
#endif
#if TS_TORCH_AT_LEAST(2, 4)
      case SDP_CUDNN: c.setSDPUseCuDNN(on != 0); return;
#endif
      default: TORCH_CHECK(!on, "libtorch " TORCH_VERSION " has no switch ", which);
    }
  });
}

namespace {

c10::impl::VirtualGuardImpl guard(int type) { return c10::impl::VirtualGuardImpl(static_cast<c10::DeviceType>(type)); }

c10::Device device(const c10::impl::VirtualGuardImpl& g, int index) { return index < 0 ? g.getDevice() : c10::Device(g.type(), at_index(index)); }

ts_stream to_plain(const c10::Stream& s) { return {s.id(), static_cast<int32_t>(s.device_type()), static_cast<int32_t>(s.device_index())}; }

c10::Stream from_plain(const ts_stream& s) {
  return c10::Stream(c10::Stream::UNSAFE, c10::Device(static_cast<c10::DeviceType>(s.type), at_index(s.index)), s.id);
}

}  // namespace

TS_API int ts_stream_current(int type, int index, ts_stream* out) {
  return ts::guarded([&] {
    auto g = guard(type);
    *out = to_plain(g.getStream(device(g, index)));
  });
}

TS_API int ts_stream_new(int type, int index, ts_stream* out) {
  return ts::guarded([&] {
    auto g = guard(type);
    *out = to_plain(g.getStreamFromGlobalPool(device(g, index)));
  });
}

TS_API int ts_stream_set(const ts_stream* stream, ts_stream* before) {
  return ts::guarded([&] { *before = to_plain(guard(stream->type).exchangeStream(from_plain(*stream))); });
}

TS_API int ts_stream_synchronize(const ts_stream* stream) {
  return ts::guarded([&] { guard(stream->type).synchronizeStream(from_plain(*stream)); });
}

TS_API int ts_stream_wait(const ts_stream* waiting, const ts_stream* other) {
  return ts::guarded([&] {
    c10::Event done(static_cast<c10::DeviceType>(other->type));
    done.record(from_plain(*other));
    done.block(from_plain(*waiting));
  });
}

TS_API int ts_stream_uses(const ts_stream* stream, H t) {
  return ts::guarded([&] { ts::tensor(t).record_stream(from_plain(*stream)); });
}
