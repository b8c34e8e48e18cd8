// A BERT layer and its embeddings on the CPU as one node of the graph each, over texts laid end to end: products through ATen, everything between them in
// one pass over the rows. The gradients are written by hand. Weights and the residual stream are float32; products are float32 or bfloat16.
#include "guard.h"
#include "fused.h"
#include "fused_api.h"
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/custom_function.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include <algorithm>
#include <mutex>
#include <vector>

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

enum Weight { QueryW, QueryB, KeyW, KeyB, ValueW, ValueB, OutW, OutB, Norm1W, Norm1B, UpW, UpB, DownW, DownB, Norm2W, Norm2B, Weights };

// Calls f(thread, begin, end) with each thread's share of the rows: the same shares for the same number of threads.
template <typename F>
void split(int64_t rows, const F& f) {
#ifdef _OPENMP
#pragma omp parallel if (rows > 16)
  {
    int64_t k = omp_get_num_threads(), t = omp_get_thread_num();
    f(static_cast<int>(t), rows * t / k, rows * (t + 1) / k);
  }
#else
  f(0, int64_t{0}, rows);
#endif
}

int team() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

// One row of sums per thread, added up in the threads' order.
struct Sums {
  explicit Sums(int64_t width) : width(width), rows(at::zeros({team(), width}, at::kFloat)) {}
  float* of(int thread) { return rows.data_ptr<float>() + thread * width; }
  Tensor total() { return rows.sum(0); }
  int64_t width;
  Tensor rows;
};

template <typename E> struct Kind;
template <> struct Kind<float> {
  static constexpr auto type = at::kFloat;
  static const fused::Table<float>& table() { return fused::kernels().f32; }
};
template <> struct Kind<fused::bf16> {
  static constexpr auto type = at::kBFloat16;
  static const fused::Table<fused::bf16>& table() { return fused::kernels().b16; }
};
template <typename E> E* data(const Tensor& t) { return static_cast<E*>(t.data_ptr()); }
const float* floats(const Tensor& t) { return data<float>(t); }

template <typename E> Tensor make(at::IntArrayRef sizes) { return at::empty(sizes, Kind<E>::type); }
Tensor make_floats(at::IntArrayRef sizes) { return at::empty(sizes, at::kFloat); }

template <typename E>
Tensor narrowed(const Tensor& x) {
  if constexpr (sizeof(E) == 4) {
    return x;
  } else {
    auto out = at::empty(x.sizes(), Kind<E>::type);
    split((x.numel() + 4095) / 4096, [&](int, int64_t begin, int64_t end) {
      int64_t from = begin * 4096, to = std::min(end * 4096, x.numel());
      if (to > from) Kind<E>::table().narrow(floats(x) + from, data<E>(out) + from, to - from);
    });
    return out;
  }
}

template <typename E>
Tensor widened(const Tensor& x) {
  if constexpr (sizeof(E) == 4) {
    return x;
  } else {
    auto in = x.contiguous();
    auto out = make_floats(in.sizes());
    split((in.numel() + 4095) / 4096, [&](int, int64_t begin, int64_t end) {
      int64_t from = begin * 4096, to = std::min(end * 4096, in.numel());
      if (to > from) Kind<E>::table().widen(data<E>(in) + from, data<float>(out) + from, to - from);
    });
    return out;
  }
}

// Products below go to ATen as they are, whatever autocast is on around the call.
struct Plain {
  c10::impl::ExcludeDispatchKeyGuard autocast{c10::autocast_dispatch_keyset};
  at::NoGradGuard constant;
};

struct Options {
  int64_t heads = 1;
  double epsilon = 1e-12, hidden = 0, attention = 0;  // layer norm's, and shares that are dropped
  bool shorter = false, recompute = false;            // bfloat16 products; the backward pass makes the states again
  uint64_t seed = 0;
};

fused::Drop drop(double p, uint64_t seed, int which) {
  fused::Drop d;
  if (p > 0) {
    d.seed = seed + 0x632be59bd9b4e019ull * (which + 1);
    d.threshold = static_cast<uint32_t>(p * 4294967296.0);
    d.scale = static_cast<float>(1 / (1 - p));
  }
  return d;
}

uint64_t draw() {
  auto generator = at::detail::getDefaultCPUGenerator();
  std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get<at::CPUGeneratorImpl>()->random64();
}

// What the backward pass needs of the forward one.
struct States {
  Tensor x, qkv, bias, context, lse, r1, mean1, rstd1, h, u, r2, mean2, rstd2;  // x and h as E
  Tensor qkv_w, out_w, up_w, down_w;                                             // as E
  std::vector<Tensor*> all() { return {&x, &qkv, &bias, &context, &lse, &r1, &mean1, &rstd1, &h, &u, &r2, &mean2, &rstd2, &qkv_w, &out_w, &up_w, &down_w}; }
};

template <typename E>
struct Layer {
  const Options& o;
  const Tensor& offsets;  // (B + 1)
  const variable_list& w;
  int64_t tokens, width, inner;
  const fused::Table<E>& table = Kind<E>::table();

  Layer(const Options& o, const Tensor& offsets, const variable_list& w)
      : o(o), offsets(offsets), w(w), tokens(offsets.data_ptr<int64_t>()[offsets.numel() - 1]), width(w[OutW].size(0)), inner(w[UpW].size(0)) {}

  Tensor forward(const Tensor& x, States& s, bool keep) const {
    s.qkv_w = narrowed<E>(at::cat({w[QueryW], w[KeyW], w[ValueW]}, 0));
    s.bias = at::cat({w[QueryB], w[KeyB], w[ValueB]}, 0);
    s.out_w = narrowed<E>(w[OutW]);
    s.up_w = narrowed<E>(w[UpW]);
    s.down_w = narrowed<E>(w[DownW]);

    s.x = narrowed<E>(x);
    s.qkv = at::mm(s.x, s.qkv_w.t());
    s.context = make<E>({tokens, width});
    if (keep) s.lse = make_floats({o.heads, tokens});
    attention([&](const fused::Head& h, int64_t at, int64_t out, int64_t head, float* scratch) {
      auto q = data<E>(s.qkv) + at;
      auto b = floats(s.bias) + head * h.width;
      table.attend(h, q, q + width, q + 2 * width, b, b + width, b + 2 * width, data<E>(s.context) + out, keep ? data<float>(s.lse) + h.row : nullptr, scratch);
    });
    if (!keep) s.qkv = Tensor();

    Tensor h, y;
    std::tie(h, s.h) = add_norm(at::mm(s.context, s.out_w.t()), w[OutB], x, 1, Norm1W, keep ? &s.r1 : nullptr, s.mean1, s.rstd1, true);
    s.u = at::mm(s.h, s.up_w.t());
    auto g = keep ? make<E>({tokens, inner}) : s.u;
    split(tokens, [&](int, int64_t begin, int64_t end) { table.gelu(begin, end, inner, data<E>(s.u), floats(w[UpB]), data<E>(g)); });
    auto fed = at::mm(g, s.down_w.t());
    std::tie(y, std::ignore) = add_norm(fed, w[DownB], h, 2, Norm2W, keep ? &s.r2 : nullptr, s.mean2, s.rstd2, false);
    return y;
  }

  variable_list backward(const Tensor& dy, States& s) const {
    variable_list grads(1 + Weights + 2);  // x, the weights, offsets, options
    auto grad = [&](Weight k) -> Tensor& { return grads[1 + k]; };

    auto dr = make_floats({tokens, width});
    auto da = make<E>({tokens, width});
    norm_back(dy, Tensor(), s.r2, s.mean2, s.rstd2, Norm2W, 2, dr, da, grad(Norm2W), grad(Norm2B), grad(DownB));
    auto du = at::mm(da, s.down_w);
    auto g = make<E>({tokens, inner});
    Sums up(inner);
    split(tokens, [&](int t, int64_t begin, int64_t end) { table.gelu_back(begin, end, inner, data<E>(s.u), floats(w[UpB]), data<E>(du), data<E>(g), up.of(t)); });
    grad(UpB) = up.total();
    grad(DownW) = widened<E>(at::mm(da.t(), g));
    g = s.u = Tensor();
    grad(UpW) = widened<E>(at::mm(du.t(), s.h));
    auto dh = at::mm(du, s.up_w);
    du = Tensor();

    auto dx = make_floats({tokens, width});
    norm_back(dr, dh, s.r1, s.mean1, s.rstd1, Norm1W, 1, dx, da, grad(Norm1W), grad(Norm1B), grad(OutB));
    grad(OutW) = widened<E>(at::mm(da.t(), s.context));
    auto dc = at::mm(da, s.out_w);

    auto dqkv = make<E>({tokens, 3 * width});
    attention([&](const fused::Head& h, int64_t at, int64_t out, int64_t head, float* scratch) {
      auto q = data<E>(s.qkv) + at;
      auto d = data<E>(dqkv) + at;
      auto b = floats(s.bias) + head * h.width;
      table.attend_back(h, q, q + width, q + 2 * width, b, b + width, b + 2 * width, data<E>(s.context) + out, floats(s.lse) + h.row, data<E>(dc) + out, d, d + width, d + 2 * width, scratch);
    });
    Sums bias(3 * width);
    split(tokens, [&](int t, int64_t begin, int64_t end) { table.column_sum(begin, end, 3 * width, data<E>(dqkv), bias.of(t)); });
    auto db = bias.total();
    auto dw = widened<E>(at::mm(dqkv.t(), s.x));
    for (int k = 0; k < 3; k++) {
      grads[1 + QueryW + 2 * k] = dw.narrow(0, k * width, width);
      grads[1 + QueryB + 2 * k] = db.narrow(0, k * width, width);
    }
    auto more = at::mm(dqkv, s.qkv_w);
    split(tokens, [&](int, int64_t begin, int64_t end) { table.accumulate(data<float>(dx) + begin * width, data<E>(more) + begin * width, (end - begin) * width); });
    grads[0] = dx;
    return grads;
  }

 private:
  // f(head, where its queries start, where its output starts, number of the head, scratch)
  template <typename F>
  void attention(const F& f) const {
    auto starts = offsets.data_ptr<int64_t>();
    int64_t texts = offsets.numel() - 1, each = width / o.heads, longest = 0;
    for (int64_t b = 0; b < texts; b++) longest = std::max(longest, starts[b + 1] - starts[b]);
    auto floats_each = static_cast<int64_t>(table.scratch(longest, each));
    auto scratch = make_floats({team(), floats_each});
    auto space = scratch.template data_ptr<float>();
    auto one = [&](int64_t task, int thread) {
      int64_t b = task / o.heads, head = task % o.heads;
      fused::Head h;
      h.length = starts[b + 1] - starts[b];
      h.width = each;
      h.row = head * tokens + starts[b];
      h.stride = 3 * width;
      h.out_stride = width;
      h.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(each)));
      h.drop = drop(o.attention, o.seed, 0);
      f(h, starts[b] * 3 * width + head * each, starts[b] * width + head * each, head, space + thread * floats_each);
    };
    int64_t tasks = texts * o.heads;
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 4)
    for (int64_t task = 0; task < tasks; task++) one(task, omp_get_thread_num());
#else
    for (int64_t task = 0; task < tasks; task++) one(task, 0);
#endif
  }

  std::pair<Tensor, Tensor> add_norm(const Tensor& a, const Tensor& bias, const Tensor& x, int which, Weight gamma, Tensor* r, Tensor& mean, Tensor& rstd, bool narrow) const {
    auto y = make_floats({tokens, width});
    Tensor ye;
    if constexpr (sizeof(E) == 2) {
      if (narrow) ye = make<E>({tokens, width});
    }
    if (r) {
      *r = make_floats({tokens, width});
      mean = make_floats({tokens});
      rstd = make_floats({tokens});
    }
    split(tokens, [&](int, int64_t begin, int64_t end) {
      table.add_norm(begin, end, width, data<E>(a), floats(bias), floats(x), drop(o.hidden, o.seed, which), floats(w[gamma]), floats(w[gamma + 1]), static_cast<float>(o.epsilon),
                     r ? data<float>(*r) : nullptr, r ? data<float>(mean) : nullptr, r ? data<float>(rstd) : nullptr, data<float>(y), ye.defined() ? data<E>(ye) : nullptr);
    });
    return {y, ye.defined() ? ye : y};
  }

  void norm_back(const Tensor& dy, const Tensor& dye, const Tensor& r, const Tensor& mean, const Tensor& rstd, Weight gamma, int which, Tensor& dr, Tensor& da, Tensor& dgamma,
                 Tensor& dbeta, Tensor& dbias) const {
    Sums g(width), b(width), c(width);
    split(tokens, [&](int t, int64_t begin, int64_t end) {
      table.norm_back(begin, end, width, floats(dy), dye.defined() ? data<E>(dye) : nullptr, floats(r), floats(mean), floats(rstd), floats(w[gamma]), drop(o.hidden, o.seed, which),
                      data<float>(dr), data<E>(da), g.of(t), b.of(t), c.of(t));
    });
    dgamma = g.total();
    dbeta = b.total();
    dbias = c.total();
  }
};

// Both element types behind one call.
Tensor run(const Options& o, const Tensor& x, const Tensor& offsets, const variable_list& w, States& s, bool keep) {
  return o.shorter ? Layer<fused::bf16>(o, offsets, w).forward(x, s, keep) : Layer<float>(o, offsets, w).forward(x, s, keep);
}

struct LayerNode : torch::autograd::Function<LayerNode> {
  static variable_list forward(AutogradContext* ctx, const Tensor& x, at::TensorList weights, const Tensor& offsets, Options o) {
    Plain plain;
    States s;
    variable_list w(weights.begin(), weights.end());
    auto y = run(o, x, offsets, w, s, !o.recompute);
    variable_list saved(w);
    saved.push_back(offsets);
    if (o.recompute) saved.push_back(x);
    else for (auto t : s.all()) saved.push_back(*t);
    ctx->save_for_backward(saved);
    ctx->saved_data["heads"] = o.heads;
    ctx->saved_data["epsilon"] = o.epsilon;
    ctx->saved_data["hidden"] = o.hidden;
    ctx->saved_data["attention"] = o.attention;
    ctx->saved_data["shorter"] = o.shorter;
    ctx->saved_data["recompute"] = o.recompute;
    ctx->saved_data["seed"] = static_cast<int64_t>(o.seed);
    return {y};
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    Plain plain;
    Options o;
    o.heads = ctx->saved_data["heads"].toInt();
    o.epsilon = ctx->saved_data["epsilon"].toDouble();
    o.hidden = ctx->saved_data["hidden"].toDouble();
    o.attention = ctx->saved_data["attention"].toDouble();
    o.shorter = ctx->saved_data["shorter"].toBool();
    o.recompute = ctx->saved_data["recompute"].toBool();
    o.seed = static_cast<uint64_t>(ctx->saved_data["seed"].toInt());
    auto saved = ctx->get_saved_variables();
    variable_list w(saved.begin(), saved.begin() + Weights);
    auto offsets = saved[Weights];
    States s;
    if (o.recompute) {
      run(o, saved[Weights + 1], offsets, w, s, true);
    } else {
      auto parts = s.all();
      for (size_t k = 0; k < parts.size(); k++) *parts[k] = saved[Weights + 1 + k];
      saved.clear();
    }
    auto dy = grads[0].contiguous();
    auto result = o.shorter ? Layer<fused::bf16>(o, offsets, w).backward(dy, s) : Layer<float>(o, offsets, w).backward(dy, s);
    return result;
  }
};

struct EmbedNode : torch::autograd::Function<EmbedNode> {
  static variable_list forward(AutogradContext* ctx, const Tensor& tokens, const Tensor& positions, const Tensor& types, const Tensor& gamma, const Tensor& beta, const Tensor& ids,
                               const Tensor& places, const Tensor& kinds, Options o, int64_t skip_token, int64_t skip_position, bool keep) {
    Plain plain;
    int64_t rows = ids.numel(), width = tokens.size(1);
    auto x = make_floats({rows, width});
    Tensor r, mean, rstd;
    if (keep) r = make_floats({rows, width}), mean = make_floats({rows}), rstd = make_floats({rows});
    auto d = drop(o.hidden, o.seed, 3);
    split(rows, [&](int, int64_t begin, int64_t end) {
      fused::kernels().embed(begin, end, width, floats(tokens), floats(positions), floats(types), data<int64_t>(ids), data<int64_t>(places), kinds.numel() ? data<int64_t>(kinds) : nullptr,
                             floats(gamma), floats(beta), static_cast<float>(o.epsilon), d, keep ? data<float>(r) : nullptr, keep ? data<float>(mean) : nullptr,
                             keep ? data<float>(rstd) : nullptr, data<float>(x));
    });
    if (keep) {
      ctx->save_for_backward({tokens, positions, types, gamma, ids, places, kinds, r, mean, rstd});
      ctx->saved_data["hidden"] = o.hidden;
      ctx->saved_data["seed"] = static_cast<int64_t>(o.seed);
      ctx->saved_data["skip_token"] = skip_token;
      ctx->saved_data["skip_position"] = skip_position;
    }
    return {x};
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    Plain plain;
    auto s = ctx->get_saved_variables();
    auto [tokens, positions, types, gamma, ids, places, kinds] = std::tie(s[0], s[1], s[2], s[3], s[4], s[5], s[6]);
    auto d = drop(ctx->saved_data["hidden"].toDouble(), static_cast<uint64_t>(ctx->saved_data["seed"].toInt()), 3);
    int64_t rows = ids.numel(), width = tokens.size(1);
    auto dx = grads[0].contiguous();
    auto dr = make_floats({rows, width});
    Sums dgamma(width), dbeta(width);
    split(rows, [&](int t, int64_t begin, int64_t end) {
      fused::kernels().embed_back(begin, end, width, floats(dx), floats(s[7]), floats(s[8]), floats(s[9]), floats(gamma), d, data<float>(dr), dgamma.of(t), dbeta.of(t));
    });
    auto dtokens = at::zeros_like(tokens), dpositions = at::zeros_like(positions), dtypes = at::zeros_like(types);
    auto all_zero = kinds.numel() ? kinds : at::zeros_like(ids);
    // Columns are shared among threads, in vectors of 16: every sum has one order whatever their number.
    split(width / 16, [&](int, int64_t begin, int64_t end) {
      auto& k = fused::kernels();
      k.scatter(begin * 16, end * 16, rows, width, floats(dr), data<int64_t>(ids), ctx->saved_data["skip_token"].toInt(), data<float>(dtokens));
      k.scatter(begin * 16, end * 16, rows, width, floats(dr), data<int64_t>(places), ctx->saved_data["skip_position"].toInt(), data<float>(dpositions));
      k.scatter(begin * 16, end * 16, rows, width, floats(dr), data<int64_t>(all_zero), -1, data<float>(dtypes));
    });
    variable_list result(12);
    result[0] = dtokens, result[1] = dpositions, result[2] = dtypes, result[3] = dgamma.total(), result[4] = dbeta.total();
    return result;
  }
};

Tensor copied(const int64_t* values, int64_t n) {
  auto t = at::empty({n}, at::kLong);
  std::copy(values, values + n, t.data_ptr<int64_t>());
  return t;
}

void require(const Tensor& t, at::IntArrayRef sizes, const char* what) {
  TORCH_CHECK(t.device().is_cpu() && t.scalar_type() == at::kFloat && t.is_contiguous() && t.sizes() == sizes, what, " is ", t.toString(), " of ", t.sizes(), "; expected contiguous CPU floats of ", sizes);
}

bool recorded(const variable_list& inputs) {
  return c10::GradMode::is_enabled() && std::any_of(inputs.begin(), inputs.end(), [](const Tensor& t) { return t.requires_grad(); });
}

}  // namespace

TS_API int ts_fused_embed(H tokens, H positions, H types, H gamma, H beta, const int64_t* ids, const int64_t* places, const int64_t* kinds, int64_t rows, double epsilon, double dropout,
                          int64_t skip_token, int64_t skip_position, H* out) {
  return ts::guarded([&] {
    ts::follow_threads();
    variable_list w{ts::tensor(tokens), ts::tensor(positions), ts::tensor(types), ts::tensor(gamma), ts::tensor(beta)};
    int64_t width = w[0].size(1);
    TORCH_CHECK(width % 16 == 0, "rows of ", width, " floats; expected a multiple of 16");
    for (int k = 0; k < 3; k++) require(w[k], {w[k].size(0), width}, "a table");
    for (int k = 3; k < 5; k++) require(w[k], {width}, "a weight of the layer norm");
    for (int64_t k = 0; k < rows; k++) {
      TORCH_CHECK(ids[k] >= 0 && ids[k] < w[0].size(0) && places[k] >= 0 && places[k] < w[1].size(0) && (!kinds || (kinds[k] >= 0 && kinds[k] < w[2].size(0))), "token ", k, " is outside its tables");
    }
    Options o;
    o.epsilon = epsilon;
    o.hidden = dropout;
    o.seed = dropout > 0 ? draw() : 0;
    *out = ts::give(EmbedNode::apply(w[0], w[1], w[2], w[3], w[4], copied(ids, rows), copied(places, rows), copied(kinds, kinds ? rows : 0), o, skip_token, skip_position, recorded(w))[0]);
  });
}

TS_API int ts_fused_layer(H x, const int64_t* offsets, int64_t texts, H* weights, int64_t heads, double epsilon, double hidden_dropout, double attention_dropout, int shorter, int recompute,
                          H* out) {
  return ts::guarded([&] {
    ts::follow_threads();
    auto in = ts::tensor(x);
    variable_list w;
    for (int k = 0; k < Weights; k++) w.push_back(ts::tensor(weights[k]));
    int64_t width = w[OutW].size(0), inner = w[UpW].size(0);
    TORCH_CHECK(heads > 0 && width % (16 * heads) == 0 && inner % 16 == 0, "heads ", heads, " of ", width, " features, ", inner, " inside; expected multiples of 16");
    for (int k = 0; k < Weights; k++) {
      int64_t rows = k == UpW || k == UpB ? inner : width;
      if (k == DownW) require(w[k], {width, inner}, "a weight");
      else if (k % 2 == 0 && k != Norm1W && k != Norm2W) require(w[k], {rows, width}, "a weight");
      else require(w[k], {rows}, "a weight");
    }
    TORCH_CHECK(texts > 0 && offsets[0] == 0, "expected a text, and the first one at 0");
    for (int64_t k = 0; k < texts; k++) TORCH_CHECK(offsets[k + 1] > offsets[k], "text ", k, " has no token");
    in = in.contiguous();
    require(in, {offsets[texts], width}, "the hidden states");
    Options o;
    o.heads = heads;
    o.epsilon = epsilon;
    o.hidden = hidden_dropout;
    o.attention = attention_dropout;
    o.shorter = shorter != 0;
    o.recompute = recompute != 0;
    o.seed = hidden_dropout > 0 || attention_dropout > 0 ? draw() : 0;
    variable_list inputs(w);
    inputs.push_back(in);
    auto starts = copied(offsets, texts + 1);
    if (recorded(inputs)) {
      *out = ts::give(LayerNode::apply(in, at::TensorList(w), starts, o)[0]);
    } else {
      Plain plain;
      States s;
      *out = ts::give(run(o, in, starts, w, s, false));
    }
  });
}
