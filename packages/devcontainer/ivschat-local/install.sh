#!/bin/sh
# Installs ivschat-local from the archive of a release, whose checksum it verifies. A devcontainer runs it as a feature,
# and the GitHub Action runs it, too. It needs curl or wget.
#
#   VERSION   the version of the release
#   RELEASES  the URL of the releases, for a mirror
#   PREFIX    the programs are put into its directory bin
set -eu

version=${VERSION:-0.1.0}
version=${version#v}
releases=${RELEASES:-https://github.com/ivschat-local/ivschat-local/releases/download}
prefix=${PREFIX:-/usr/local}

fail() {
  echo "ivschat-local: $*" >&2
  exit 1
}

# download URL FILE
download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
  elif command -v wget >/dev/null; then
    wget -q -O "$2" "$1"
  else
    fail "install curl or wget first"
  fi || fail "cannot download $1"
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

case $(uname -s) in
  Linux) system=linux archive=tar.gz ;;
  Darwin) system=darwin archive=tar.gz ;;
  MINGW* | MSYS*) system=windows archive=zip ;; # Git's bash
  *) fail "there is no program for $(uname -s)" ;;
esac
case $(uname -m) in
  x86_64 | amd64) processor=amd64 ;;
  aarch64 | arm64) processor=arm64 ;;
  *) fail "there is no program for the processor $(uname -m)" ;;
esac
archive=ivschat-local_${version}_${system}_${processor}.$archive

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
download "$releases/v$version/$archive" "$work/$archive"
download "$releases/v$version/checksums.txt" "$work/checksums.txt"
expected=$(awk -v name="$archive" '$2 == name { print $1 }' "$work/checksums.txt")
found=$(sha256 "$work/$archive")
[ -n "$expected" ] || fail "$releases/v$version/checksums.txt has no checksum of $archive"
[ "$found" = "$expected" ] || fail "the checksum of $archive is $found, but must be $expected: nothing is installed"

mkdir "$work/files"
case $archive in
  *.zip) unzip -q "$work/$archive" -d "$work/files" ;;
  *) tar -xzf "$work/$archive" -C "$work/files" ;;
esac
mkdir -p "$prefix/bin"
for program in "$work"/files/ivschat-l*; do
  install -m 755 "$program" "$prefix/bin/"
done

# Only the feature has this file.
entrypoint=$(dirname "$0")/entrypoint.sh
if [ -n "${_REMOTE_USER:-}" ]; then
  mkdir -p "$prefix/share/ivschat-local"
  install -m 755 "$entrypoint" "$prefix/share/ivschat-local/"
fi
"$prefix/bin/ivschat-local" version
