#!/usr/bin/env bash
# Builds everything in Release and runs every test project. Needs the .NET 10 SDK; what else is missing it installs with apt-get.
# The last line is `N passed, N failed, N skipped`; the exit status is 1 when a test failed, a runner crashed or no test ran.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# The output is parsed: no translated messages.
export LC_ALL=C DOTNET_CLI_UI_LANGUAGE=en
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# A build server that outlives the build would hold the caller's pipe open. The compiler server does not, and halves the time of a build.
export DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=true
# The compiler does not run long enough to repay the profiles of the runtime. Without them a build takes two thirds of the time.
export DOTNET_TieredPGO=0

# Without the ICU libraries the SDK starts in invariant mode only.
dotnet --version >/dev/null 2>&1 || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
if ! dotnet --version >/dev/null; then
  echo "test.sh: this needs the .NET 10 SDK, with dotnet on the PATH." >&2
  exit 1
fi

# The browser of the tests is the installed one.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

# What stays missing fails the tests that use it.
source build/need.sh
need chromium chromium || true
need redis-server redis-server || true
need initdb postgresql || true
# Links the native program.
need gcc build-essential || true

# Versions are made of tags. Without git, or in a clone that git refuses to read, every package has the version of a source archive.
git rev-parse --git-dir >/dev/null 2>&1 || export MinVerSkip=true

dotnet build Unstale.slnx -c Release -v quiet

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0 crashed=0

# The value of one count in the <assembly> element of a result file.
count() { sed -n "s/.*<assembly [^>]*[[:space:]]$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  report=$results/$name.xml
  echo "== $name"
  status=0
  dotnet exec "tests/$name/bin/Release/net10.0/$name.dll" -noLogo -noColor -result-xml "$report" || status=$?
  total=$(count "$report" total 2>/dev/null || true)
  if [[ -z $total ]]; then
    echo "test.sh: $name crashed: exit status $status and no results." >&2
    crashed=$((crashed + 1))
    continue
  fi
  lost=$(count "$report" errors)   # a fixture or a clean-up that threw belongs to no test
  bad=$(($(count "$report" failed) + lost))
  if [[ $status -ne 0 && $bad -eq 0 && $total -gt 0 ]]; then
    echo "test.sh: $name ended with status $status though no test failed." >&2
    crashed=$((crashed + 1))
  fi
  [[ $total -gt 0 ]] || echo "test.sh: $name has no tests." >&2
  passed=$((passed + $(count "$report" passed)))
  failed=$((failed + bad))
  skipped=$((skipped + $(count "$report" skipped)))
done

[[ $((passed + failed)) -gt 0 ]] || echo "test.sh: no test ran." >&2
[[ $crashed -eq 0 ]] || echo "test.sh: $crashed test project(s) crashed." >&2
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 && $crashed -eq 0 && $passed -gt 0 ]]
