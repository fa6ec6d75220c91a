# shellcheck shell=bash disable=SC2034,SC2154
# Packages of composer.lock.

install_packages() {
  if [[ ! -f composer.json ]]; then return 0; fi
  local key kept=$cache_dir/php/vendor
  key=$({ echo "$runtime_key"; digest_of composer.lock; } | digest)
  if [[ $(cat "$cache_dir/php/installed" 2> /dev/null) == "$key" ]]; then
    header 'Dependencies unchanged: taken from the cache'
    rm -rf "$vendor"
    mkdir -p "$(dirname "$vendor")"
    cp -a "$kept" "$vendor"
  else
    header 'Installing dependencies'
  fi
  composer_settings
  note 'composer install --no-dev --optimize-autoloader'
  attempt explain_composer composer install --no-dev --prefer-dist --optimize-autoloader --no-interaction --no-progress --no-ansi
  keep "$key"
  if jq -e '.scripts.compile' composer.json > /dev/null; then
    header 'Running the script compile'
    attempt explain_script composer run-script --no-dev --no-interaction --no-ansi compile
  fi
}

composer() {
  php "$php_home/usr/bin/composer" "$@"
}

# COMPOSER_MIRROR_URL replaces packagist.org; a URL without TLS is trusted if it is set explicitly.
composer_settings() {
  export COMPOSER_HOME=$cache_dir/php/home COMPOSER_CACHE_DIR=$cache_dir/php/composer COMPOSER_NO_AUDIT=1
  mkdir -p "$COMPOSER_HOME"
  local mirror=${COMPOSER_MIRROR_URL:-}
  if [[ -z $mirror ]]; then rm -f "$COMPOSER_HOME/config.json"; return 0; fi
  jq -n --arg url "$mirror" '{config: {"secure-http": ($url | startswith("http:") | not)}, repositories: [{type: "composer", url: $url}, {"packagist.org": false}]}' > "$COMPOSER_HOME/config.json"
}

keep() {
  if [[ $(cat "$cache_dir/php/installed" 2> /dev/null) == "$1" || ! -d $vendor ]]; then return 0; fi
  rm -rf "$cache_dir"/php/{installed,vendor}
  cp -a "$vendor" "$kept"
  echo "$1" > "$cache_dir/php/installed"
  if [[ $(du -sm "$COMPOSER_CACHE_DIR" 2> /dev/null | cut -f 1) -gt 1024 ]]; then rm -rf "$COMPOSER_CACHE_DIR"; fi
}
