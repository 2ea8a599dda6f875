#!/usr/bin/env bash
# Builds the pages and the API reference into artifacts/site, one folder for each version:
#
#   build/site.sh [FOLDER]
#
# The folder has the major and minor version of the packages. Folders of other versions remain, and the header of each page switches between them: to publish
# several versions, build each from its tag into the same FOLDER. Warnings and broken links fail.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
git rev-parse --git-dir >/dev/null 2>&1 || export MinVerSkip=true

output=${1:-artifacts/site}
work=artifacts/site-work
rm -rf "$work"
mkdir -p "$work/docs" "$output"
output=$(cd "$output" && pwd)

cp -r build/site/. "$work"
cp LICENSE build/icon.svg "$work"
cp docs/alerts.yml "$work/docs"

# README.md is the first page of a folder. Links to sources have no target on the site, so their text alone remains.
page() {
  sed -E 's#\]\((\.\./|docs/)?README\.md#](\1index.md#g; s#\[([^]]*)\]\((\.\./)?(src|tests|samples|benchmarks)(/[^)]*)?\)#\1#g' "$1" >"$2"
}
for file in README CHANGELOG CONTRIBUTING SECURITY; do page "$file.md" "$work/${file/README/index}.md"; done
for file in docs/*.md; do
  name=$(basename "$file")
  page "$file" "$work/docs/${name/README/index}"
done

# The navigation is the index of the documentation: its headings and the pages in its tables.
sed -nE 's/^## (.*)$/- name: \1\n  items:/p; s/^\| \[([^]]+)\]\(([^)]+\.md)\) \|.*$/  - name: \1\n    href: \2/p' "$work/docs/index.md" >"$work/docs/toc.yml"

dotnet tool restore >/dev/null
version=$(dotnet msbuild src/Unstale/Unstale.csproj -restore -t:MinVer -getProperty:Version)
abstractions=$(sed -nE 's/.*Caching\.Abstractions" Version="([^"]+)".*/\1/p' Directory.Packages.props)
folder=$(cut -d. -f1,2 <<<"$version")

# The tool warns if a member describes a parameter itself and inherits the other ones. Its own description is shown, as intended.
dotnet docfx metadata "$work/docfx.json" | tee "$work/metadata.log"
if grep -E '(warning|error)[: ]' "$work/metadata.log" | grep -vE "^warning: Duplicate parameter '[^']+' found in comments|^    [0-9]+ (warning|error)\(s\)"; then
  echo "site.sh: the API reference has warnings." >&2
  exit 1
fi
dotnet docfx build "$work/docfx.json" --warningsAsErrors --metadata "_appFooter=Unstale $version, for .NET 10 and Microsoft.Extensions.Caching.Abstractions $abstractions"
rm -rf "${output:?}/$folder"
mv "$work/site" "$output/$folder"
echo "$version" >"$output/$folder/version.txt"
rm -rf "$work"

# The newest version is the first page of the site.
folders=$(cd "$output" && ls -d -- */version.txt 2>/dev/null | xargs -n1 dirname | sort -rV)
{
  separator='['
  for one in $folders; do
    printf '%s\n  { "folder": "%s", "name": "%s" }' "$separator" "$one" "$(cat "$output/$one/version.txt")"
    separator=','
  done
  printf '\n]\n'
} >"$output/versions.json"
newest=$(head -n 1 <<<"$folders")
printf '<!doctype html><meta http-equiv="refresh" content="0; url=%s/index.html"><title>Unstale</title><a href="%s/index.html">Unstale</a>\n' "$newest" "$newest" >"$output/index.html"
echo "$output/$folder"
