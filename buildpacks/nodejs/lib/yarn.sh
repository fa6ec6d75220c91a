# shellcheck shell=bash disable=SC2034,SC2154
# Yarn 2 and later. Sets: plug_and_play, yarn_cache (the folder of the app that has the archives of packages, if one has).

berry() {
  [[ $manager_package == @yarnpkg/cli-dist ]]
}

# With Plug'n'Play the app loads packages from these archives; with a zero-install they are checked in.
read_yarn_settings() {
  plug_and_play=false yarn_cache='' zero_install=false
  if ! berry; then return 0; fi
  if [[ -n $(config_var YARN_PRODUCTION) ]]; then
    give_up 'Yarn 2 and later do not know the config var YARN_PRODUCTION: unset it, and set YARN2_SKIP_PRUNING=true if development dependencies are to stay.'
  fi
  local linker folder
  linker=$(yarn_setting nodeLinker YARN_NODE_LINKER)
  folder=$(yarn_setting cacheFolder YARN_CACHE_FOLDER)
  if [[ -z $folder || $folder == [/~]* || $folder == *..* ]]; then folder=.yarn/cache; fi
  if compgen -G "$folder/*.zip" > /dev/null; then zero_install=true yarn_cache=$folder; fi
  if [[ ${linker:-pnp} == pnp ]]; then plug_and_play=true yarn_cache=$folder local_dependencies=true; fi
}

# yarn_setting NAME VARIABLE: of the config var, or else of .yarnrc.yml.
yarn_setting() {
  local value
  value=$(config_var "$2")
  if [[ -z $value && -f .yarnrc.yml ]]; then value=$(sed -nE "s/^$1:[[:space:]]*[\"']?([^\"' #]+).*/\1/p" .yarnrc.yml | head -n 1); fi
  echo "${value#./}"
}

yarn_environment() {
  export YARN_CACHE_FOLDER=$cache_dir/yarn YARN_IGNORE_PATH=0
  if ! berry; then return 0; fi
  export YARN_ENABLE_GLOBAL_CACHE=false
  if [[ -n $yarn_cache ]]; then YARN_CACHE_FOLDER=$build_dir/$yarn_cache; fi
}

# Archives that an earlier build fetched; those that are no longer needed, Yarn removes.
install_with_berry() {
  local fetched=false
  if [[ -n $yarn_cache && $zero_install == false ]]; then fetched=true; fi
  if $fetched && [[ -d $cache_dir/yarn ]]; then
    mkdir -p "$yarn_cache"
    cp -a "$cache_dir/yarn/." "$yarn_cache"
  fi
  if [[ -n $lock_file ]]; then
    run_installer yarn install --immutable
  else
    # Without one, Yarn looks for the app's folder further up.
    touch yarn.lock
    run_installer yarn install --no-immutable
  fi
  if $fetched && [[ -d $yarn_cache ]]; then
    rm -rf "$cache_dir/yarn"
    cp -a "$yarn_cache" "$cache_dir/yarn"
  fi
}

prune_with_berry() {
  local version
  version=$(yarn --version)
  if [[ ${version%%.*} -lt 4 ]] && ! grep -qs plugin-workspace-tools .yarnrc.yml; then
    note "Yarn $version takes nothing out: run \"yarn plugin import workspace-tools\" and commit the plugin, or use Yarn 4."
    return 0
  fi
  run_installer yarn workspaces focus --all --production
}

# The archives are a layer of their own: code changes more often.
declare_archives() {
  if [[ ! -d $yarn_cache ]]; then return 0; fi
  declare_layer archives "$({ echo "$runtime_key"; find "$yarn_cache" -type f -printf '%P %s\n' | sort; } | digest)" "$yarn_cache"
}
