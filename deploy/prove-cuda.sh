#!/bin/sh
# The one command that proves the CUDA path: builds the shim against this machine's PyTorch, compares the GPU with the CPU, times training steps, and trains on a packed set.
# usage: prove-cuda.sh [SET]      SET: a packed training set (workflow pack RUN STAGE --output SET); without one nothing is trained but made-up pairs
# Needs g++ and a PyTorch with CUDA, 2.4 to 2.11; LIBTORCH names its folder where `python3 -c "import torch"` does not find it. Stands beside the published trainer; prints to stdout.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
set_folder=${1:-}
device=${DEVICE:-cuda}
libtorch=${LIBTORCH:-$(${PYTHON:-python3} -c 'import torch; print(torch.__path__[0])')}
[ -x "$here/trainer" ] || { echo "$here/trainer is missing: publish it with src/TrainerApp/publish.sh and run this from the published folder." >&2; exit 1; }
[ -f "$libtorch/lib/libtorch_cpu.so" ] || { echo "$libtorch holds no lib/libtorch_cpu.so: set LIBTORCH to a libtorch or PyTorch folder." >&2; exit 1; }
if [ "$device" != cpu ] && [ ! -f "$libtorch/lib/libtorch_cuda.so" ]; then echo "$libtorch is a PyTorch without CUDA (no lib/libtorch_cuda.so)." >&2; exit 1; fi
command -v "${CXX:-g++}" > /dev/null || { echo "g++ is missing: the shim is compiled on this machine." >&2; exit 1; }

# CUDA's own libraries lie in packages beside torch where pip brought them; its loader finds them by paths in its libraries, ours needs none.
step() { printf '\n== %s\n' "$*"; }
step "shim against $libtorch"
sh "$here/native/build.sh" "$libtorch/include" "$libtorch/lib" "$here/libworkflow_torch.so"
ls -l "$here/libworkflow_torch.so"
if [ "$device" != cpu ]; then nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv || true; fi

step doctor
"$here/trainer" doctor

step "selftest --device $device"
"$here/trainer" selftest --device "$device"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$device" = cpu ]; then sizes="--hidden 64 --layers 2 --heads 2 --batch 8 --steps 3"; else sizes=""; fi
for precision in fp32 tf32 bf16; do
  if [ "$device" = cpu ] && [ "$precision" = tf32 ]; then continue; fi
  step "bench --precision $precision"
  # shellcheck disable=SC2086 # the sizes are words
  "$here/trainer" bench --device "$device" --precision "$precision" $sizes ${BENCH_ARGS:-}
done

if [ -n "$set_folder" ]; then
  step "train on $set_folder"
  start=$(date +%s)
  "$here/trainer" train --set "$set_folder" --device "$device" --output "$work/model" --checkpoints "$work/checkpoints"
  echo "trained in $(($(date +%s) - start)) s"
fi

step "memory that runs out ends with what to do"
if [ "$device" = cpu ]; then echo "only looked at with CUDA"; else
  if "$here/trainer" bench --device "$device" --precision fp32 --batch 8192 --passage-length 512 --steps 1 2> "$work/error"; then
    echo "8192 pairs of 512 tokens fitted?" >&2
    exit 1
  fi
  cat "$work/error"
  grep -q 'ran out in step .* Lower --batch' "$work/error"
fi
printf '\nproved on %s\n' "$device"
