# shellcheck shell=bash disable=SC2034,SC2154
# The package managers: how each installs, prunes, and which version of it to take.

lock_version() {
  if [[ $lock_file == pnpm-lock.yaml ]]; then sed -n "s/^lockfileVersion: *['\"]\{0,1\}\([0-9]*\).*/\1/p" pnpm-lock.yaml | head -n 1; fi
}

resolve_manager() {
  local said range
  said=$(field .packageManager)
  range=$(field ".engines.$manager")
  if [[ $said == "$manager"@* ]]; then range=$(exact_version "$said"); fi
  manager_package=$manager
  case $manager in
    yarn)
      if [[ -z $range ]]; then range=1; if [[ -f .yarnrc.yml ]]; then range=4; fi; fi
      if [[ ! $range =~ ^[~^=v]*1(\.|$) ]]; then manager_package=@yarnpkg/cli-dist; fi
      ;;
    pnpm)
      if [[ -z $range ]]; then
        case $(lock_version) in 5) range=7 ;; 6) range=8 ;; *) range=10 ;; esac
      fi
      ;;
  esac
  manager_version=$(choose_version "$manager_package" "$range")
}

pnpm_program() {
  local program=bin/$1.cjs
  if [[ ! -f $runtime_dir/lib/node_modules/pnpm/$program && ${manager_version%%.*} -ge 11 ]]; then program=bin/$1.mjs; fi
  echo "$program"
}

# What each manager downloads is kept; none may bring another version of itself.
manager_settings() {
  case $manager in
    npm) export npm_config_cache=$cache_dir/npm ;;
    yarn) export YARN_CACHE_FOLDER=$cache_dir/yarn YARN_IGNORE_PATH=0 ;;
    pnpm) export npm_config_store_dir=$cache_dir/pnpm npm_config_manage_package_manager_versions=false ;;
  esac
}

berry() {
  [[ $manager_package == @yarnpkg/cli-dist ]]
}

# With development dependencies only when a script of the app may need them.
install_with_manager() {
  local development=$runs_scripts
  case $manager in
    npm)
      local verb=ci omit=(--omit=dev)
      if [[ -z $lock_file ]]; then verb=install; fi
      if $development; then omit=(--include=dev); fi
      announced npm "$verb" "${omit[@]}" --prefer-offline --no-audit --no-fund
      ;;
    yarn)
      if berry; then announced yarn install --immutable; return; fi
      announced yarn install --frozen-lockfile --prefer-offline --non-interactive --production="$($development && echo false || echo true)"
      ;;
    pnpm)
      announced pnpm install --frozen-lockfile --prefer-offline --prod="$($development && echo false || echo true)"
      ;;
  esac
}

prune_with_manager() {
  header 'Taking development dependencies out'
  case $manager in
    npm) announced npm prune --omit=dev --ignore-scripts --no-audit --no-fund ;;
    yarn)
      if berry; then announced yarn workspaces focus --all --production; return; fi
      announced yarn install --frozen-lockfile --offline --non-interactive --production=true --ignore-scripts --ignore-engines
      ;;
    pnpm) announced pnpm prune --prod --ignore-scripts ;;
  esac
}

# Managers note when they ran: without that, an install of the same is the same to the byte.
forget_when() {
  local pnpm_state=(node_modules/.pnpm-workspace-state*.json)
  rm -f .yarn/install-state.gz
  rmdir .yarn 2> /dev/null || true
  if [[ -f node_modules/.modules.yaml ]]; then sed -i '/^ *"\{0,1\}prunedAt"\{0,1\}:/d' node_modules/.modules.yaml; fi
  # Later than any file of the app: its own manager has nothing to look over when the app starts.
  if [[ -f ${pnpm_state[0]} ]]; then sed -i 's/\("lastValidatedTimestamp": *\)[0-9]*/\14102444800000/' "${pnpm_state[@]}"; fi
}
