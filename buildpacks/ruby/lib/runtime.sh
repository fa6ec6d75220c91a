# shellcheck shell=bash disable=SC2034,SC2154
# The stack's Ruby. Sets: ruby_package, ruby_version, runtime_key, gems_key, local_gems.

choose_ruby() {
  local chosen
  chosen=$(package_versions 'ruby[0-9]+\.[0-9]+' | tail -n 1)
  read -r ruby_package ruby_version <<< "$chosen"
  check_version
  choose_packages "$ruby_package" "$ruby_package-dev"
  runtime_key=ruby-$packages_key
  gems_key=$({ echo "$runtime_key ${STACK:-} ${BUNDLE_WITHOUT:-}"; digest_of Gemfile Gemfile.lock .bundle/config ./*.gemspec; } | digest)
  # Gems inside the app change with its code.
  local_gems=false
  if grep -qxE 'PATH' Gemfile.lock; then local_gems=true; fi
}

# A Gemfile that requires another Ruby would fail later with a less helpful message. Bundler checks the rest.
check_version() {
  local file=Gemfile said
  said=$(sed -nE "s/^[[:space:]]*ruby[[:space:](]+['\"]([^'\"]+)['\"].*/\1/p" Gemfile | head -n 1)
  if [[ -z $said && -f .ruby-version ]]; then
    file=.ruby-version
    said=$(head -n 1 .ruby-version)
    said=${said#ruby-}
    # The file means that Ruby or a later patch of it, unless the Gemfile reads it.
    if ! grep -qE '^[[:space:]]*ruby[[:space:](]+file' Gemfile && [[ $said =~ ^([0-9]+\.[0-9]+) ]]; then said="~> ${BASH_REMATCH[1]}.0"; fi
  fi
  if [[ -z $said ]] || satisfies "$said"; then return 0; fi
  give_up "$file asks for Ruby $said; this stack has $ruby_version. Ask for \"~> ${ruby_version%.*}.0\" there."
}

# satisfies REQUIREMENT: one requirement in the syntax of RubyGems.
satisfies() {
  local bound
  bound=$(grep -oE '[0-9]+(\.[0-9]+)*' <<< "$1" | head -n 1)
  if [[ -z $bound ]]; then return 0; fi
  case $1 in
    '~>'*)
      [[ $(oldest "$bound" "$ruby_version") == "$bound" && ($bound != *.* || $ruby_version == "${bound%.*}"*) ]]
      ;;
    '>='*) [[ $(oldest "$bound" "$ruby_version") == "$bound" ]] ;;
    '>'*) [[ $(oldest "$bound" "$ruby_version") == "$bound" && $bound != "$ruby_version" ]] ;;
    '<='*) [[ $(oldest "$bound" "$ruby_version") == "$ruby_version" ]] ;;
    '<'*) [[ $(oldest "$bound" "$ruby_version") == "$ruby_version" && $bound != "$ruby_version" ]] ;;
    *) [[ $bound == "$ruby_version" ]] ;;
  esac
}

oldest() {
  printf '%s\n' "$@" | sort -V | head -n 1
}

provide_ruby() {
  local runtime=$cache_dir/ruby/runtime
  unpack_packages "$runtime"
  runtime_key=ruby-$packages_key
  if [[ ! -f $runtime/.settled ]]; then settle; fi
  # shellcheck source=/dev/null
  source "$here/lib/profile.sh"
}

# Debian's Ruby looks for its library in /usr/lib. Here that is /app/.rb, which has the same length and can be patched in.
settle() {
  local name
  LC_ALL=C sed -i 's#/usr/lib/#/app/.rb/#g' "$runtime"/usr/lib/*/libruby-*.so.*.*.*
  sed -i "s#^  TOPDIR = .*#  TOPDIR = '$ruby_home/usr'#" "$runtime"/usr/lib/*/ruby/*/rbconfig.rb
  # Debian's RubyGems knows only Debian's paths; Ruby includes its own.
  rm -rf "$runtime"/usr/lib/ruby/vendor_ruby "$runtime"/usr/lib/*/ruby/vendor_ruby "$runtime"/usr/share/rubygems-integration "${runtime:?}"/var
  for name in "$runtime"/usr/bin/*"${ruby_package#ruby}"; do
    ln -sfn "${name##*/}" "${name%"${ruby_package#ruby}"}"
  done
  find "$runtime"/usr/lib/ruby/gems/*/specifications/default -name 'bundler-*.gemspec' | sed -E 's/.*bundler-(.*)\.gemspec/\1/' > "$runtime/bundler-version"
  touch "$runtime/.settled"
}
