# shellcheck shell=bash disable=SC2034,SC2154
# Why a package manager failed, and what to do. Each says most of it far above its last lines.

explain_install() {
  explain_git "$1"
  explain_lock "$1"
  explain_package "$1"
  explain_registry "$1"
  local what
  what=$(found_in "$1" 'npm [errorER!]+ path .*/node_modules/(.+)')
  if [[ -n $what ]]; then give_up "The install script of $what failed; the lines above say why."; fi
  what=$(found_in "$1" '^(ERR_PNPM_[A-Z_]+ .*|.*YN0[0-9]+: .*([Ee]rror|failed).*|error .*)$')
  if [[ -n $what ]]; then give_up "$manager could not install the dependencies: $what"; fi
  give_up "$manager could not install the dependencies; the lines above say why."
}

# The lock file is not that of package.json.
explain_lock() {
  local what
  if grep -qE 'can only install( packages)? (packages )?(with an existing|when your) package' "$1"; then
    what=$(found_in "$1" 'npm [errorER!]+ (Invalid: .*|Missing: .*)')
    give_up "${lock_file:-package-lock.json} does not fit package.json${what:+ ($what)}: run \"npm install\" and commit package-lock.json."
  fi
  if grep -qE 'Your lockfile needs to be updated|YN0028|ERR_PNPM_OUTDATED_LOCKFILE' "$1"; then
    what=$(found_in "$1" '- ([^ ]+ \(lockfile: .*\))')
    what=${what:-$(found_in "$1" '(specifiers in the lockfile \(.*)')}
    give_up "$lock_file does not fit package.json${what:+ ($what)}: run \"$manager install\" and commit $lock_file."
  fi
  if grep -qE 'ERR_PNPM_LOCKFILE_BREAKING_CHANGE|ERR_PNPM_BROKEN_LOCKFILE' "$1"; then
    give_up "$lock_file is of another version of pnpm than $manager_version: set yours as packageManager in package.json, or run \"pnpm install\" with that one and commit $lock_file."
  fi
}

# A package that does not exist, or does not go with another one.
explain_package() {
  local what
  what=$(found_in "$1" "'([^']+)' (is not in (this|the npm) registry|could not be found)")
  what=${what:-$(found_in "$1" "No matching version found for ([^ ]+[^ .])")}
  what=${what:-$(found_in "$1" "Couldn't find (package \"[^\"]+\"|any versions for \"[^\"]+\" that matches \"[^\"]+\")")}
  what=${what:-$(found_in "$1" ' ([^ ]+@[^ ]+): (Package not found|No candidates found)')}
  what=${what:-$(found_in "$1" 'ERR_PNPM_FETCH_404 +GET ([^ ]+): ')}
  what=${what:-$(found_in "$1" '(https?://[^ "]+): Request failed .*404')}
  if [[ -n $what ]]; then give_up "There is no $what in the npm registry: correct package.json, run \"$manager install\" and commit the lock file."; fi
  if grep -qE 'npm (error|ERR!) code ERESOLVE' "$1"; then
    what=$(found_in "$1" 'npm [errorER!]+ (peer .* from .*)')
    give_up "Packages do not fit each other${what:+ ($what)}: correct their versions in package.json, or set NPM_CONFIG_LEGACY_PEER_DEPS=true with \"mothership config:set\"."
  fi
}

explain_registry() {
  if grep -qE 'code E40[13]|ERR_PNPM_FETCH_40[13]|Request failed .*40[13]|YN0041' "$1"; then
    give_up "The npm registry rejected the request or its token: write //HOST/:_authToken=\${NPM_TOKEN} to .npmrc and set NPM_TOKEN with \"mothership config:set\"."
  fi
  if grep -qE 'ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT' "$1"; then give_up "$no_registry"; fi
}

explain_script() {
  if grep -q 'JavaScript heap out of memory' "$1"; then
    give_up "The script $script needs more memory than Node.js uses by default: set NODE_OPTIONS=--max-old-space-size=MB, and more memory for builds with \"mothership builds:settings:set --memory\"."
  fi
  give_up "The script $script in package.json failed: correct what it says above."
}
