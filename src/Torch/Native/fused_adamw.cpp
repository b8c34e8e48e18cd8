// AdamW in one pass over memory: what the list operations do in a dozen.
#include "guard.h"
#include "fused.h"
#include "fused_api.h"
#include <ATen/ATen.h>
#include <algorithm>
#include <vector>

TS_API int ts_fused_adamw(H* weights, H* gradients, H* averages, H* squares, int n, double decay, double beta1, double beta2, double epsilon, const double* steps, const double* corrections) {
  return ts::guarded([&] {
    ts::follow_threads();
    constexpr int64_t block = 1 << 14;
    struct Piece { float *w, *g, *m, *v; int64_t size; fused::AdamW factors; };
    std::vector<Piece> pieces;
    for (int k = 0; k < n; k++) {
      at::Tensor t[4] = {ts::tensor(weights[k]), ts::tensor(gradients[k]), ts::tensor(averages[k]), ts::tensor(squares[k])};
      for (auto& x : t) {
        TORCH_CHECK(x.device().is_cpu() && x.scalar_type() == at::kFloat && x.is_contiguous() && x.sizes() == t[0].sizes(), "parameter ", k, ": expected contiguous CPU floats of one shape, found ", x.toString(), " of ", x.sizes());
      }
      fused::AdamW factors{static_cast<float>(decay), static_cast<float>(beta1), static_cast<float>(1 - beta1), static_cast<float>(beta2), static_cast<float>(1 - beta2),
                           static_cast<float>(corrections[k]), static_cast<float>(epsilon), static_cast<float>(steps[k])};
      float* p[4];
      for (int j = 0; j < 4; j++) p[j] = static_cast<float*>(t[j].data_ptr());
      for (int64_t at = 0; at < t[0].numel(); at += block)
        pieces.push_back({p[0] + at, p[1] + at, p[2] + at, p[3] + at, std::min(block, t[0].numel() - at), factors});
    }
    auto count = static_cast<int64_t>(pieces.size());
#pragma omp parallel for schedule(static)
    for (int64_t k = 0; k < count; k++) {
      auto& x = pieces[k];
      fused::kernels().adamw(0, x.size, x.w, x.g, x.m, x.v, x.factors);
    }
    // Autograd must see that the weights changed in place.
    for (int k = 0; k < n; k++) ts::tensor(weights[k]).unsafeGetTensorImpl()->bump_version();
  });
}
