# shellcheck shell=bash disable=SC2034,SC2154
header() {
  echo "-----> $*"
}

# Runs a command with its output indented, as parts of a build under their header.
indented() {
  "$@" 2>&1 | sed -u 's/^/       /'
}

note() {
  echo "       $*"
}

give_up() {
  echo " !     $*" >&2
  exit 1
}
