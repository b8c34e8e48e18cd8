// Process groups of torch.distributed; conventions of shim.h. Calls block; a group and a store each serve one call at a time.
#pragma once
#include "shim.h"

enum ts_backend : int32_t { TS_GLOO = 0, TS_NCCL = 1 };
enum ts_reduction : int32_t { TS_SUM = 0, TS_MAX = 1, TS_MIN = 2 };

// Whether the shim was built with this backend.
TS_API int ts_dist_available(int backend);

// A key-value store over TCP, as torch.distributed's TCPStore; one process serves it, port 0 takes a free one. prefix goes before every key, "" for none.
TS_API int ts_store_new(const char* host, int port, int serve, const char* prefix, int64_t timeout_ms, void** store, int* taken_port);
TS_API void ts_store_delete(void* store);
TS_API int ts_store_set(void* store, const char* key, const void* data, int64_t n);
// Waits for the key; the data is released with ts_free.
TS_API int ts_store_get(void* store, const char* key, void** data, int64_t* n);
TS_API int ts_store_has(void* store, const char* key, int* there);
TS_API int ts_store_add(void* store, const char* key, int64_t more, int64_t* sum);

// A process group whose members meet in the store. device: the index of NCCL's device.
TS_API int ts_group_new(void* store, const char* prefix, int backend, int rank, int size, int64_t timeout_ms, int device, void** group);
TS_API void ts_group_delete(void* group);
TS_API int ts_group_all_reduce(void* group, H tensor, int reduction);
// outputs: one contiguous tensor of the input's type and size per rank.
TS_API int ts_group_all_gather(void* group, H input, H* outputs, int n);
TS_API int ts_group_broadcast(void* group, H tensor, int root);
TS_API int ts_group_barrier(void* group);
