// The row kernels for each instruction set, and the choice among them.
#include "fused.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
namespace fused::v4 {
#define FUSED_WIDTH 16
#include "fused_kernels.h"
#undef FUSED_WIDTH
}  // namespace fused::v4
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace fused::v3 {
#define FUSED_WIDTH 8
#include "fused_kernels.h"
#undef FUSED_WIDTH
}  // namespace fused::v3
#pragma GCC pop_options
#define FUSED_SETS 1
#endif

namespace fused::plain {
#define FUSED_WIDTH 4
#include "fused_kernels.h"
#undef FUSED_WIDTH
}  // namespace fused::plain

const fused::Kernels& fused::kernels() {
#ifdef FUSED_SETS
  static const Kernels chosen = __builtin_cpu_supports("x86-64-v4") ? v4::all() : __builtin_cpu_supports("x86-64-v3") ? v3::all() : plain::all();
#else
  static const Kernels chosen = plain::all();
#endif
  return chosen;
}
