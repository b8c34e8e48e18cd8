// Included by fused_kernels.h, under the same rules: attention of one head over one text.

// Attention. Eight queries at a time against all keys of the text; scores never leave the cache.
constexpr int R = 8;
FUSED_INLINE int64_t ceiling(int64_t n, int64_t to) { return (n + to - 1) / to * to; }
constexpr int Keys = 32;  // keys are padded to this many; both instruction sets' blocks divide it

static size_t scratch(int64_t length, int64_t width) {
  int64_t keys = ceiling(length, Keys);
  return static_cast<size_t>(keys * width * 6 + 2 * R * keys + 4 * R * width + 64);
}

// (n, width) with bias -> rows of floats, zeros up to `padded`.
template <typename E>
FUSED_INLINE void gather(const E* x, int64_t stride, const float* bias, float scale, int64_t n, int64_t padded, int64_t width, float* out) {
  for (int64_t t = 0; t < n; t++)
    for (int64_t j = 0; j < width; j += W) store(out + t * width + j, (load(x + t * stride + j) + (bias ? load(bias + j) : vf{})) * scale);
  for (int64_t k = n * width; k < padded * width; k += W) store(out + k, vf{});
}

// rows (padded, width) -> (width, padded)
FUSED_INLINE void transposed(const float* x, int64_t padded, int64_t width, float* out) {
  for (int64_t t = 0; t < padded; t += W)
    for (int64_t j = 0; j < width; j++) {
      vf column;
      for (int k = 0; k < W; k++) column[k] = x[(t + k) * width + j];
      store(out + j * padded + t, column);
    }
}

// out (R, n) = a (R, inner; rows of lda) b (inner, n; rows of ldb); n a multiple of 2 W.
FUSED_INLINE void product(const float* a, int64_t lda, const float* b, int64_t ldb, int64_t inner, int64_t n, float* out, int64_t ldo) {
  for (int64_t j = 0; j < n; j += 2 * W) {
    vf c[R][2];
    for (int i = 0; i < R; i++) c[i][0] = c[i][1] = vf{};
    for (int64_t k = 0; k < inner; k++) {
      vf b0 = load(b + k * ldb + j), b1 = load(b + k * ldb + j + W);
#pragma GCC unroll 8
      for (int i = 0; i < R; i++) {
        vf x = splat(a[i * lda + k]);
        c[i][0] += x * b0;
        c[i][1] += x * b1;
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < R; i++) {
      store(out + i * ldo + j, c[i][0]);
      store(out + i * ldo + j + W, c[i][1]);
    }
  }
}

// The same with n of one vector.
FUSED_INLINE void product_narrow(const float* a, int64_t lda, const float* b, int64_t ldb, int64_t inner, float* out, int64_t ldo) {
  vf c[R];
  for (int i = 0; i < R; i++) c[i] = vf{};
  for (int64_t k = 0; k < inner; k++) {
    vf b0 = load(b + k * ldb);
#pragma GCC unroll 8
    for (int i = 0; i < R; i++) c[i] += a[i * lda + k] * b0;
  }
  for (int i = 0; i < R; i++) store(out + i * ldo, c[i]);
}

// out (R, width) = a (R, n) b (n, width)
FUSED_INLINE void weighted(const float* a, int64_t lda, const float* b, int64_t n, int64_t width, float* out) {
  int64_t wide = width / (2 * W) * (2 * W);
  product(a, lda, b, width, n, wide, out, width);
  if (wide < width) product_narrow(a, lda, b + wide, width, n, out + wide, width);
}

// sum (n, width) += a^T b with a (R, n), b (R, width)
FUSED_INLINE void outer(const float* a, int64_t lda, const float* b, int64_t n, int64_t width, float* sum) {
  for (int64_t t = 0; t < n; t += 4)
    for (int64_t j = 0; j < width; j += W) {
      vf c[4];
#pragma GCC unroll 4
      for (int s = 0; s < 4; s++) c[s] = load(sum + (t + s) * width + j);
#pragma GCC unroll 8
      for (int i = 0; i < R; i++) {
        vf x = load(b + i * width + j);
#pragma GCC unroll 4
        for (int s = 0; s < 4; s++) c[s] += a[i * lda + t + s] * x;
      }
#pragma GCC unroll 4
      for (int s = 0; s < 4; s++) store(sum + (t + s) * width + j, c[s]);
    }
}

template <typename E>
static void attend(const Head& h, const E* q, const E* k, const E* v, const float* bq, const float* bk, const float* bv, E* out, float* lse, float* scratch) {
  int64_t n = h.length, w = h.width, keys = ceiling(n, Keys);
  float* rows = scratch;
  float* kt = rows + keys * w;
  float* vs = kt + keys * w;
  float* scores = vs + keys * w;
  float* qs = scores + R * keys;
  float* os = qs + R * w;
  gather(k, h.stride, bk, 1.0f, n, keys, w, rows);
  transposed(rows, keys, w, kt);
  gather(v, h.stride, bv, 1.0f, n, keys, w, vs);
  for (int64_t t = 0; t < n; t += R) {
    int64_t real = n - t < R ? n - t : R;
    gather(q + t * h.stride, h.stride, bq, h.scale, real, R, w, qs);
    product(qs, w, kt, keys, w, keys, scores, keys);
    for (int64_t i = 0; i < real; i++) {
      float* s = scores + i * keys;
      for (int64_t j = n; j < keys; j++) s[j] = -1e30f;
      vf m = load(s);
      for (int64_t j = W; j < keys; j += W) m = larger(m, load(s + j));
      float top = m[0];
      for (int c = 1; c < W; c++) top = m[c] > top ? m[c] : top;
      vf sum = vf{};
      for (int64_t j = 0; j < keys; j += W) {
        vf p = exponential(load(s + j) - top);
        store(s + j, p);
        sum += p;
      }
      float z = total(sum);
      if (lse) lse[t + i] = top + __builtin_logf(z);
      float inverse = 1.0f / z;
      if (h.drop.threshold) {
        Mask mask(h.drop, h.row + t + i);
        for (int64_t j = 0; j < keys; j += W) store(s + j, mask.apply(load(s + j) * inverse, j));
      } else {
        for (int64_t j = 0; j < keys; j += W) store(s + j, load(s + j) * inverse);
      }
    }
    weighted(scores, keys, vs, n, w, os);
    for (int64_t i = 0; i < real; i++)
      for (int64_t j = 0; j < w; j += W) store(out + (t + i) * h.out_stride + j, load(os + i * w + j));
  }
}

template <typename E>
static void attend_back(const Head& h, const E* q, const E* k, const E* v, const float* bq, const float* bk, const float* bv, const E* out, const float* lse, const E* dout,
                        E* dq, E* dk, E* dv, float* scratch) {
  int64_t n = h.length, w = h.width, keys = ceiling(n, Keys);
  float* ks = scratch;
  float* kt = ks + keys * w;
  float* vs = kt + keys * w;
  float* vt = vs + keys * w;
  float* dks = vt + keys * w;
  float* dvs = dks + keys * w;
  float* scores = dvs + keys * w;
  float* ds = scores + R * keys;
  float* qs = ds + R * keys;
  float* os = qs + R * w;
  float* dos = os + R * w;
  gather(k, h.stride, bk, 1.0f, n, keys, w, ks);
  transposed(ks, keys, w, kt);
  gather(v, h.stride, bv, 1.0f, n, keys, w, vs);
  transposed(vs, keys, w, vt);
  for (int64_t j = 0; j < keys * w; j += W) store(dks + j, vf{}), store(dvs + j, vf{});
  for (int64_t t = 0; t < n; t += R) {
    int64_t real = n - t < R ? n - t : R;
    gather(q + t * h.stride, h.stride, bq, h.scale, real, R, w, qs);
    gather(dout + t * h.out_stride, h.out_stride, static_cast<const float*>(nullptr), 1.0f, real, R, w, dos);
    gather(out + t * h.out_stride, h.out_stride, static_cast<const float*>(nullptr), 1.0f, real, R, w, os);
    product(qs, w, kt, keys, w, keys, scores, keys);
    product(dos, w, vt, keys, w, keys, ds, keys);
    for (int64_t i = 0; i < R; i++) {
      float *s = scores + i * keys, *g = ds + i * keys;
      if (i >= real) {
        for (int64_t j = 0; j < keys; j += W) store(s + j, vf{}), store(g + j, vf{});
        continue;
      }
      for (int64_t j = n; j < keys; j++) s[j] = -1e30f;
      vf dot = vf{};
      for (int64_t j = 0; j < w; j += W) dot += load(os + i * w + j) * load(dos + i * w + j);
      float delta = total(dot), z = lse[t + i];
      if (h.drop.threshold) {
        Mask mask(h.drop, h.row + t + i);
        for (int64_t j = 0; j < keys; j += W) {
          vf p = exponential(load(s + j) - z);
          store(g + j, p * (mask.apply(load(g + j), j) - delta));
          store(s + j, mask.apply(p, j));
        }
      } else {
        for (int64_t j = 0; j < keys; j += W) {
          vf p = exponential(load(s + j) - z);
          store(g + j, p * (load(g + j) - delta));
          store(s + j, p);
        }
      }
    }
    // The queries were scaled, so the keys' gradient is; the queries' own is scaled here.
    weighted(ds, keys, ks, n, w, os);
    for (int64_t i = 0; i < real; i++)
      for (int64_t j = 0; j < w; j += W) store(dq + (t + i) * h.stride + j, load(os + i * w + j) * h.scale);
    int64_t four = ceiling(n, 4);
    outer(ds, keys, qs, four, w, dks);
    outer(scores, keys, dos, four, w, dvs);
  }
  for (int64_t t = 0; t < n; t++)
    for (int64_t j = 0; j < w; j += W) {
      store(dk + t * h.stride + j, load(dks + t * w + j));
      store(dv + t * h.stride + j, load(dvs + t * w + j));
    }
}
