# shellcheck shell=bash disable=SC2034,SC2154
# node_modules: installed, restored from the cache, or left out because the Builder has that very layer already.

# Digest of all that decides what an install gives, apart from the registry's mood.
dependencies_key() {
  {
    echo "$runtime_key $development ${STACK:-}"
    jq -cS '[.dependencies, .devDependencies, .optionalDependencies, .peerDependencies, .bundleDependencies, .overrides,
      .resolutions, .pnpm, .engines, .scripts.preinstall, .scripts.install, .scripts.postinstall]' package.json
    cat "$lock_file" .npmrc .yarnrc .yarnrc.yml pnpm-workspace.yaml 2> /dev/null
    find patches .yarn/patches -type f -exec sha256sum {} + 2> /dev/null | sort
    find "$env_dir" -type f -exec sha256sum {} + 2> /dev/null | sort
  } | sha256sum | cut -c 1-32
}

# An app without scripts is done when its layers are there: nothing of them is even copied.
dependencies_are_known() {
  install_key=$(dependencies_key)
  if $runs_scripts || $local_dependencies || [[ -e node_modules ]]; then return 1; fi
  layers_are_known || return 1
  declare_dependencies "$install_key"
}

layers_are_known() {
  layer_is_known runtime "$runtime_key" && layer_is_known dependencies "$install_key"
}

# Without a lock file two installs may differ, but one is as good as the other until package.json changes.
provide_dependencies() {
  use_registry
  export_config_vars
  manager_settings
  export CI=true NODE_ENV=${NODE_ENV:-production}
  read_directories
  restore_directories '!(node_modules/*)'
  if has_script heroku-prebuild; then run_script heroku-prebuild; fi
  if [[ $local_dependencies == false && $(cat "$cache_dir/installed" 2> /dev/null) == "$install_key" ]]; then
    restore_dependencies
  else
    install_dependencies
  fi
  finish_dependencies
}

install_dependencies() {
  header 'Installing dependencies'
  if $prebuilt; then note 'node_modules are checked in: rebuilding them, then installing what is missing.'
  else
    explain_locks
    if [[ -e node_modules ]]; then note "node_modules are checked in, but not used: $manager installs its own."; fi
    rm -rf node_modules
  fi
  install_with_manager
  if ! $plug_and_play; then mkdir -p node_modules; fi
  if [[ $(du -sm "$cache_dir" | cut -f 1) -gt 1024 ]]; then rm -rf "$cache_dir"/{npm,yarn,pnpm}; fi
  rm -rf "$cache_dir/node_modules" "$cache_dir/installed"
  # Apps without scripts have the layer itself, and what the package manager downloaded, to start from.
  if $local_dependencies || ! $runs_scripts; then return 0; fi
  cp -a node_modules "$cache_dir/node_modules"
  echo "$install_key" > "$cache_dir/installed"
}

explain_locks() {
  local own=package-lock.json
  if [[ -n $lock_file ]]; then return 0; fi
  case $manager in yarn) own=yarn.lock ;; pnpm) own=pnpm-lock.yaml ;; esac
  if [[ -n $other_lock ]]; then note "packageManager in package.json says $manager, which does not read $other_lock."; fi
  note "There is no $own: the newest versions that package.json allows are installed. Run \"$manager install\" and commit $own."
}

restore_dependencies() {
  header 'Dependencies unchanged: taken from the cache'
  rm -rf node_modules
  cp -a "$cache_dir/node_modules" node_modules
  local name
  for name in preinstall install postinstall preprepare prepare postprepare; do
    if has_script "$name"; then run_script "$name"; fi
  done
}

# Scripts seldom touch node_modules; when they do, the layer's key must say so.
finish_dependencies() {
  local before key=$install_key
  before=$(listing)
  restore_directories 'node_modules/*'
  if has_script heroku-postbuild; then run_script heroku-postbuild
  elif has_script build; then run_script build; fi
  if $runs_scripts; then save_directories; fi
  if [[ $(listing) != "$before" ]]; then key=''; fi
  if [[ $local_dependencies == false && -n $key ]] && ! has_script heroku-cleanup && layers_are_known; then
    rm -rf node_modules
  else
    prune
    before=$(listing)
    if has_script heroku-cleanup; then run_script heroku-cleanup; fi
    if [[ $(listing) != "$before" ]]; then key=''; fi
  fi
  forget_when
  if $plug_and_play; then declare_archives
  elif ! $local_dependencies; then declare_dependencies "${key:-$(listing)}"; fi
}

# Of nothing, with Plug'n'Play.
listing() {
  { find node_modules -name .cache -prune -o -printf '%P %y %s %T@ %l\n' 2> /dev/null || true; } | sort | sha256sum | cut -c 1-32
}

declare_dependencies() {
  declare_layer dependencies "$1" node_modules
}

run_script() {
  header "Running $1"
  script=$1
  note "$manager run $1"
  attempt explain_script "$manager" run "$1"
}
