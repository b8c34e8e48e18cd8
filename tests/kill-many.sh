#!/bin/bash
# Kill -9 at many random moments of jobs/tiny.yaml, each followed by resume and a comparison of every artifact: the long form of what ./test does ten times.
# usage: tests/kill-many.sh [KILLS=100]
set -euo pipefail
cd "$(dirname "$0")/.."
WORKFLOW_KILLS="${1:-100}" dotnet run -c Release --project tests/EndToEnd.Tests -- -class EndToEnd.Tests.KillTests -class EndToEnd.Tests.KillInTrainingTests -showLiveOutput
