#!/bin/sh
# Publishes the trainer with its own .NET, trimmed and compressed, to be carried to a machine that has a PyTorch and a compiler, and checks that it stays small.
# usage: publish.sh OUT [RID]     OUT: a folder; RID: linux-x64 unless told otherwise
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1 rid=${2:-linux-x64} limit=$((45 * 1024 * 1024))
dotnet publish "$here/TrainerApp.csproj" -c Release -r "$rid" -o "$out" -v quiet --nologo
size=$(du -sb "$out" | cut -f 1)
if [ "$size" -ge "$limit" ]; then echo "$out has $size bytes; expected fewer than $limit (45 MiB)." >&2; exit 1; fi
echo "$out: $size bytes of at most $limit"
