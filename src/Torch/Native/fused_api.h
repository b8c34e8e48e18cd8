// Fused layers on the CPU, over texts laid end to end; conventions of shim.h.
#pragma once
#include "shim.h"

// dropout(norm(tokens[ids] + types[kinds] + positions[places])); kinds 0: all are 0; the skipped rows get no gradient (-1: none).
TS_API int ts_fused_embed(H tokens, H positions, H types, H gamma, H beta, const int64_t* ids, const int64_t* places, const int64_t* kinds, int64_t rows, double epsilon, double dropout,
                          int64_t skip_token, int64_t skip_position, H* out);
// A BERT layer. offsets: where each text starts, and the number of tokens (texts + 1). weights: 16, in the order of modules. shorter: bfloat16 products. recompute: see Options in fused_layer.cpp.
TS_API int ts_fused_layer(H x, const int64_t* offsets, int64_t texts, H* weights, int64_t heads, double epsilon, double hidden_dropout, double attention_dropout, int shorter, int recompute,
                          H* out);
// One AdamW update of n tensors, each of its own size; all are contiguous CPU floats. steps and corrections: one number each.
TS_API int ts_fused_adamw(H* weights, H* gradients, H* averages, H* squares, int n, double decay, double beta1, double beta2, double epsilon, const double* steps, const double* corrections);
