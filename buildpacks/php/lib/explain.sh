# shellcheck shell=bash disable=SC2034,SC2154
# Why Composer failed, and what to do.

explain_composer() {
  local what
  explain_git "$1"
  what=$(found_in "$1" 'requires php ([^ ]+( \|\| [^ ]+)*) (but|->)')
  if [[ -n $what ]]; then
    give_up "The app or one of its packages asks for PHP $what; this stack has $php_version. Ask for \"^${php_version%.*}\" in composer.json, run \"composer update\" and commit composer.lock."
  fi
  what=$(found_in "$1" 'requires? .*(ext-[a-z0-9_]+)')
  if [[ -n $what ]]; then
    give_up "This stack has no PHP extension $what: take it out of composer.json, or a package that does without."
  fi
  if grep -qE 'curl error (6|7|28|35|60)|Could not resolve host|Connection refused|Failed to connect' "$1"; then
    give_up "A package server does not answer ($(found_in "$1" '(https?://[^/ "]+)')): composer.lock says where packages are; to lock with a mirror that this node reaches, name it in composer.json (repositories) or the config var COMPOSER_MIRROR_URL."
  fi
  if grep -qE 'is not present in the lock file|Required package .* is not present' "$1"; then
    give_up 'composer.lock does not fit composer.json: run "composer update" and commit composer.lock.'
  fi
  what=$(found_in "$1" 'The "(https?://[^"]+)" file could not be downloaded')
  if [[ -n $what ]]; then give_up "There is no $what, where composer.lock says that a package is: run \"composer update\" and commit composer.lock."; fi
  what=$(found_in "$1" '- (Root composer\.json requires .*)')
  if [[ -n $what ]]; then give_up "$what: correct composer.json, run \"composer update\" and commit composer.lock."; fi
  # After an exception, its last lines are those of its help.
  what=$(sed -nE '/^In .+ line [0-9]+:$/,${/^  [^ ]/{s/^ +//;s/ +$//;p;q}}' "$1")
  if [[ -n $what ]]; then give_up "composer install failed: $what"; fi
  give_up 'composer install failed; the lines above say why.'
}

explain_script() {
  give_up 'The script compile in composer.json failed: correct what it says above.'
}
