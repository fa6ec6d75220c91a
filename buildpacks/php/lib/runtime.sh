# shellcheck shell=bash disable=SC2034,SC2154
# The stack's PHP. Sets: php_package, php_version, runtime_key, vendor, required (packages that exist).

# Always installed; others if composer.json or composer.lock requires ext-….
readonly usual_extensions=(bcmath curl intl mbstring mysql opcache pgsql sqlite3 xml zip)

read_manifest() {
  vendor=vendor required=0
  if [[ ! -f composer.json ]]; then return 0; fi
  json_object composer.json
  vendor=$(jq -r '.config["vendor-dir"] // "vendor"' composer.json)
  [[ $vendor =~ ^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*/?$ && ! $vendor =~ (^|/)\.\.?(/|$) ]] || give_up "composer.json: \"vendor-dir\" is not a folder of the app: $vendor."
  vendor=${vendor%/}
  required=$(jq '.require // {} | keys | map(select(contains("/"))) | length' composer.json)
  if [[ $required -gt 0 && ! -f composer.lock ]]; then give_up 'There is no composer.lock: run "composer update" and commit the file that it writes.'; fi
}

choose_php() {
  local chosen name wanted=()
  chosen=$(package_versions 'php[0-9]+\.[0-9]+-cli' | tail -n 1)
  read -r php_package php_version <<< "$chosen"
  php_package=${php_package%-cli}
  for name in "${usual_extensions[@]}" $(required_extensions); do wanted+=("$php_package-$name"); done
  choose_packages "$php_package-cli" "$php_package-fpm" "${wanted[@]}" systemd-standalone-tmpfiles composer
  runtime_key=$(php_key)
}

# The runtime has this buildpack's settings in it.
php_key() {
  echo "php-$packages_key-$(cat "$here"/lib/{serve,nginx.conf,php-fpm.conf} | digest)"
}

# Extensions that are separate packages; Composer checks the others.
required_extensions() {
  local there
  there=$(package_versions "$php_package-[a-z0-9]+" | sed -E "s/^$php_package-([a-z0-9]+) .*/\1/")
  cat composer.json composer.lock 2> /dev/null | grep -oE '"ext-[a-z0-9_]+" *:' | sed -E 's/"ext-(.*)" *:/\1/' | sort -u |
    grep -xF "$there" || true
}

provide_php() {
  local runtime=$cache_dir/php/runtime
  unpack_packages "$runtime"
  runtime_key=$(php_key)
  at_home "$runtime" .heroku/php
  if [[ $(cat "$runtime/.settled" 2> /dev/null) != "$runtime_key" ]]; then settle; fi
  # shellcheck source=/dev/null
  source "$here/lib/profile.sh"
}

# Settings for PHP in this folder, with all its extensions enabled in Debian's order.
settle() {
  local modules
  modules=$(find "$runtime"/usr/lib/php -maxdepth 1 -name '20*')
  {
    cat "$runtime"/usr/lib/php/*/php.ini-production
    printf '\n[mothership]\nextension_dir = %s\ninclude_path = ".:%s/usr/share/php"\nexpose_php = Off\n' "$php_home/usr/lib/php/${modules##*/}" "$php_home"
    find "$runtime/usr/share" -path "*/$php_package-*/*.ini" -exec grep -H '' {} + | sed -nE 's/^([^:]+):; priority=([0-9]+)/\2 \1/p' | sort |
      while read -r _ file; do sed -nE 's/^(zend_)?extension=/&/p' "$file"; done
  } > "$runtime/php.ini"
  mkdir -p "$runtime/bin"
  cp "$here"/lib/{serve,nginx.conf,php-fpm.conf} "$runtime/bin/"
  ln -sfn serve "$runtime/bin/heroku-php-nginx"
  ln -sfn serve "$runtime/bin/heroku-php-apache2"
  ln -sfn "php${php_package#php}" "$runtime/usr/bin/php"
  # Composer finds its own libraries by Debian's paths.
  { grep -rlZ "'/usr/share/" "$runtime/usr/share/php" || true; } | xargs -0 -r sed -i "s#'/usr/share/#'$php_home/usr/share/#g"
  echo "$runtime_key" > "$runtime/.settled"
}
