# shellcheck shell=bash disable=SC2034,SC2154
# Gems of Gemfile.lock.

provide_gems() {
  mkdir -p "$cache_dir/ruby/gems"
  export BUNDLE_JOBS=4 BUNDLE_RETRY=2 BUNDLE_CLEAN=true BUNDLE_DISABLE_VERSION_CHECK=true BUNDLE_SILENCE_ROOT_WARNING=true
  export BUNDLE_APP_CONFIG=$build_dir/.bundle BUNDLE_USER_HOME=$cache_dir/ruby/bundler BUNDLE_GEMFILE=$build_dir/Gemfile
  # A mirror of all gem servers, in Bundler's own variable or in a shorter one.
  if [[ -n ${RUBYGEMS_MIRROR:-} ]]; then export BUNDLE_MIRROR__ALL=$RUBYGEMS_MIRROR; fi
  if [[ $local_gems == false && $(cat "$cache_dir/ruby/installed" 2> /dev/null) == "$gems_key" ]]; then
    header 'Dependencies unchanged: taken from the cache'
    return
  fi
  header 'Installing dependencies'
  rm -rf "$cache_dir/ruby/installed" "$cache_dir"/ruby/gems/ruby/*/cache
  note "bundle install, Bundler $BUNDLER_VERSION"
  attempt explain_bundler bundle install --quiet
  rm -rf "$cache_dir"/ruby/gems/ruby/*/cache
  echo "$gems_key" > "$cache_dir/ruby/installed"
}
