// Activation checkpointing: a part of the graph that keeps its input alone and is computed again when its gradient is asked.
#include "guard.h"
#include "recompute_api.h"
#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <algorithm>
#include <stdexcept>

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The managed body; its context is released with the last that may call it.
struct Body : torch::CustomClassHolder {
  ts_body call;
  void (*release)(void*);
  void* context;
  Body(ts_body call, void (*release)(void*), void* context) : call(call), release(release), context(context) {}
  ~Body() override { release(context); }

  Tensor run(const Tensor& x, int again) const {
    H in = ts::give(x), out = nullptr;
    int failed = call(context, in, again, &out);
    // Casts of weights that autocast keeps were made with a gradient or without; neither may serve the other pass.
    at::autocast::clear_cache();
    if (failed) throw std::runtime_error(ts::last_error);
    auto y = ts::tensor(out);
    ts_release(out);
    return y;
  }
};

struct Part : torch::autograd::Function<Part> {
  static variable_list forward(AutogradContext* ctx, const Tensor& x, at::TensorList parameters, const c10::intrusive_ptr<Body>& body) {
    variable_list saved{x};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    ctx->save_for_backward(saved);
    ctx->saved_data["body"] = at::IValue::make_capsule(body);
    return {body->run(x, 0)};
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    auto body = c10::static_intrusive_pointer_cast<Body>(ctx->saved_data["body"].toCapsule());
    auto saved = ctx->get_saved_variables();
    auto x = saved[0].detach().set_requires_grad(saved[0].requires_grad());
    Tensor y;
    {
      at::AutoGradMode graph(true);
      // Not the leaf itself: autocast would keep one cast of a leaf, and its uses' gradients would be added up in the shorter type.
      y = body->run(x.view_as(x), 1);
    }
    variable_list wanted, result(saved.size() + 1);
    std::vector<size_t> places;
    for (size_t k = 0; k < saved.size(); k++) {
      auto& t = k == 0 ? x : saved[k];
      if (t.requires_grad()) wanted.push_back(t), places.push_back(k);
    }
    auto found = torch::autograd::grad({y}, wanted, {grads[0]}, /*retain_graph=*/false, /*create_graph=*/false, /*allow_unused=*/true);
    for (size_t k = 0; k < places.size(); k++) result[places[k]] = found[k];
    return result;
  }
};

}  // namespace

TS_API int ts_recompute(H x, H* parameters, int n, ts_body body, void (*release)(void*), void* context, H* y) {
  return ts::guarded([&] {
    auto owned = c10::make_intrusive<Body>(body, release, context);
    ts::follow_threads();
    variable_list list;
    for (int k = 0; k < n; k++) list.push_back(ts::tensor(parameters[k]));
    *y = ts::give(Part::apply(ts::tensor(x), at::TensorList(list), owned)[0]);
  });
}

TS_API void ts_set_error(const char* text) { ts::last_error = text; }
