// Included by fused_kernels.cpp once per instruction set, inside a namespace and with FUSED_WIDTH floats to a vector. Widths of rows are multiples of 16.

constexpr int W = FUSED_WIDTH;
typedef float vf __attribute__((vector_size(W * 4)));
typedef int32_t vi __attribute__((vector_size(W * 4)));
typedef uint32_t vu __attribute__((vector_size(W * 4)));
typedef uint16_t vh __attribute__((vector_size(W * 2)));
typedef float vf_any __attribute__((vector_size(W * 4), aligned(4), may_alias));
typedef uint16_t vh_any __attribute__((vector_size(W * 2), aligned(2), may_alias));
#define FUSED_INLINE static inline __attribute__((always_inline))

FUSED_INLINE vf splat(float x) { return x - vf{}; }
FUSED_INLINE vf load(const float* p) { return *reinterpret_cast<const vf_any*>(p); }
FUSED_INLINE void store(float* p, vf x) { *reinterpret_cast<vf_any*>(p) = x; }
FUSED_INLINE vf load(const bf16* p) {
  vh h = *reinterpret_cast<const vh_any*>(p);
  return (vf)(__builtin_convertvector(h, vu) << 16);
}
// To the nearest, ties to even.
FUSED_INLINE vh narrowed(vf x) {
  vu u = (vu)x;
  u += 0x7fffu + ((u >> 16) & 1u);
  return __builtin_convertvector(u >> 16, vh);
}
FUSED_INLINE void store(bf16* p, vf x) { *reinterpret_cast<vh_any*>(p) = narrowed(x); }
FUSED_INLINE float scalar(float x) { return x; }
FUSED_INLINE float scalar(bf16 x) {
  uint32_t u = static_cast<uint32_t>(x) << 16;
  float f;
  __builtin_memcpy(&f, &u, 4);
  return f;
}
FUSED_INLINE float total(vf x) {
  float s = 0;
  for (int k = 0; k < W; k++) s += x[k];
  return s;
}
FUSED_INLINE vf smaller(vf a, vf b) { return a < b ? a : b; }
FUSED_INLINE vf larger(vf a, vf b) { return a > b ? a : b; }

// e^x within two units in the last place, 0 below -87.
FUSED_INLINE vf exponential(vf x) {
  vf in = smaller(larger(x, splat(-87.33f)), splat(88.0f));
  vf n = in * 1.44269504088896341f + 12582912.0f;
  vi e = (vi)n - 0x4b400000;
  n -= 12582912.0f;
  vf r = in - n * 0.693359375f;
  r -= n * -2.12194440e-4f;
  vf p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  vf y = (vf)((vi)p + (e << 23));
  return x < -87.33f ? vf{} : y;
}

// erf by the rational approximation of Eigen and XLA.
FUSED_INLINE vf error_function(vf x) {
  x = smaller(larger(x, splat(-4.0f)), splat(4.0f));
  vf s = x * x;
  vf p = splat(-2.72614225801306e-10f);
  p = p * s + 2.77068142495902e-08f;
  p = p * s + -2.10102402082508e-06f;
  p = p * s + -5.69250639462346e-05f;
  p = p * s + -7.34990630326855e-04f;
  p = p * s + -2.95459980854025e-03f;
  p = p * s + -1.60960333262415e-02f;
  vf q = splat(-1.45660718464996e-05f);
  q = q * s + -2.13374055278905e-04f;
  q = q * s + -1.68282697438203e-03f;
  q = q * s + -7.37332916720468e-03f;
  q = q * s + -1.42647390514189e-02f;
  return x * p / q;
}

// The mask of one row: a hash of seed, row and column.
struct Mask {
  uint32_t first, second, threshold;
  float scale;
  explicit Mask(const Drop& d, uint64_t row) : threshold(d.threshold), scale(d.scale) {
    uint64_t z = d.seed + (row + 1) * 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    z ^= z >> 31;
    first = static_cast<uint32_t>(z);
    second = static_cast<uint32_t>(z >> 32);
  }
  inline __attribute__((always_inline)) vf apply(vf x, int64_t column) const {
    vu h = vu{};
    for (int k = 0; k < W; k++) h[k] = k;
    h = (h + static_cast<uint32_t>(column)) * 0x9e3779b1u + first;
    h = (h ^ (h >> 16)) * 0x7feb352du;
    h = ((h ^ (h >> 15)) + second) * 0x846ca68bu;
    h ^= h >> 16;
    return h >= threshold ? x * scale : vf{};
  }
};

template <typename E>
static void narrow(const float* in, E* out, int64_t n) {
  int64_t k = 0;
  for (; k + W <= n; k += W) store(out + k, load(in + k));
  for (; k < n; k++) {
    vf x = splat(in[k]);
    if constexpr (sizeof(E) == 4) out[k] = x[0];
    else out[k] = narrowed(x)[0];
  }
}

template <typename E>
static void widen(const E* in, float* out, int64_t n) {
  int64_t k = 0;
  for (; k + W <= n; k += W) store(out + k, load(in + k));
  for (; k < n; k++) out[k] = scalar(in[k]);
}

template <typename E>
static void accumulate(float* sum, const E* x, int64_t n) {
  int64_t k = 0;
  for (; k + W <= n; k += W) store(sum + k, load(sum + k) + load(x + k));
  for (; k < n; k++) sum[k] += scalar(x[k]);
}

FUSED_INLINE void moments(const float* r, int64_t d, float eps, float* mean, float* rstd) {
  vf sum = vf{};
  for (int64_t j = 0; j < d; j += W) sum += load(r + j);
  float m = total(sum) / d;
  vf squares = vf{};
  for (int64_t j = 0; j < d; j += W) {
    vf c = load(r + j) - m;
    squares += c * c;
  }
  *mean = m;
  *rstd = 1.0f / __builtin_sqrtf(total(squares) / d + eps);
}

template <typename E>
static void add_norm(int64_t begin, int64_t end, int64_t d, const E* a, const float* bias, const float* x, Drop drop, const float* gamma, const float* beta, float eps,
                     float* r, float* mean, float* rstd, float* y, E* ye) {
  for (int64_t t = begin; t < end; t++) {
    const E* at = a + t * d;
    const float* xt = x + t * d;
    float* yt = y + t * d;
    float* rt = r ? r + t * d : yt;
    if (drop.threshold) {
      Mask mask(drop, t);
      for (int64_t j = 0; j < d; j += W) store(rt + j, mask.apply(load(at + j) + load(bias + j), j) + load(xt + j));
    } else {
      for (int64_t j = 0; j < d; j += W) store(rt + j, load(at + j) + load(bias + j) + load(xt + j));
    }
    float m, s;
    moments(rt, d, eps, &m, &s);
    if (r) mean[t] = m, rstd[t] = s;
    for (int64_t j = 0; j < d; j += W) {
      vf v = (load(rt + j) - m) * s * load(gamma + j) + load(beta + j);
      store(yt + j, v);
      if (ye) store(ye + t * d + j, v);
    }
  }
}

// The gradient of a row through its layer norm: dr = rstd (g - mean(g) - xhat mean(g xhat)), g = dy gamma.
template <typename Gradient, typename Done>
FUSED_INLINE void norm_row_back(int64_t d, const float* r, float mean, float rstd, const float* gamma, float* dgamma, float* dbeta, float* dr, Gradient dy, Done done) {
  vf sum = vf{}, product = vf{};
  for (int64_t j = 0; j < d; j += W) {
    vf g = dy(j), xhat = (load(r + j) - mean) * rstd;
    store(dgamma + j, load(dgamma + j) + g * xhat);
    store(dbeta + j, load(dbeta + j) + g);
    g *= load(gamma + j);
    store(dr + j, g);
    sum += g;
    product += g * xhat;
  }
  float ms = total(sum) / d, mp = total(product) / d;
  for (int64_t j = 0; j < d; j += W) {
    vf xhat = (load(r + j) - mean) * rstd;
    vf v = (load(dr + j) - ms - xhat * mp) * rstd;
    store(dr + j, v);
    done(j, v);
  }
}

template <typename E>
static void norm_back(int64_t begin, int64_t end, int64_t d, const float* dy, const E* dye, const float* r, const float* mean, const float* rstd, const float* gamma, Drop drop,
                      float* dr, E* da, float* dgamma, float* dbeta, float* dbias) {
  for (int64_t t = begin; t < end; t++) {
    const float* dyt = dy + t * d;
    const E* dyet = dye ? dye + t * d : nullptr;
    E* dat = da + t * d;
    Mask mask(drop, t);
    norm_row_back(
        d, r + t * d, mean[t], rstd[t], gamma, dgamma, dbeta, dr + t * d, [&](int64_t j) { return dyet ? load(dyt + j) + load(dyet + j) : load(dyt + j); },
        [&](int64_t j, vf v) {
          if (drop.threshold) v = mask.apply(v, j);
          store(dat + j, v);
          store(dbias + j, load(dbias + j) + v);
        });
  }
}

template <typename E>
static void gelu(int64_t begin, int64_t end, int64_t d, const E* u, const float* bias, E* g) {
  for (int64_t t = begin; t < end; t++) {
    for (int64_t j = 0; j < d; j += W) {
      vf x = load(u + t * d + j) + load(bias + j);
      store(g + t * d + j, x * 0.5f * (1.0f + error_function(x * 0.70710678118654752f)));
    }
  }
}

template <typename E>
static void gelu_back(int64_t begin, int64_t end, int64_t d, const E* u, const float* bias, E* dg, E* g, float* dbias) {
  for (int64_t t = begin; t < end; t++) {
    for (int64_t j = 0; j < d; j += W) {
      vf x = load(u + t * d + j) + load(bias + j);
      vf phi = 0.5f * (1.0f + error_function(x * 0.70710678118654752f));
      store(g + t * d + j, x * phi);
      vf du = load(dg + t * d + j) * (phi + x * 0.3989422804014327f * exponential(-0.5f * x * x));
      store(dg + t * d + j, du);
      store(dbias + j, load(dbias + j) + du);
    }
  }
}

template <typename E>
static void column_sum(int64_t begin, int64_t end, int64_t d, const E* x, float* sum) {
  for (int64_t t = begin; t < end; t++) accumulate(sum, x + t * d, d);
}

static void embed(int64_t begin, int64_t end, int64_t d, const float* tokens, const float* positions, const float* types, const int64_t* id, const int64_t* position,
                  const int64_t* type, const float* gamma, const float* beta, float eps, Drop drop, float* r, float* mean, float* rstd, float* x) {
  for (int64_t t = begin; t < end; t++) {
    float* xt = x + t * d;
    float* rt = r ? r + t * d : xt;
    const float *a = tokens + id[t] * d, *b = positions + position[t] * d, *c = types + (type ? type[t] : 0) * d;
    for (int64_t j = 0; j < d; j += W) store(rt + j, load(a + j) + load(c + j) + load(b + j));
    float m, s;
    moments(rt, d, eps, &m, &s);
    if (r) mean[t] = m, rstd[t] = s;
    Mask mask(drop, t);
    for (int64_t j = 0; j < d; j += W) {
      vf v = (load(rt + j) - m) * s * load(gamma + j) + load(beta + j);
      store(xt + j, drop.threshold ? mask.apply(v, j) : v);
    }
  }
}

static void embed_back(int64_t begin, int64_t end, int64_t d, const float* dx, const float* r, const float* mean, const float* rstd, const float* gamma, Drop drop,
                       float* dr, float* dgamma, float* dbeta) {
  for (int64_t t = begin; t < end; t++) {
    Mask mask(drop, t);
    norm_row_back(
        d, r + t * d, mean[t], rstd[t], gamma, dgamma, dbeta, dr + t * d,
        [&](int64_t j) { return drop.threshold ? mask.apply(load(dx + t * d + j), j) : load(dx + t * d + j); }, [](int64_t, vf) {});
  }
}

static void scatter(int64_t begin, int64_t end, int64_t rows, int64_t d, const float* dr, const int64_t* id, int64_t skip, float* table) {
  for (int64_t t = 0; t < rows; t++) {
    if (id[t] != skip) accumulate(table + id[t] * d + begin, dr + t * d + begin, end - begin);
  }
}

// One product rounded before its sum: what follows is not contracted into a fused multiply-add.
FUSED_INLINE vf rounded(vf x) {
#ifdef __x86_64__
  asm("" : "+v"(x));
#elif defined(__aarch64__)
  asm("" : "+w"(x));
#endif
  return x;
}

// a b + c in one rounding where the instruction set has it: PyTorch's own kernels do so there.
FUSED_INLINE vf fused_add(vf a, vf b, vf c) {
#if FUSED_WIDTH == 16
  return _mm512_fmadd_ps(a, b, c);
#elif FUSED_WIDTH == 8
  return _mm256_fmadd_ps(a, b, c);
#else
  return rounded(a * b) + c;
#endif
}

FUSED_INLINE vf root(vf x) {
#if FUSED_WIDTH == 16
  return _mm512_maskz_sqrt_ps(0xffff, x);
#elif FUSED_WIDTH == 8
  return _mm256_sqrt_ps(x);
#else
  for (int k = 0; k < W; k++) x[k] = __builtin_sqrtf(x[k]);
  return x;
#endif
}

// The operations of PyTorch's foreach implementation in their order, each rounded as there.
FUSED_INLINE void adamw_vector(float* w, const float* g, float* m, float* v, const AdamW& c) {
  vf gradient = load(g);
  vf average = fused_add(splat(c.rest1), gradient, rounded(load(m) * c.beta1));
  vf square = fused_add(rounded(gradient * c.rest2), gradient, rounded(load(v) * c.beta2));
  vf below = rounded(root(square) / c.correction) + c.epsilon;
  store(w, rounded(load(w) * c.decay) + rounded(average * c.step) / below);
  store(m, average);
  store(v, square);
}

static void adamw(int64_t begin, int64_t end, float* w, const float* g, float* m, float* v, const AdamW& c) {
  int64_t k = begin;
  for (; k + W <= end; k += W) adamw_vector(w + k, g + k, m + k, v + k, c);
  if (k < end) {
    float part[4][W] = {};
    int64_t n = end - k;
    for (int64_t j = 0; j < n; j++) part[0][j] = w[k + j], part[1][j] = g[k + j], part[2][j] = m[k + j], part[3][j] = v[k + j];
    adamw_vector(part[0], part[1], part[2], part[3], c);
    for (int64_t j = 0; j < n; j++) w[k + j] = part[0][j], m[k + j] = part[2][j], v[k + j] = part[3][j];
  }
}

#include "fused_attention.h"

template <typename E>
static Table<E> table() {
  return {narrow<E>, widen<E>, add_norm<E>, norm_back<E>, gelu<E>, gelu_back<E>, column_sum<E>, accumulate<E>, scratch, attend<E>, attend_back<E>};
}

static Kernels all() { return {table<float>(), table<bf16>(), embed, embed_back, scatter, adamw}; }

#undef FUSED_INLINE
