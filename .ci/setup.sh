# Sourced by run and test: finds what is missing on this machine, installs it, builds. Everything it says goes to standard error.
# Needs: root (the repository), assume_yes (1 skips the question).

export OMP_WAIT_POLICY=passive # idle OpenMP threads sleep instead of spinning: two processes on two cores need that
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

has_library() { compgen -G "/usr/lib/*/$1" >/dev/null || compgen -G "/lib/*/$1" >/dev/null; }

# Debian packages that are missing, one per line.
missing_for_run() {
  command -v "${CXX:-g++}" >/dev/null || echo g++
  if [[ -z ${LIBTORCH:-} && ! -e /usr/include/torch/csrc/api/include/torch/version.h ]]; then echo libtorch-dev; fi
  has_library openblas-openmp/libopenblas.so.0 || echo libopenblas0-openmp
  has_library libsqlite3.so.0 || echo libsqlite3-0
  if ! npm_is_done && ! command -v npm >/dev/null; then echo npm; fi
}

missing_for_test() {
  [[ -e /usr/lib/python3/dist-packages/torch ]] || echo python3-torch
  [[ -e /usr/lib/python3/dist-packages/numpy ]] || echo python3-numpy
  [[ -e /usr/lib/python3/dist-packages/prometheus_client ]] || echo python3-prometheus-client
  command -v protoc >/dev/null || echo protobuf-compiler
  command -v sqlite3 >/dev/null || echo sqlite3
  command -v node >/dev/null || echo nodejs
  command -v chromium >/dev/null || echo chromium
  command -v spm_train >/dev/null || echo sentencepiece
}

npm_is_done() { [[ -e $root/node_modules/.stamp ]] && cmp -s "$root/node_modules/.stamp" "$root/package-lock.json"; }

check_given() {
  command -v dotnet >/dev/null || die "The .NET SDK is missing: \`dotnet\` was not found. Install .NET SDK 10 (https://dotnet.microsoft.com/download) and run this again."
  if [[ -n ${LIBTORCH:-} && ! -e $LIBTORCH/include/torch/csrc/api/include/torch/version.h ]]; then
    die "LIBTORCH=$LIBTORCH holds no libtorch: include/torch/csrc/api/include/torch/version.h is missing there. Name a libtorch or PyTorch folder, or unset it to use Debian's libtorch-dev."
  fi
  # The built program finds its runtime by this where the SDK lies in an unusual place.
  local sdk
  sdk=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
  if [[ -z ${DOTNET_ROOT:-} && -d $sdk/host/fxr ]]; then export DOTNET_ROOT=$sdk; fi
}

# install PACKAGES...: names them, asks once on a terminal, installs.
install() {
  local what="$*" as=()
  npm_is_done || what="${what:+$what, then }the npm packages of package-lock.json (DuckDB's library, htmx, uPlot)"
  [[ -n $what ]] || return 0
  say "Missing: $what"
  if [[ $assume_yes != 1 && -t 0 && -t 2 ]]; then
    local answer
    read -r -p "Install now? [Y/n] " answer >&2 || answer=n
    [[ ! $answer =~ ^[nN] ]] || die "Nothing was installed."
  fi
  if (($#)); then
    command -v apt-get >/dev/null || die "apt-get was not found: install these by hand, by the names your system gives them: $*"
    if ((EUID != 0)); then
      command -v sudo >/dev/null || die "Installing needs root. As root, run: apt-get update && apt-get install -y --no-install-recommends $*"
      as=(sudo)
    fi
    "${as[@]}" apt-get update -q >&2
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
  fi
  if ! npm_is_done; then
    (cd -- "$root" && npm ci --ignore-scripts --no-audit --no-fund >&2)
    cp -- "$root/package-lock.json" "$root/node_modules/.stamp"
  fi
}

# What a build depends on beside the sources.
build_key() { printf '%s\n' "LIBTORCH=${LIBTORCH:-}" "CXX=${CXX:-}" "Stack=${Stack:-}"; sha256sum -- "$root"/node_modules/.stamp | cut -d' ' -f1; }

# build PROJECT STAMP PATHS...: builds Release unless nothing under PATHS changed since the last build. Folders count too: their time changes when a file goes.
build() {
  local project=$1 stamp=$root/artifacts/$2 changed path paths=(); shift 2
  for path in "$@" Directory.Build.props Directory.Packages.props global.json .editorconfig BannedSymbols.txt Workflow.sln; do
    if [[ -e $root/$path ]]; then paths+=("$path"); fi
  done
  if [[ -e $stamp ]] && cmp -s "$stamp" <(build_key); then
    changed=$(cd -- "$root" && find "${paths[@]}" -newer "$stamp" -print -quit)
    [[ -n $changed ]] || return 0
  fi
  say "Building (once for each change)..."
  mkdir -p -- "$root/artifacts"
  build_key >"$stamp.new" # before the build: what is edited meanwhile counts as newer
  # Build servers would outlive this script and keep its output open.
  if ! (cd -- "$root" && dotnet build "$project" -c Release -v q --disable-build-servers >&2); then
    rm -f -- "$stamp"
    die "The build failed; the errors stand above."
  fi
  mv -- "$stamp.new" "$stamp"
}

# once COMMAND...: one such script at a time in this folder.
once() {
  mkdir -p -- "$root/artifacts"
  exec {lock}>"$root/artifacts/.lock"
  flock "$lock"
  "$@"
  exec {lock}>&-
}
