// The C ABI between the managed binding and libtorch: one door into ATen by operator schema, plus what no operator covers
// (lifetime, data access, autograd, random generators, autocast, threads). C++ types never cross it, so the managed side
// needs no rebuild when libtorch changes. Every function that can fail returns 0, or, with the text in ts_last_error(), 1, or 2 where memory ran out.
#pragma once
#include <cstdint>

#define TS_API extern "C" __attribute__((visibility("default")))

// A tensor handle: a TensorImpl pointer that owns one reference. 0 is "no tensor".
typedef void* H;

enum ts_tag : int32_t {
  TS_DEFAULT = 0,  // take the schema's default
  TS_NONE, TS_TENSOR, TS_INT, TS_DOUBLE, TS_BOOL,
  TS_STRING,       // p: UTF-8, n bytes
  TS_DEVICE,       // n: device type, i: index
  TS_INTS, TS_DOUBLES, TS_BOOLS,  // p: elements, n of them
  TS_TENSORS,      // p: H[n]
  TS_OPT_TENSORS,  // p: H[n], 0 where there is none
  TS_SCALARS       // p: ts_val[n]
};

// 16 bytes, blittable.
struct ts_val {
  int32_t tag;
  int32_t n;
  union { int64_t i; double d; void* p; };
};

// errors, versions, accounting
TS_API const char* ts_last_error();
TS_API const char* ts_version();
TS_API const char* ts_config();
TS_API int64_t ts_live();

// operators
TS_API int ts_op_find(const char* name, const char* overload, void** op);
TS_API const char* ts_op_schema(void* op);
TS_API int ts_call(void* op, const ts_val* args, int n, ts_val* rets, int* nrets);
TS_API void ts_free(void* p);

// tensors
TS_API void ts_release(H t);
TS_API void ts_release_many(H* t, int n);
TS_API H ts_share(H t);
TS_API int ts_from_data(const void* data, const int64_t* sizes, int dim, int dtype, H* out);
TS_API void* ts_data(H t);
TS_API int ts_dim(H t);
TS_API void ts_sizes(H t, int64_t* out);
TS_API void ts_strides(H t, int64_t* out);
TS_API int64_t ts_numel(H t);
TS_API int ts_dtype(H t);
TS_API int ts_device(H t, int* index);
TS_API int ts_is_contiguous(H t);
TS_API int ts_item(H t, double* d, int64_t* i, int* is_int);

// autograd
TS_API int ts_requires_grad(H t);
TS_API int ts_set_requires_grad(H t, int on);
TS_API int ts_grad(H t, H* out);
TS_API int ts_set_grad(H t, H grad);
TS_API int ts_is_leaf(H t);
TS_API int ts_backward(H* t, int n, H* grads, int ngrads, int retain, int create);
TS_API int ts_autograd_grad(H* outs, int n, H* ins, int m, H* grads, int ngrads, int retain, int create, int allow_unused, H* result);
TS_API int ts_grad_mode();
TS_API void ts_set_grad_mode(int on);
TS_API int ts_inference_mode();
TS_API void* ts_inference_enter(int on);
TS_API void ts_inference_exit(void* guard);

// autocast: device 0 is the CPU, 1 is CUDA
TS_API int ts_autocast_enter(int device, int on, int dtype, int* was_on, int* was_dtype);
TS_API int ts_autocast_exit(int device, int was_on, int was_dtype);

// random generators
TS_API int ts_manual_seed(uint64_t seed);
TS_API int ts_rng_get(int device, int index, H* out);
TS_API int ts_rng_set(int device, int index, H state);

// context
TS_API int ts_set_threads(int n);
TS_API int ts_get_threads();
TS_API int ts_deterministic(int on, int warn_only);

// devices; type 0 is the CPU, 1 is CUDA, index -1 the current device
TS_API int ts_cuda_available();
TS_API int ts_cuda_count();
TS_API int ts_cuda_built();
TS_API int ts_cuda_synchronize(int index);
TS_API int ts_cuda_empty_cache();
TS_API int ts_cuda_memory(int index, int64_t* allocated, int64_t* peak, int64_t* reserved);
TS_API int ts_cuda_reset_peak(int index);
TS_API int ts_get_switch(int which, int* on);
TS_API int ts_set_switch(int which, int on);

// streams: queues of a device
struct ts_stream {
  int64_t id;
  int32_t type;
  int32_t index;
};
TS_API int ts_stream_current(int type, int index, ts_stream* out);
TS_API int ts_stream_new(int type, int index, ts_stream* out);
TS_API int ts_stream_set(const ts_stream* stream, ts_stream* before);
TS_API int ts_stream_synchronize(const ts_stream* stream);
TS_API int ts_stream_wait(const ts_stream* waiting, const ts_stream* other);
TS_API int ts_stream_uses(const ts_stream* stream, H t);
