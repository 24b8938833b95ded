#!/bin/sh
# Builds the packages for Java, and puts them into a directory that is a Maven repository. Their tests need the program
# in IVSCHAT_PROGRAM or in PATH.
# usage: build.sh DIRECTORY [ARGUMENT OF MAVEN]...
set -eu
umask 022 # the jars have the modes of files
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")"
mvn -q -B "$@" package
version=$(sed -n '/<artifactId>ivschat-local-parent/{n;s/.*<version>\(.*\)<.*/\1/p}' pom.xml)

# put NAME DIRECTORY puts a POM and its jars into the repository.
put() {
  to=$out/io/github/ivschat-local/$1/$version
  rm -rf "$to"
  mkdir -p "$to"
  cp "$2/pom.xml" "$to/$1-$version.pom"
  if [ "$2" != . ]; then
    cp "$2/target/$1-$version.jar" "$2/target/$1-$version-sources.jar" "$2/target/$1-$version-javadoc.jar" "$to"
  fi
  for file in "$to"/*; do
    sha1sum <"$file" | cut -d ' ' -f 1 >"$file.sha1"
  done
}
put ivschat-local-parent .
put ivschat-local-junit5 junit5
put ivschat-local-testcontainers testcontainers
