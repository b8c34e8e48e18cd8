// Row kernels of a transformer layer on the CPU, compiled once per instruction set. Texts lie end to end, so rows are tokens and nothing is padded.
#pragma once
#include <cstddef>
#include <cstdint>

namespace fused {

using bf16 = uint16_t;

// An element is dropped where its hash is below the threshold; those kept are scaled. Counted, not drawn: the backward pass and a recomputation see the same mask.
struct Drop {
  uint64_t seed = 0;
  uint32_t threshold = 0;
  float scale = 1;
};

// One head of one text: rows are tokens, strides in elements.
struct Head {
  int64_t length, width, row;  // tokens, width of the head, number of the first token's row in the mask
  int64_t stride;              // from one token to the next in q, k, v and their gradients
  int64_t out_stride;          // the same in the output and its gradient
  float scale;
  Drop drop;
};

template <typename E>
struct Table {
  void (*narrow)(const float* in, E* out, int64_t n);
  void (*widen)(const E* in, float* out, int64_t n);
  // r = drop(a + bias) + x; y = norm(r). ye is y as E (null: not wanted), r, mean and rstd null where no gradient will be asked.
  void (*add_norm)(int64_t begin, int64_t end, int64_t d, const E* a, const float* bias, const float* x, Drop drop, const float* gamma, const float* beta, float eps,
                   float* r, float* mean, float* rstd, float* y, E* ye);
  // dy (+ dye) -> dr, the gradient of x; da, that of a; sums over rows for gamma, beta and bias.
  void (*norm_back)(int64_t begin, int64_t end, int64_t d, const float* dy, const E* dye, const float* r, const float* mean, const float* rstd, const float* gamma, Drop drop,
                    float* dr, E* da, float* dgamma, float* dbeta, float* dbias);
  void (*gelu)(int64_t begin, int64_t end, int64_t d, const E* u, const float* bias, E* g);
  // dg becomes du; g is made again.
  void (*gelu_back)(int64_t begin, int64_t end, int64_t d, const E* u, const float* bias, E* dg, E* g, float* dbias);
  void (*column_sum)(int64_t begin, int64_t end, int64_t d, const E* x, float* sum);
  void (*accumulate)(float* sum, const E* x, int64_t n);
  size_t (*scratch)(int64_t length, int64_t width);  // floats that attend and attend_back need
  void (*attend)(const Head& h, const E* q, const E* k, const E* v, const float* bq, const float* bk, const float* bv, E* out, float* lse, float* scratch);
  void (*attend_back)(const Head& h, const E* q, const E* k, const E* v, const float* bq, const float* bk, const float* bv, const E* out, const float* lse, const E* dout,
                      E* dq, E* dk, E* dv, float* scratch);
};

// Factors of one AdamW update; step is -rate / (1 - beta1^t), correction the root of 1 - beta2^t.
struct AdamW {
  float decay, beta1, rest1, beta2, rest2, correction, epsilon, step;
};

struct Kernels {
  Table<float> f32;
  Table<bf16> b16;
  // x = drop(norm(r)), r the sum of the three tables' rows; r null where no gradient will be asked.
  void (*embed)(int64_t begin, int64_t end, int64_t d, const float* tokens, const float* positions, const float* types, const int64_t* id, const int64_t* position,
                const int64_t* type, const float* gamma, const float* beta, float eps, Drop drop, float* r, float* mean, float* rstd, float* x);
  void (*embed_back)(int64_t begin, int64_t end, int64_t d, const float* dx, const float* r, const float* mean, const float* rstd, const float* gamma, Drop drop,
                     float* dr, float* dgamma, float* dbeta);
  // Adds columns [begin, end) of every row to the table's row of its id, in order; rows of the id `skip` are left out.
  void (*scatter)(int64_t begin, int64_t end, int64_t rows, int64_t d, const float* dr, const int64_t* id, int64_t skip, float* table);
  void (*adamw)(int64_t begin, int64_t end, float* w, const float* g, float* m, float* v, const AdamW& factors);
};

// Those of this processor.
const Kernels& kernels();

}  // namespace fused
