# shellcheck shell=bash disable=SC2034,SC2154
# Why Go failed, and what to do.

explain_go() {
  local what
  explain_git "$1"
  if grep -qE 'toolchain not available|golang.org/toolchain|requires go >=' "$1"; then
    give_up "go.mod asks for Go $wanted_version; this stack has $go_version, and the module proxy did not give another. Ask for go ${go_version%.*} there, or name a proxy that has it in the config var GOPROXY."
  fi
  if grep -qE 'connection refused|no such host|i/o timeout|certificate signed by unknown' "$1"; then
    give_up "The module proxy does not answer (${GOPROXY:-https://proxy.golang.org}): name one that this node reaches in the config var GOPROXY, or commit the modules with \"go mod vendor\"."
  fi
  if grep -qE 'missing go.sum entry|updates to go.mod needed|go: updates to go.sum' "$1"; then
    give_up 'go.mod and go.sum do not fit the code: run "go mod tidy" and commit both.'
  fi
  what=$(found_in "$1" 'no required module provides package ([^ ;]+)')
  if [[ -n $what ]]; then give_up "go.mod names no module for the package $what: run \"go mod tidy\" and commit go.mod and go.sum."; fi
  what=$(found_in "$1" '([^ ]+@v[^ :]+): ')
  if grep -qE 'SECURITY ERROR|checksum mismatch' "$1"; then
    give_up "A module is not what go.sum says${what:+ ($what)}: run \"go mod tidy\" if the change is meant, or name another proxy in the config var GOPROXY."
  fi
  if [[ -n $what ]]; then
    give_up "There is no $what at ${GOPROXY:-https://proxy.golang.org}: correct go.mod, or name a proxy that has it in the config var GOPROXY."
  fi
  give_up 'The app does not compile: correct what Go says above.'
}
