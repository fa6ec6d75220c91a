# shellcheck shell=bash disable=SC2034,SC2154
# Why Bun failed, and what to do.

explain_install() {
  local what
  explain_git "$1"
  what=$(found_in "$1" 'error: ([^ ]+) failed to resolve')
  if grep -q 'lockfile had changes, but lockfile is frozen' "$1"; then give_up 'bun.lock does not fit package.json: run "bun install" and commit bun.lock.'; fi
  if grep -qE 'ConnectionRefused|FailedToOpenSocket|ENOTFOUND|Timeout' "$1"; then
    give_up "The npm registry does not answer ($registry): name one that this node reaches in .npmrc, or with \"mothership setup --npm-registry URL\"."
  fi
  if [[ -n $what ]]; then
    give_up "There is no $what at $registry: correct package.json, run \"bun install\" and commit bun.lock."
  fi
  give_up 'bun install failed; the lines above say why.'
}

explain_build() {
  give_up 'The script build in package.json failed: correct what it says above.'
}
