// Tensors: lifetime, data, and what autograd keeps beside them.
#include "guard.h"
#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <cstring>
#include <vector>

namespace ts {
thread_local std::string last_error;
std::atomic<int64_t> live{0};
}  // namespace ts

namespace {
std::vector<at::Tensor> tensors(H* handles, int n) {
  std::vector<at::Tensor> list;
  list.reserve(n);
  for (int k = 0; k < n; k++) list.push_back(handles[k] ? ts::tensor(handles[k]) : at::Tensor());
  return list;
}
}  // namespace

TS_API const char* ts_last_error() { return ts::last_error.c_str(); }
TS_API int64_t ts_live() { return ts::live.load(std::memory_order_relaxed); }

TS_API void ts_release(H t) {
  if (!t) return;
  ts::live.fetch_sub(1, std::memory_order_relaxed);
  c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(ts::impl(t));
}

TS_API void ts_release_many(H* t, int n) {
  for (int k = 0; k < n; k++) ts_release(t[k]);
}

TS_API H ts_share(H t) { return ts::give(ts::tensor(t)); }

TS_API int ts_from_data(const void* data, const int64_t* sizes, int dim, int dtype, H* out) {
  return ts::guarded([&] {
    auto t = at::empty(at::IntArrayRef(sizes, dim), at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
    if (t.numel() > 0) std::memcpy(t.data_ptr(), data, t.nbytes());
    *out = ts::give(std::move(t));
  });
}

TS_API void* ts_data(H t) {
  void* p = nullptr;
  ts::guarded([&] { p = ts::tensor(t).data_ptr(); });
  return p;
}

TS_API int ts_dim(H t) { return static_cast<int>(ts::impl(t)->dim()); }
TS_API int64_t ts_numel(H t) { return ts::impl(t)->numel(); }
TS_API int ts_dtype(H t) { return static_cast<int>(c10::typeMetaToScalarType(ts::impl(t)->dtype())); }
TS_API int ts_is_contiguous(H t) { return ts::impl(t)->is_contiguous(); }

TS_API void ts_sizes(H t, int64_t* out) {
  auto s = ts::impl(t)->sizes();
  std::copy(s.begin(), s.end(), out);
}

TS_API void ts_strides(H t, int64_t* out) {
  auto s = ts::impl(t)->strides();
  std::copy(s.begin(), s.end(), out);
}

TS_API int ts_device(H t, int* index) {
  auto d = ts::impl(t)->device();
  *index = d.index();
  return static_cast<int>(d.type());
}

TS_API int ts_item(H t, double* d, int64_t* i, int* is_int) {
  return ts::guarded([&] {
    auto s = ts::tensor(t).item();
    *is_int = s.isFloatingPoint() ? 0 : 1;
    if (s.isFloatingPoint()) *d = s.toDouble();
    else *i = s.isBoolean() ? s.toBool() : s.toLong();
  });
}

TS_API int ts_requires_grad(H t) { return ts::impl(t)->requires_grad(); }

TS_API int ts_set_requires_grad(H t, int on) {
  return ts::guarded([&] { ts::tensor(t).set_requires_grad(on != 0); });
}

TS_API int ts_grad(H t, H* out) {
  return ts::guarded([&] { *out = ts::give(ts::tensor(t).grad()); });
}

TS_API int ts_set_grad(H t, H grad) {
  return ts::guarded([&] { ts::tensor(t).mutable_grad() = grad ? ts::tensor(grad) : at::Tensor(); });
}

TS_API int ts_is_leaf(H t) {
  int leaf = 1;
  ts::guarded([&] { leaf = ts::tensor(t).is_leaf(); });
  return leaf;
}

TS_API int ts_backward(H* t, int n, H* grads, int ngrads, int retain, int create) {
  return ts::guarded([&] {
    ts::follow_threads();
    torch::autograd::backward(tensors(t, n), tensors(grads, ngrads), retain != 0, create != 0);
  });
}

TS_API int ts_autograd_grad(H* outs, int n, H* ins, int m, H* grads, int ngrads, int retain, int create, int allow_unused, H* result) {
  return ts::guarded([&] {
    ts::follow_threads();
    auto r = torch::autograd::grad(tensors(outs, n), tensors(ins, m), tensors(grads, ngrads), retain != 0, create != 0, allow_unused != 0);
    for (int k = 0; k < m; k++) result[k] = ts::give(std::move(r[k]));
  });
}

TS_API int ts_grad_mode() { return c10::GradMode::is_enabled(); }
TS_API void ts_set_grad_mode(int on) { c10::GradMode::set_enabled(on != 0); }
TS_API int ts_inference_mode() { return c10::InferenceMode::is_enabled(); }
TS_API void* ts_inference_enter(int on) { return new c10::InferenceMode(on != 0); }
TS_API void ts_inference_exit(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
