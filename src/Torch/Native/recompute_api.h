// Activation checkpointing; conventions of shim.h.
#pragma once
#include "shim.h"

// Computes a part of a model: x -> y. again 0: for its value; 1: with a graph, for its gradient. Returns 0, or 1 with the text set by ts_set_error. May be called on a thread of autograd's.
typedef int (*ts_body)(void* context, H x, int again, H* y);

// y = body(x), of which memory keeps x alone. Gradients go to x and to the parameters that the body uses. release(context) is called once, when the body will not be called any more.
TS_API int ts_recompute(H x, H* parameters, int n, ts_body body, void (*release)(void*), void* context, H* y);
TS_API void ts_set_error(const char* text);
