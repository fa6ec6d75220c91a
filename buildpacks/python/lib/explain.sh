# shellcheck shell=bash disable=SC2034,SC2154
# Why pip failed, and what to do.

explain_pip() {
  local what index=${PIP_INDEX_URL:-https://pypi.org/simple}
  explain_git "$1"
  if grep -qE 'NewConnectionError|ConnectTimeoutError|ReadTimeoutError|Temporary failure in name resolution|SSLError' "$1"; then
    give_up "The package index $index does not answer: name one that this node reaches in the config var PIP_INDEX_URL."
  fi
  what=$(found_in "$1" 'No matching distribution found for ([^ ]+)')
  if [[ -n $what ]]; then
    give_up "There is no $what for Python $python_version at $index: correct it in $lock_file, or name an index that has it in the config var PIP_INDEX_URL."
  fi
  if grep -q 'DO NOT MATCH THE HASHES' "$1"; then
    give_up "The package index $index has other files than those that $lock_file was made with: lock again, or name another index in the config var PIP_INDEX_URL."
  fi
  what=$(found_in "$1" '(Invalid requirement: .*|ResolutionImpossible.*|Could not open requirements file: .*)')
  if [[ -n $what ]]; then give_up "$lock_file cannot be installed: $what. Correct it and deploy again."; fi
  what=$(found_in "$1" '(Failed to build|Failed building wheel for) (.*)')
  if grep -q 'subprocess-exited-with-error' "$1"; then
    give_up "A package could not be compiled: take a version that has a wheel for Python $python_version, or put the libraries that it needs into an Aptfile and the buildpack apt before this one."
  fi
  give_up 'pip failed; the lines above say why.'
}

explain_static_files() {
  give_up 'manage.py collectstatic failed: correct what it says above, or set the config var DISABLE_COLLECTSTATIC=1 to do without.'
}
