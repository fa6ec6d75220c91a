# shellcheck shell=bash disable=SC2034,SC2154
# Why Deno failed, and what to do.

explain_install() {
  local what
  if grep -qiE 'lockfile is out of date|lock file is out of date|integrity check failed' "$1"; then
    give_up 'deno.lock does not fit what the code imports: run "deno install" and commit deno.lock.'
  fi
  if grep -qE 'Connection refused|dns error|tcp connect error|timed out' "$1"; then
    give_up 'A registry does not answer; the lines above say which. Mirrors are named in the config vars NPM_CONFIG_REGISTRY and JSR_URL.'
  fi
  what=$(found_in "$1" '(npm package .* does not exist|Could not find .*[^.])')
  if [[ -n $what ]]; then give_up "$what: correct the imports in deno.json and run \"deno install\"."; fi
  give_up 'deno install failed; the lines above say why.'
}
