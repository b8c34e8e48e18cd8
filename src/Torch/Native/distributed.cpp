// The store and the groups of torch.distributed, below their Python: c10d's own classes.
#include "distributed_api.h"
#ifdef TS_C10D
#include "distributed.h"
#include <ATen/ATen.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <thread>
#ifdef TS_NCCL_BUILT
#include <c10/core/DeviceGuard.h>
#endif

namespace {

using std::chrono::milliseconds;

struct StoreBox {
  ts::StorePtr store;
};

struct Group {
  ts::BackendPtr backend;
  bool nccl;
  milliseconds timeout;
  int device;

  void finish(const c10::intrusive_ptr<c10d::Work>& work) const {
    if (!nccl) {
      work->wait();
      return;
    }
    // A lost peer makes a kernel of NCCL wait for ever: the deadline is ours, whatever the environment says of its watchdogs.
    auto end = std::chrono::steady_clock::now() + timeout;
    while (!work->isCompleted()) {
      if (std::chrono::steady_clock::now() > end) {
        work->abort();
        TORCH_CHECK(false, "timed out after ", timeout.count(), " ms");
      }
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    work->wait();
  }
};

StoreBox& store_of(void* s) { return *static_cast<StoreBox*>(s); }
Group& group_of(void* g) { return *static_cast<Group*>(g); }

std::vector<uint8_t> bytes(const void* data, int64_t n) {
  auto p = static_cast<const uint8_t*>(data);
  return std::vector<uint8_t>(p, p + n);
}

// A view that Gloo has a type for, whatever the tensor's.
at::Tensor as_bytes(const at::Tensor& t) {
  TORCH_CHECK(t.is_contiguous(), "expected a contiguous tensor");
  return t.scalar_type() == at::kBool || t.is_floating_point() || t.is_complex() ? t.view({-1}).view(at::kByte) : t.view({-1});
}

}  // namespace

TS_API int ts_dist_available(int backend) {
#ifdef TS_NCCL_BUILT
  if (backend == TS_NCCL) return 1;
#endif
#ifdef TS_GLOO_BUILT
  if (backend == TS_GLOO) return 1;
#endif
  return 0;
}

TS_API int ts_store_new(const char* host, int port, int serve, const char* prefix, int64_t timeout_ms, void** store, int* taken_port) {
  return ts::guarded([&] {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(port);
    options.isServer = serve != 0;
    options.waitWorkers = false;
    options.timeout = milliseconds(timeout_ms);
    // As PyTorch's rendezvous does: a second store of this process may use the server of the first.
    options.multiTenant = port != 0;
    auto tcp = c10::make_intrusive<c10d::TCPStore>(host, options);
    *taken_port = tcp->getPort();
    ts::StorePtr made = tcp;
    if (*prefix) made = c10::make_intrusive<c10d::PrefixStore>(prefix, made);
    *store = new StoreBox{made};
  });
}

TS_API void ts_store_delete(void* store) { delete static_cast<StoreBox*>(store); }

TS_API int ts_store_set(void* store, const char* key, const void* data, int64_t n) {
  return ts::guarded([&] { store_of(store).store->set(key, bytes(data, n)); });
}

TS_API int ts_store_get(void* store, const char* key, void** data, int64_t* n) {
  return ts::guarded([&] {
    auto value = store_of(store).store->get(key);
    *n = static_cast<int64_t>(value.size());
    *data = std::malloc(value.size() + 1);
    if (!*data) throw std::bad_alloc();
    std::memcpy(*data, value.data(), value.size());
  });
}

TS_API int ts_store_has(void* store, const char* key, int* there) {
  return ts::guarded([&] { *there = store_of(store).store->check({key}); });
}

TS_API int ts_store_add(void* store, const char* key, int64_t more, int64_t* sum) {
  return ts::guarded([&] { *sum = store_of(store).store->add(key, more); });
}

TS_API int ts_group_new(void* store, const char* prefix, int backend, int rank, int size, int64_t timeout_ms, int device, void** group) {
  return ts::guarded([&] {
    TORCH_CHECK(ts_dist_available(backend), "the shim was built without ", backend == TS_NCCL ? "NCCL" : "Gloo");
    ts::StorePtr own = c10::make_intrusive<c10d::PrefixStore>(prefix, store_of(store).store);
    milliseconds timeout(timeout_ms);
#ifdef TS_NCCL_BUILT
    c10::OptionalDeviceGuard guard;
    if (backend == TS_NCCL) guard.reset_device(c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(device)));
    auto made = backend == TS_NCCL ? ts::new_nccl(own, rank, size, timeout) : ts::new_gloo(own, rank, size, timeout);
#else
    auto made = ts::new_gloo(own, rank, size, timeout);
#endif
    *group = new Group{made, backend == TS_NCCL, timeout, device};
  });
}

TS_API void ts_group_delete(void* group) { delete static_cast<Group*>(group); }

TS_API int ts_group_all_reduce(void* group, H tensor, int reduction) {
  return ts::guarded([&] {
    std::vector<at::Tensor> list{ts::tensor(tensor)};
    TORCH_CHECK(list[0].is_contiguous(), "expected a contiguous tensor");
    c10d::AllreduceOptions options;
    options.reduceOp = reduction == TS_MAX ? c10d::ReduceOp::MAX : reduction == TS_MIN ? c10d::ReduceOp::MIN : c10d::ReduceOp::SUM;
    group_of(group).finish(group_of(group).backend->allreduce(list, options));
  });
}

TS_API int ts_group_all_gather(void* group, H input, H* outputs, int n) {
  return ts::guarded([&] {
    std::vector<at::Tensor> in{as_bytes(ts::tensor(input))};
    std::vector<std::vector<at::Tensor>> out(1);
    for (int k = 0; k < n; k++) out[0].push_back(as_bytes(ts::tensor(outputs[k])));
    group_of(group).finish(group_of(group).backend->allgather(out, in));
  });
}

TS_API int ts_group_broadcast(void* group, H tensor, int root) {
  return ts::guarded([&] {
    std::vector<at::Tensor> list{as_bytes(ts::tensor(tensor))};
    c10d::BroadcastOptions options;
    options.rootRank = root;
    group_of(group).finish(group_of(group).backend->broadcast(list, options));
  });
}

TS_API int ts_group_barrier(void* group) {
  return ts::guarded([&] {
    auto& g = group_of(group);
#ifdef TS_NCCL_BUILT
    if (g.nccl) {
      std::vector<at::Tensor> one{at::ones({1}, at::TensorOptions().device(c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(g.device))))};
      g.finish(g.backend->allreduce(one));
      return;
    }
#endif
    g.finish(g.backend->barrier());
  });
}

#else
#include "guard.h"

namespace {
int absent() { return ts::fail("this libtorch was built without torch.distributed"); }
}  // namespace

TS_API int ts_dist_available(int) { return 0; }
TS_API int ts_store_new(const char*, int, int, const char*, int64_t, void**, int*) { return absent(); }
TS_API void ts_store_delete(void*) {}
TS_API int ts_store_set(void*, const char*, const void*, int64_t) { return absent(); }
TS_API int ts_store_get(void*, const char*, void**, int64_t*) { return absent(); }
TS_API int ts_store_has(void*, const char*, int*) { return absent(); }
TS_API int ts_store_add(void*, const char*, int64_t, int64_t*) { return absent(); }
TS_API int ts_group_new(void*, const char*, int, int, int, int64_t, int, void**) { return absent(); }
TS_API void ts_group_delete(void*) {}
TS_API int ts_group_all_reduce(void*, H, int) { return absent(); }
TS_API int ts_group_all_gather(void*, H, H*, int) { return absent(); }
TS_API int ts_group_broadcast(void*, H, int) { return absent(); }
TS_API int ts_group_barrier(void*) { return absent(); }
#endif
