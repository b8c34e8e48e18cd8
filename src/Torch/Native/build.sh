#!/bin/sh
# Builds the shim against one libtorch.
# usage: build.sh INCLUDE LIB OUT    INCLUDE and LIB are libtorch's folders; CXX and CXXFLAGS are honoured
set -eu
include=$1 lib=$2 out=$3
here=$(dirname "$0")
flags="-O2 -fopenmp -fPIC -shared -fvisibility=hidden -Wall -Wno-deprecated-declarations"
link="-Wl,--no-as-needed -ltorch -ltorch_cpu -lc10"

# PyTorch's own wheels before 2.6 use the old std::string; their CMake file says so.
config=$lib/../share/cmake/Torch/TorchConfig.cmake
if [ -f "$config" ]; then
  abi=$(grep -o '_GLIBCXX_USE_CXX11_ABI=[01]' "$config" | head -n 1 || true)
  [ -z "$abi" ] || flags="$flags -D$abi"
fi
# A CUDA build registers its device when its library is loaded; nothing here calls a symbol of it.
if [ -f "$lib/libtorch_cuda.so" ]; then
  flags="$flags -DTS_CUDA"
  link="$link -ltorch_cuda -lc10_cuda"
  # libtorch before 2.9 tells its memory only through a header that needs CUDA's own: of the toolkit, or of the packages that pip puts beside torch.
  for cuda in "${CUDA_HOME:-/usr/local/cuda}/include" "$include/../../nvidia/cuda_runtime/include" "$include/../../nvidia/cu13/include"; do
    if [ -f "$cuda/cuda_runtime_api.h" ]; then flags="$flags -isystem $cuda"; break; fi
  done
fi
if grep -qs 'struct C10_API DeviceAllocator' "$include/c10/core/CachingDeviceAllocator.h"; then flags="$flags -DTS_DEVICE_ALLOCATOR"; fi
major=$(sed -n 's/^#define TORCH_VERSION_MAJOR \([0-9]*\).*/\1/p' "$include/torch/csrc/api/include/torch/version.h" "$include"/torch/headeronly/version.h 2>/dev/null | head -n 1)
minor=$(sed -n 's/^#define TORCH_VERSION_MINOR \([0-9]*\).*/\1/p' "$include/torch/csrc/api/include/torch/version.h" "$include"/torch/headeronly/version.h 2>/dev/null | head -n 1)
std=c++17
[ $((${major:-1} * 100 + ${minor:-0})) -lt 212 ] || std=c++20

mkdir -p "$(dirname "$out")"
tmp=$out.$$.tmp names=$out.$$.names
trap 'rm -rf "$tmp" "$tmp.log" "$names"' EXIT

# Process groups, where this libtorch has them. Of Gloo's own headers, which no libtorch brings along, only names are needed: gloo_names.h.
if [ -f "$include/torch/csrc/distributed/c10d/TCPStore.hpp" ] && grep -qa _ZN4c10d8TCPStoreC1E "$lib/libtorch_cpu.so"; then
  flags="$flags -DTS_C10D"
  if grep -qa _ZN4c10d16ProcessGroupGlooC1E "$lib/libtorch_cpu.so"; then
    flags="$flags -DTS_GLOO_BUILT -idirafter $names"
    mkdir -p "$names/gloo/common" "$names/gloo/rendezvous" "$names/gloo/transport"
    for name in algorithm context common/error rendezvous/store transport/device; do printf '#include "%s"\n' "$(cd "$here" && pwd)/gloo_names.h" >"$names/gloo/$name.h"; done
  fi
  if [ -f "$lib/libtorch_cuda.so" ] && grep -qa _ZN4c10d16ProcessGroupNCCLC1E "$lib/libtorch_cuda.so"; then
    # NCCL's header and CUDA's: of the system, of the toolkit, or of the packages that pip puts beside torch.
    for folder in "${CUDA_HOME:-/usr/local/cuda}/include" "$include"/../../nvidia/*/include; do
      [ -d "$folder" ] && flags="$flags -isystem $folder"
    done
    if ${CXX:-g++} -std=$std $flags -DTS_NCCL_BUILT -I"$include" -I"$include/torch/csrc/api/include" -fsyntax-only "$here/distributed_nccl.cpp" 2>"$tmp.log"; then
      flags="$flags -DTS_NCCL_BUILT"
    else
      echo "build.sh: built without NCCL, for its header or CUDA's were not found or do not fit; CUDA_HOME names the toolkit. $(grep -m 1 error "$tmp.log" || true)" >&2
    fi
  fi
fi

# Written aside and renamed: a build beside this one, or a process that has the old file mapped, sees one or the other whole.
${CXX:-g++} -std=$std $flags ${CXXFLAGS:-} -I"$include" -I"$include/torch/csrc/api/include" "$here"/*.cpp -o "$tmp" -L"$lib" -Wl,-rpath,"$lib" $link
mv -f "$tmp" "$out"
