# shellcheck shell=bash disable=SC2034,SC2154
# node_modules: installed, restored from the cache, or left out because the Builder has that very layer already.

# Digest of all that decides what an install gives, apart from the registry's mood.
dependencies_key() {
  {
    echo "$runtime_key $runs_scripts ${STACK:-}"
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
  layer_is_known runtime "$runtime_key" && layer_is_known dependencies "$install_key" || return 1
  declare_dependencies "$install_key"
}

# Without a lock file two installs may differ, but one is as good as the other until package.json changes.
provide_dependencies() {
  use_registry
  export_config_vars
  manager_settings
  export CI=true NODE_ENV=${NODE_ENV:-production}
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
  if [[ -z $lock_file ]]; then note 'There is no lock file: versions are chosen anew when package.json changes.'; fi
  rm -rf node_modules
  install_with_manager
  mkdir -p node_modules
  if [[ $(du -sm "$cache_dir" | cut -f 1) -gt 1024 ]]; then rm -rf "$cache_dir"/{npm,yarn,pnpm}; fi
  rm -rf "$cache_dir/node_modules" "$cache_dir/installed"
  # Apps without scripts have the layer itself, and what the package manager downloaded, to start from.
  if $local_dependencies || ! $runs_scripts; then return 0; fi
  cp -a node_modules "$cache_dir/node_modules"
  echo "$install_key" > "$cache_dir/installed"
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
  local before after
  before=$(listing)
  if has_script heroku-postbuild; then run_script heroku-postbuild
  elif has_script build; then run_script build; fi
  after=$(listing)
  if $local_dependencies; then
    if $prunes; then prune_with_manager; fi
  elif [[ $before != "$after" ]]; then
    if $prunes; then prune_with_manager; fi
    declare_dependencies "$(listing)"
  elif $prunes && ! layer_is_known dependencies "$install_key"; then
    prune_with_manager
    declare_dependencies "$install_key"
  else
    declare_dependencies "$install_key"
    if layer_is_known runtime "$runtime_key" && layer_is_known dependencies "$install_key"; then rm -rf node_modules; fi
  fi
  forget_when
}

listing() {
  find node_modules -name .cache -prune -o -printf '%P %y %s %T@ %l\n' 2> /dev/null | sort | sha256sum | cut -c 1-32
}

declare_dependencies() {
  declare_layer dependencies "$1" node_modules
}

run_script() {
  header "Running $1"
  announced "$manager" run "$1"
}
