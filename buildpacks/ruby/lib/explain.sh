# shellcheck shell=bash disable=SC2034,SC2154
# Why Bundler failed, and what to do.

explain_bundler() {
  local what index=${BUNDLE_MIRROR__ALL:-the gem server that the Gemfile names}
  explain_git "$1"
  what=$(found_in "$1" 'Your Ruby version is [0-9.]+, but your Gemfile specified ([^ ]+)')
  if [[ -n $what ]]; then give_up "The Gemfile asks for Ruby $what; this stack has $ruby_version. Ask for \"~> ${ruby_version%.*}.0\" there."; fi
  what=$(found_in "$1" "(Could not find gem '[^']+'|Could not find [^ ]+-[0-9][^ ]*|Your bundle is locked to [^ ]+ \\([^)]+\\))")
  what=${what#Could not find } what=${what#Your bundle is locked to }
  if [[ -n $what ]]; then
    give_up "There is no ${what#gem } at $index: correct the Gemfile, run \"bundle install\" and commit Gemfile.lock, or name a mirror that has it in the config var RUBYGEMS_MIRROR."
  fi
  if grep -qE 'Could not reach host|Could not fetch specs|Network error|Connection refused|Failed to open TCP|Retrying fetcher' "$1"; then
    give_up "The gem server does not answer ($index): name a mirror that this node reaches in the config var RUBYGEMS_MIRROR."
  fi
  if grep -qE 'add-platform|only supports platforms' "$1"; then
    give_up 'Gemfile.lock is for other machines only: run "bundle lock --add-platform x86_64-linux aarch64-linux" and commit it.'
  fi
  if grep -qE 'frozen|deployment mode|lockfile.*not up to date' "$1"; then
    give_up 'Gemfile.lock does not fit the Gemfile: run "bundle install" and commit Gemfile.lock.'
  fi
  what=$(found_in "$1" 'An error occurred while installing ([^ ]+ \([^)]+\))')
  if [[ -n $what ]] && grep -q 'native extension' "$1"; then
    give_up "$what could not be compiled: put the libraries that it needs into an Aptfile and the buildpack apt before this one."
  fi
  give_up 'bundle install failed; the lines above say why.'
}

explain_assets() {
  give_up 'assets:precompile failed: correct what it says above; config vars that it needs are set with "mothership config:set".'
}
